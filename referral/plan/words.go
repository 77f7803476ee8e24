package plan

import (
	"fmt"
	"strings"

	"homestore/clienteling/shop"
)

// roleNames are what people call the roles.
var roleNames = map[Role]shop.Text{
	HomeStore:    say("歸屬門市", "home store"),
	HomeStaff:    say("歸屬店員", "home staff"),
	DisplayStore: say("展示門市", "display store"),
	DisplayStaff: say("展示店員", "display staff"),
	AssistStaff:  say("協助店員", "assisting staff"),
	SellingStore: say("成交門市", "selling store"),
	SellingStaff: say("成交店員", "selling staff"),
	OnlineTeam:   say("電商團隊", "online team"),
	PickupStore:  say("取貨門市", "pickup store"),
	PackingStore: say("出貨門市", "packing store"),
}

// Name is what people call the role; the role itself where nobody gave it a name.
func (r Role) Name(lang shop.Language) string {
	if name, ok := roleNames[r][lang]; ok {
		return name
	}
	return string(r)
}

var storeKindNames = map[string]shop.Text{
	"shop":     say("一般門市", "a shop"),
	Counter:    say("專櫃", "a counter"),
	"online":   say("網路商店", "the online store"),
	"popup":    say("快閃店", "a pop-up"),
	"reseller": say("通路", "a reseller"),
}

var channelNames = map[string]shop.Text{"online": say("網路訂單", "online orders"), "till": say("門市結帳", "sales at the till")}

var customerNames = map[string]shop.Text{NewCustomer: say("新客", "new customers"), ReturningCustomer: say("回購客", "returning customers")}

func say(chinese, english string) shop.Text {
	return shop.Text{shop.TraditionalChinese: chinese, shop.English: english}
}

// Words are the conditions as a shop manager would say them.
func (w When) Words(lang shop.Language) string {
	var all []string
	add := func(isSaid bool, t shop.Text) {
		if isSaid {
			all = append(all, t[lang])
		}
	}
	add(w.Channel != "", channelNames[w.Channel])
	add(w.StoreKind != "", storeKindNames[w.StoreKind])
	add(w.Category != "", say("分類「"+w.Category+"」", fmt.Sprintf("category %q", w.Category)))
	add(w.SKU != "", say("商品「"+w.SKU+"」", fmt.Sprintf("article %q", w.SKU)))
	add(w.Tag != "", say("條碼「"+w.Tag+"」", fmt.Sprintf("tag %q", w.Tag)))
	add(w.Campaign != "", say("活動「"+w.Campaign+"」", fmt.Sprintf("campaign %q", w.Campaign)))
	add(w.Customer != "", customerNames[w.Customer])
	if w.BondMinDays != nil {
		add(true, say(fmt.Sprintf("歸屬滿 %d 天", *w.BondMinDays), "bound for "+counted(*w.BondMinDays)+" or more"))
	}
	if w.BondMaxDays != nil {
		add(true, say(fmt.Sprintf("歸屬未滿 %d 天", *w.BondMaxDays), "bound for less than "+counted(*w.BondMaxDays)))
	}
	if len(all) == 0 {
		return say("任何情況", "every case")[lang]
	}
	return strings.Join(all, say("、", ", ")[lang])
}

func counted(days int) string {
	if days == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", days)
}

// Percent writes basis points as people read them: 250 is 2.5.
func Percent(bp int64) string {
	s := fmt.Sprintf("%d.%02d", bp/100, bp%100)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}
