package plan

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"homestore/clienteling/shop"
)

// Each of these looks for one mistake and says it in words that somebody who runs shops understands.

func (l *lint) paysNobody() {
	if !slices.ContainsFunc(l.p.Rules, func(r Rule) bool { return r.RateBP > 0 || r.FixedMinor > 0 }) {
		l.add(PaysNobody, Warning, say("這個方案不會付給任何人。", "This plan pays nobody anything."))
	}
}

func (l *lint) unreachable() {
	for _, n := range l.hidden {
		role, when := l.p.Rules[n-1].Role, l.p.Rules[n-1].When
		l.add(RuleUnreachable, Error, say(
			fmt.Sprintf("規則 %d（%s：%s）永遠不會用到：前面的規則已涵蓋所有情況，或它的條件不可能同時成立。請刪除它，或移到前面。", n, role.Name(shop.TraditionalChinese), when.Words(shop.TraditionalChinese)),
			fmt.Sprintf("Rule %d (%s: %s) can never decide: earlier rules take every case, or its own conditions never hold together. Delete it or move it up.", n, role.Name(shop.English), when.Words(shop.English)),
		), n)
	}
}

func (l *lint) overlapping() {
	for _, o := range l.p.overlaps(l.hidden) {
		first := o.earlier[0]
		text := func(lang shop.Language, format string) string {
			return fmt.Sprintf(format, o.later, l.p.Rules[o.later-1].Role.Name(lang), o.when.Words(lang), first, l.pays(first, lang), o.later, l.pays(o.later, lang))
		}
		l.add(RulesOverlap, Warning, say(
			text(shop.TraditionalChinese, "規則 %d（%s）有一部分被前面的規則蓋過：遇到「%s」時，由規則 %d 決定（%s），而不是規則 %d（%s）。"),
			text(shop.English, "Rule %d (%s) is partly hidden by an earlier one: for %s, rule %d decides (%s) and not rule %d (%s)."),
		), append(slices.Clone(o.earlier), o.later)...)
	}
}

// pays is what a rule gives, in words.
func (l *lint) pays(number int, lang shop.Language) string {
	r := l.p.Rules[number-1]
	if r.FixedMinor == 0 {
		return Percent(r.RateBP) + " %"
	}
	fee := say(fmt.Sprintf("每件 %d", r.FixedMinor), fmt.Sprintf("%d per parcel", r.FixedMinor))[lang]
	if r.RateBP == 0 {
		return fee
	}
	return fee + " + " + Percent(r.RateBP) + " %"
}

func (l *lint) aboveWhole() {
	w := l.dearest
	if w.total().Cmp(big.NewRat(wholeBP, 1)) <= 0 {
		return
	}
	severity, chinese, english := Error, "", ""
	if !w.isExact {
		severity, chinese, english = Warning, "（條件太多，無法逐一比對，實際上可能較低）", " There are too many conditions to try each case, so it may be less in fact."
	}
	most := -shop.Floor(new(big.Rat).Neg(w.total())) // up: what is above the whole is not said to be the whole
	l.add(SharesAboveWhole, severity, say(
		fmt.Sprintf("所有角色同時成立時，一筆商品的分潤合計可達 %s %%，超過商品本身的金額。%s", Percent(most), chinese),
		fmt.Sprintf("When everybody has a claim who can, the shares of one line come to %s %% of it, which is more than it sold for.%s", Percent(most), english),
	), w.rules...)
}

func (l *lint) aboveCap() {
	w := l.dearest
	if l.p.OrderCapMinor == nil || w.sale.Sign() == 0 {
		return
	}
	limit := *l.p.OrderCapMinor
	from := shop.Floor(new(big.Rat).Quo(new(big.Rat).Mul(big.NewRat(limit, 1), big.NewRat(wholeBP, 1)), w.sale))
	rate := Percent(shop.Floor(w.sale))
	l.add(OrderCapCuts, Warning, say(
		fmt.Sprintf("分潤合計最高可達 %s %%。訂單金額超過 %d（最小貨幣單位）時，可能碰到每單上限 %d，此時所有人的分潤會按比例減少。", rate, from, limit),
		fmt.Sprintf("Shares come to as much as %s %%. From an order of more than %d (in the currency's smallest unit) on they may exceed the order's cap of %d, and then everybody's share is cut alike.", rate, from, limit),
	))
}

// roleGroups are roles that one claim stands behind: who has a rule for one of them wants goods to count for it.
var roleGroups = []struct {
	roles []Role
	name  shop.Text
}{
	{[]Role{HomeStore, HomeStaff}, say("歸屬", "home")}, {[]Role{DisplayStore, DisplayStaff}, say("展示", "display")}, {[]Role{AssistStaff}, say("協助", "assistance")},
	{[]Role{SellingStore, SellingStaff}, say("成交", "selling")}, {[]Role{OnlineTeam}, say("電商團隊", "the online team")}, {[]Role{PickupStore, PackingStore}, say("取貨與出貨", "pickup and packing")},
}

