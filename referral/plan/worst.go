package plan

import (
	"math/big"
	"slices"
)

// worst is the dearest line that a plan can meet: what rates of one line add up to when everybody has a claim who can.
type worst struct {
	sale   *big.Rat // basis points of the base; under the order's cap
	parcel int64    // of who packs it or hands it over, outside the cap
	rules  []int    // that pay it, by number

	isExact bool // false: there were too many cases to try, and it may be less
}

func (w worst) total() *big.Rat { return new(big.Rat).Add(w.sale, big.NewRat(w.parcel, 1)) }

// line is what one line of an order has in common for all claims on it.
type line struct{ channel, category, sku, campaign, customer string }

// pay is what one or two rules give together, in basis points.
type pay struct {
	bp    int64
	rules []int
}

// or is the dearer of two; of two alike the first.
func (a pay) or(b pay) pay {
	if b.bp > a.bp {
		return b
	}
	return a
}

// mostCases bounds how many combinations of conditions are tried one by one, each in every kind of store. Beyond, each group's
// dearest rule is taken whatever the other groups' conditions are: that may say more than can happen, never less.
const mostCases = 200_000

// Dearest is the most that the shares of a sale may come to, in basis points of its bases and before any cap.
func (p *Plan) Dearest() *big.Rat { return p.dearest().sale }

// dearest tries every line that the rules can tell apart.
func (p *Plan) dearest() worst {
	v := p.values()
	if v.cases()*len(p.Rules) > mostCases {
		return p.dearestOfAll()
	}
	most := worst{sale: new(big.Rat)}
	for _, l := range v.lines(p) {
		most = dearer(most, p.together(p.groupsOf(l, v), l.channel))
	}
	return most
}

func dearer(a, b worst) worst {
	if b.total().Cmp(a.total()) > 0 {
		return b
	}
	return a
}

// groups are the most that claims of each sort earn of a line; those that stand under one store are weighed together.
type groups struct{ homeStore, home, display, assist, sellingStore, selling, online, parcel pay }

func (p *Plan) groupsOf(l line, v values) groups {
	c := Conditions{Channel: l.channel, Category: l.category, SKU: l.sku, Campaign: l.campaign, Customer: l.customer}
	bound := c
	bound.Bound = l.customer != ""
	g := groups{
		display: p.mostOf(c, v.tags, nil, DisplayStore, DisplayStaff), assist: p.mostOf(c, nil, nil, AssistStaff),
		sellingStore: p.mostOf(c, nil, nil, SellingStore), selling: p.mostOf(c, nil, nil, SellingStore, SellingStaff),
		online: p.mostOf(c, nil, nil, OnlineTeam), parcel: p.mostOf(c, nil, nil, PickupStore).or(p.mostOf(c, nil, nil, PackingStore)),
	}
	if bound.Bound {
		g.homeStore, g.home = p.mostOf(bound, nil, v.bonds, HomeStore), p.mostOf(bound, nil, v.bonds, HomeStore, HomeStaff)
	}
	return g
}

// mostOf is the most that the roles earn together under one store, whatever its kind, the tag and the age of the bond.
func (p *Plan) mostOf(c Conditions, tags []string, bonds []int, roles ...Role) pay {
	var most pay
	for _, c.StoreKind = range storeKinds {
		for _, c.Tag = range append([]string{""}, tags...) {
			for _, bond := range append([]int{0}, bonds...) {
				c.Bond = days(bond)
				most = most.or(p.payOf(c, roles))
			}
		}
	}
	return most
}

func (p *Plan) payOf(c Conditions, roles []Role) (sum pay) {
	for _, role := range roles {
		if rule, number, ok := p.Rule(role, c); ok && rule.RateBP > 0 {
			sum.bp, sum.rules = sum.bp+rule.RateBP, append(sum.rules, number)
		}
	}
	return sum
}

// party is a claim that stands or does not; a person among them is who yields.
type party struct {
	pay
	isPerson bool
}

// together is the dearest set of claims that can stand beside one another under the plan's conflict rules.
func (p *Plan) together(g groups, channel string) worst {
	most := worst{sale: new(big.Rat)}
	sellers := []party{{g.online, false}}
	if channel == "till" {
		sellers = []party{{g.sellingStore, false}, {g.selling, true}}
	}
	for _, home := range []party{{}, {g.homeStore, false}, {g.home, true}} {
		for _, assistant := range []party{{}, {g.assist, true}} {
			for _, seller := range sellers {
				if p.meet(home, assistant, seller) {
					most = dearer(most, p.sumOf(g, home, assistant, seller))
				}
			}
		}
	}
	return most
}

// meet says whether nobody of them yields to another: home staff and the assistant or the seller do, as the plan says.
func (p *Plan) meet(home, assistant, seller party) bool {
	yields := assistant.isPerson && p.Conflict.AssistHome != Both || seller.isPerson && p.Conflict.SellingHome != Both
	return !home.isPerson || !yields
}

func (p *Plan) sumOf(g groups, home, assistant, seller party) worst {
	w := p.withDisplay(home.pay, g.display)
	w.sale.Add(w.sale, big.NewRat(assistant.bp+seller.bp, 1))
	w.parcel, w.isExact = g.parcel.bp, true
	w.rules = slices.Concat(w.rules, assistant.rules, seller.rules, g.parcel.rules)
	slices.Sort(w.rules)
	return w
}

// withDisplay is home and a display as they stand together. With same_store both, a display at the home store itself meets no
// other rule. Split by weights they never come to more than the dearer of them alone.
func (p *Plan) withDisplay(home, display pay) worst {
	h, d := big.NewRat(home.bp, 1), big.NewRat(display.bp, 1)
	both := worst{sale: new(big.Rat).Add(h, d), rules: slices.Concat(home.rules, display.rules)}
	if home.bp == 0 || display.bp == 0 || p.Conflict.HomeDisplay == Both || p.Conflict.SameStore == Both {
		return both
	}
	return dearer(worst{sale: h, rules: slices.Clone(home.rules)}, worst{sale: d, rules: slices.Clone(display.rules)})
}

// dearestOfAll takes the dearest rule of each role, whatever its conditions.
func (p *Plan) dearestOfAll() worst {
	most := worst{sale: new(big.Rat)}
	for _, channel := range channels {
		var g groups
		for _, at := range []struct {
			pay   *pay
			roles []Role
		}{
			{&g.homeStore, []Role{HomeStore}}, {&g.home, []Role{HomeStore, HomeStaff}}, {&g.display, []Role{DisplayStore, DisplayStaff}},
			{&g.assist, []Role{AssistStaff}}, {&g.sellingStore, []Role{SellingStore}}, {&g.selling, []Role{SellingStore, SellingStaff}},
			{&g.online, []Role{OnlineTeam}},
		} {
			*at.pay = p.dearestRules(channel, at.roles)
		}
		g.parcel = p.dearestRules(channel, []Role{PickupStore}).or(p.dearestRules(channel, []Role{PackingStore}))
		most = dearer(most, p.together(g, channel))
	}
	most.isExact = false
	return most
}

func (p *Plan) dearestRules(channel string, roles []Role) (sum pay) {
	for _, role := range roles {
		most, number := int64(0), 0
		for i, r := range p.Rules {
			if r.Role == role && r.RateBP > most && agrees(r.When.Channel, channel) {
				most, number = r.RateBP, i+1
			}
		}
		if number > 0 {
			sum.bp, sum.rules = sum.bp+most, append(sum.rules, number)
		}
	}
	return sum
}

// values are what the rules' conditions name, and beside them always something else.
type values struct {
	categories, skus, campaigns, tags []string
	bonds                             []int
}

const somethingElse = "\x00" // no condition can name it

func (p *Plan) values() values {
	v := values{categories: []string{somethingElse}, skus: []string{somethingElse}, campaigns: []string{""}, tags: []string{somethingElse}}
	for _, r := range p.Rules {
		for _, f := range []struct {
			named string
			into  *[]string
		}{{r.When.Category, &v.categories}, {r.When.SKU, &v.skus}, {r.When.Campaign, &v.campaigns}, {r.When.Tag, &v.tags}} {
			if f.named != "" && !slices.Contains(*f.into, f.named) {
				*f.into = append(*f.into, f.named)
			}
		}
		for _, n := range []*int{r.When.BondMinDays, r.When.BondMaxDays} {
			if n != nil && !slices.Contains(v.bonds, *n) {
				v.bonds = append(v.bonds, *n)
			}
		}
	}
	return v
}

// cases is how many combinations there are at most, counted before one is made: three facts of 250 values make more than fit.
func (v values) cases() int {
	lines := len(v.categories) * len(v.skus) * len(v.campaigns) * (len(customers) + 1) * len(channels)
	return lines * (len(v.bonds) + len(v.tags) + 2) // 2: no bond that is named, no tag
}

// lines are every line that the rules can tell apart, but for goods that the plan excludes.
func (v values) lines(p *Plan) []line {
	var all []line
	for _, category := range v.categories {
		for _, sku := range v.skus {
			if p.Excludes(sku, category) {
				continue
			}
			for _, campaign := range v.campaigns {
				for _, customer := range []string{"", NewCustomer, ReturningCustomer} {
					for _, channel := range channels {
						all = append(all, line{channel, category, sku, campaign, customer})
					}
				}
			}
		}
	}
	return all
}