func (l *lint) categories() {
	for _, group := range roleGroups {
		numbers := l.reachable(group.roles...)
		var without []string
		for _, category := range l.known.Categories {
			isCovered := slices.ContainsFunc(numbers, func(n int) bool {
				w := l.p.Rules[n-1].When
				return w.SKU == "" && agrees(w.Category, category)
			})
			if !isCovered && !l.p.Excludes("", category) {
				without = append(without, category)
			}
		}
		if len(numbers) == 0 || len(without) == 0 {
			continue
		}
		names := strings.Join(without, ", ")
		l.add(CategoryWithoutRule, Warning, say(
			fmt.Sprintf("以下分類沒有「%s」的規則，賣出時這些角色拿不到分潤：%s。", group.name[shop.TraditionalChinese], names),
			fmt.Sprintf("No rule of %s covers these categories, so nobody earns from them as such: %s.", group.name[shop.English], names),
		))
	}
}

func (l *lint) tags() {
	if l.known.Tags == nil {
		return
	}
	for i, r := range l.p.Rules {
		if r.When.Tag == "" {
			continue
		}
		inUse, exists := l.known.Tags[r.When.Tag]
		switch {
		case !exists:
			l.add(TagUnknown, Error, say(
				fmt.Sprintf("規則 %d 指定的條碼「%s」不存在。", i+1, r.When.Tag), fmt.Sprintf("Rule %d is about tag %q, which does not exist.", i+1, r.When.Tag)), i+1)
		case !inUse:
			l.add(TagRetired, Warning, say(
				fmt.Sprintf("規則 %d 指定的條碼「%s」已停用，之後不會再有人掃到它。", i+1, r.When.Tag), fmt.Sprintf("Rule %d is about tag %q, which is retired: nobody will scan it any more.", i+1, r.When.Tag)), i+1)
		}
	}
}

// steps finds steps at which reaching more pays less.
func (l *lint) steps() {
	for _, t := range l.p.Tiers {
		for i := 1; i < len(t.Steps); i++ {
			if t.Steps[i].ExtraBP < t.Steps[i-1].ExtraBP {
				l.paysLess(t.Role, say("級距", "tiers"), i+1)
			}
		}
	}
	for _, t := range l.p.Targets {
		for i := 1; i < len(t.Steps); i++ {
			if t.Steps[i].ExtraBP < t.Steps[i-1].ExtraBP || t.Steps[i].BonusMinor < t.Steps[i-1].BonusMinor {
				l.paysLess(t.Role, say("業績目標", "targets"), i+1)
			}
		}
	}
}

func (l *lint) paysLess(role Role, what shop.Text, step int) {
	l.add(StepsPayLess, Warning, say(
		fmt.Sprintf("%s的%s第 %d 級比前一級付得少：業績更好，卻拿得更少。", role.Name(shop.TraditionalChinese), what[shop.TraditionalChinese], step),
		fmt.Sprintf("In the %s of %s, step %d pays less than the one before: who reaches more gets less.", what[shop.English], role.Name(shop.English), step)))
}

func (l *lint) months() {
	for _, role := range Roles {
		least, hasLeast := l.p.MonthMinMinor[role]
		most, hasMost := l.p.MonthCapMinor[role]
		if hasLeast && hasMost && least > most {
			l.add(MonthMinAboveCap, Error, say(
				fmt.Sprintf("%s的每月保底 %d 高於每月上限 %d。", role.Name(shop.TraditionalChinese), least, most),
				fmt.Sprintf("The monthly minimum of %s, %d, is above its monthly cap, %d.", role.Name(shop.English), least, most)))
		}
	}
}

// rolesWithoutRule finds what a month's volume pays to roles that never have any. A bonus for a target needs no volume.
func (l *lint) rolesWithoutRule() {
	paid := map[Role]shop.Text{}
	for _, t := range l.p.Targets {
		if slices.ContainsFunc(t.Steps, func(s TargetStep) bool { return s.ExtraBP > 0 }) {
			paid[t.Role] = say("業績目標", "targets")
		}
	}
	for _, t := range l.p.Tiers {
		paid[t.Role] = say("級距", "tiers")
	}
	for _, role := range Roles {
		what, isPaid := paid[role]
		if isPaid && len(l.reachable(role)) == 0 {
			l.add(RoleWithoutRule, Error, say(
				fmt.Sprintf("%s有%s，卻沒有任何規則，因此永遠不會有業績可算。", role.Name(shop.TraditionalChinese), what[shop.TraditionalChinese]),
				fmt.Sprintf("There is no rule for %s, so its %s never have any volume to pay by.", role.Name(shop.English), what[shop.English])))
		}
	}
}

func (l *lint) weights() {
	if l.p.Display.Choice != ByWeight && len(l.p.Display.Weights) > 0 {
		l.add(WeightsUnused, Warning, say(
			"設定了展示位置的權重，但展示的選擇方式不是 weight，所以權重不會生效。",
			"There are weights of placements, but the choice among displays is not weight, so they have no effect."))
	}
}

func (l *lint) leaver() {
	l.add(LeaverUnsaid, Warning, say(
		"方案沒有寫離職條款。預設為 keep：離職者保留尚未可領的分潤。若要歸入最後門市的團獎，請寫 leaver: pool。",
		"The plan has no leaver clause. The default is keep: who leaves keeps what is still pending. Write leaver: pool to give it to the pool of her last store."))
}

func (l *lint) pool() {
	l.add(PoolWithoutHours, Warning, say(
		"團獎在月結時依工時分配。結帳前請填入各門市當月工時；沒有工時的月份，團獎會留著不分。",
		"What goes to a pool is divided at the month's close by hours worked. Tell each store's hours before closing; in a month without hours it stays in the pool."))
}
