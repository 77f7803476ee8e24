package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
	"homestore/notify/campaign"
	"homestore/notify/device"
	"homestore/notify/offer"
	"homestore/notify/push"
	"homestore/referral/binding"
	"homestore/referral/label"
	"homestore/referral/plan"
	"homestore/referral/tag"
)

// things are what an operation can name, by kind: each makes a fresh one that belongs to a place, its shop, its clerk or its
// customer, and returns what the operation calls it by. A kind whose things are of the whole brand ignores the shop.
var things = map[string]func(*cast, *testing.T, *castStore) string{
	"store":           func(_ *cast, _ *testing.T, p *castStore) string { return p.store.String() },
	"spare store":     (*cast).spareStore,
	"succession":      (*cast).succession,
	"staff":           func(c *cast, t *testing.T, p *castStore) string { return c.takeOn(t, p).String() },
	"clerk":           func(_ *cast, _ *testing.T, p *castStore) string { return p.clerk.id.String() },
	"assignment":      (*cast).assign,
	"device":          func(c *cast, t *testing.T, p *castStore) string { id, _ := c.enrol(t, p); return id.String() },
	"integration key": func(c *cast, t *testing.T, p *castStore) string { return c.integrationKey(t, p.brand).id.String() },
	"platform key":    (*cast).platformKey,
	"tag":             func(c *cast, t *testing.T, p *castStore) string { return c.issue(t, p, tag.Spec{}).ID.String() },
	"draft tag": func(c *cast, t *testing.T, p *castStore) string {
		return c.issue(t, p, tag.Spec{Draft: true}).ID.String()
	},
	"paused tag":     (*cast).pausedTag,
	"tag batch":      (*cast).tagBatch,
	"tag alarm":      (*cast).tagAlarm,
	"template":       (*cast).template,
	"label template": (*cast).labelTemplate,
	"template name":  func(c *cast, _ *testing.T, _ *castStore) string { return fmt.Sprint("t", c.next()) }, // of one to be made
	"tag code":       func(c *cast, t *testing.T, p *castStore) string { return string(c.issue(t, p, tag.Spec{}).Code) },
	"statement":      (*cast).statement,
	"adjustment":     (*cast).adjustment, "spare adjustment": (*cast).adjustment,
	"order":           func(c *cast, t *testing.T, p *castStore) string { id, _ := c.sell(t, p); return id.String() },
	"order name":      func(c *cast, t *testing.T, p *castStore) string { _, name := c.sell(t, p); return name },
	"customer":        func(c *cast, t *testing.T, p *castStore) string { return c.win(t, p).String() },
	"offer":           func(c *cast, t *testing.T, p *castStore) string { return c.offer(t, p, true).String() },
	"draft offer":     func(c *cast, t *testing.T, p *castStore) string { return c.offer(t, p, false).String() },
	"campaign":        (*cast).plan,
	"held claim":      (*cast).heldClaim,
	"held order":      (*cast).heldOrder,
	"plan draft":      func(c *cast, t *testing.T, p *castStore) string { return c.draftPlan(t, p).ID.String() },
	"plan version":    (*cast).planVersion,
	"my claim":        (*cast).myClaim,
	"dispute":         (*cast).dispute,
	"message":         (*cast).message,
	"phone":           func(c *cast, t *testing.T, p *castStore) string { return c.phone(t, p, p.customer.id).String() },
	"delivery":        (*cast).delivery,
	"member code":     (*cast).memberCode,
	"click":           (*cast).click,
	"enrolment code":  (*cast).enrolmentCode,
	"store code":      func(_ *cast, _ *testing.T, p *castStore) string { return codeAt(p, "XINYI", abroadStore) },
	"employee number": func(_ *cast, _ *testing.T, p *castStore) string { return codeAt(p, "X001", abroadStaff) },
	"brand":           func(_ *cast, _ *testing.T, p *castStore) string { return p.slug },
	"tablet":          func(_ *cast, _ *testing.T, p *castStore) string { return p.tablet },
	"file":            func(*cast, *testing.T, *castStore) string { return "page.js" },
	"sku":             func(*cast, *testing.T, *castStore) string { return "LAMP-PAPER" },
}

// codeAt: codes are a brand's own, so only one that the first brand does not have is foreign to it.
func codeAt(p *castStore, ours, theirs string) string {
	if p.slug == abroadSlug {
		return theirs
	}
	return ours
}

// next numbers what is made, over the whole test.
func (c *cast) next() int { return int(c.made.Add(1)) }

// spareStore is one of the brand's in which nobody works, so that it may close.
func (c *cast) spareStore(t *testing.T, p *castStore) string {
	t.Helper()
	made, err := c.house.teams.AddStore(t.Context(), shop.System(p.brand), team.Store{
		Code: fmt.Sprint("SPARE", c.next()), Name: shop.Text{shop.TraditionalChinese: "備用"}, Kind: team.Shop, OpenedOn: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC),
	})
	if err != nil {
		t.Fatal(err)
	}
	return made.ID.String()
}

// succession is somebody of the shop leaving, and so her customer's.
func (c *cast) succession(t *testing.T, p *castStore) string {
	t.Helper()
	who := c.takeOn(t, p)
	_, err := c.house.bindings.Transfer(t.Context(), shop.System(p.brand), binding.Transfer{Customers: []shop.ID{c.win(t, p)}, Store: p.store, Staff: who, Reason: "hers"})
	if err != nil {
		t.Fatal(err)
	}
	made, err := c.house.bindings.StaffLeaves(t.Context(), shop.System(p.brand), binding.Departure{Staff: who})
	if err != nil {
		t.Fatal(err)
	}
	return made.Succession.ID.String()
}

// draftPlan is a plan that somebody of head office wrote who is none of the cast, so that each of it may approve it.
func (c *cast) draftPlan(t *testing.T, p *castStore) plan.Draft {
	t.Helper()
	n := c.next() + 1000
	text := fmt.Sprintf(`{"version": %d, "first_day": %q, "leaver": "keep", "rules": [{"role": "home_store", "rate_bp": 300}]}`, n, time.Now().AddDate(0, 0, n).Format(time.DateOnly))
	var w plan.Written
	if err := json.Unmarshal([]byte(text), &w); err != nil {
		t.Fatal(err)
	}
	made, err := c.house.plans.Draft(t.Context(), shop.Actor{Brand: p.brand, Role: shop.RoleHQ, ID: c.takeOn(t, p)}, shop.ID{}, w)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func (c *cast) planVersion(t *testing.T, p *castStore) string {
	t.Helper()
	d := c.draftPlan(t, p)
	done, err := c.house.plans.Approve(t.Context(), shop.Actor{Brand: p.brand, Role: shop.RoleHQ, ID: c.takeOn(t, p)}, d.ID, plan.Approval{Revision: d.Revision})
	if err != nil {
		t.Fatal(err)
	}
	return done.Version.String()
}

func (c *cast) takeOn(t *testing.T, p *castStore) shop.ID {
	t.Helper()
	made, err := c.house.teams.AddStaff(t.Context(), shop.System(p.brand), team.NewStaff{EmployeeNo: fmt.Sprintf("N%d", c.next()), Name: "新同事"})
	if err != nil {
		t.Fatal(err)
	}
	c.assignTo(t, p, made.ID)
	return made.ID
}

func (c *cast) assignTo(t *testing.T, p *castStore, who shop.ID) shop.ID {
	t.Helper()
	made, err := c.house.teams.Assign(t.Context(), shop.System(p.brand), team.Assignment{
		Staff: who, Store: p.store, Role: shop.RoleStaff, From: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC),
	})
	if err != nil {
		t.Fatal(err)
	}
	return made.ID
}

func (c *cast) assign(t *testing.T, p *castStore) string {
	t.Helper()
	made, err := c.house.teams.AddStaff(t.Context(), shop.System(p.brand), team.NewStaff{EmployeeNo: fmt.Sprintf("N%d", c.next()), Name: "新同事"})
	if err != nil {
		t.Fatal(err)
	}
	return c.assignTo(t, p, made.ID).String()
}

func (c *cast) issue(t *testing.T, p *castStore, spec tag.Spec) tag.Tag {
	t.Helper()
	spec.Store, spec.Kind, spec.Reference, spec.Placement, spec.Label = p.store, tag.Variant, "LAMP-PAPER", tag.Shelf, "lamp"
	spec.Destination = c.cfg.PublicURL + "/p/" + p.slug + "/{sku}"
	made, err := c.house.tags.Issue(t.Context(), shop.System(p.brand), spec)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func (c *cast) labelTemplate(t *testing.T, p *castStore) string {
	t.Helper()
	made, err := c.house.labels.Put(t.Context(), shop.System(p.brand), label.Template{
		Name: fmt.Sprint("l", c.next()), Format: "avery-l7160", Languages: []shop.Language{shop.TraditionalChinese}, Design: label.Plain(),
	}, false)
	if err != nil {
		t.Fatal(err)
	}
	return made.Name
}

func (c *cast) template(t *testing.T, p *castStore) string {
	t.Helper()
	made, err := c.house.tags.PutTemplate(t.Context(), shop.System(p.brand), fmt.Sprint("t", c.next()), c.cfg.PublicURL+"/p/"+p.slug+"/{sku}")
	if err != nil {
		t.Fatal(err)
	}
	return made.Name
}

func (c *cast) pausedTag(t *testing.T, p *castStore) string {
	t.Helper()
	made := c.issue(t, p, tag.Spec{})
	if _, err := c.house.tags.Pause(t.Context(), shop.System(p.brand), made.ID); err != nil {
		t.Fatal(err)
	}
	return made.ID.String()
}

func (c *cast) tagBatch(t *testing.T, p *castStore) string {
	t.Helper()
	made := c.issue(t, p, tag.Spec{Batch: fmt.Sprintf("B-%d", c.next())})
	all, _, err := c.house.tags.Batches(t.Context(), shop.System(p.brand), shop.Page{Limit: shop.MaxLimit})
	i := slices.IndexFunc(all, func(b tag.Batch) bool { return b.Name == made.Batch })
	if err != nil || i < 0 {
		t.Fatalf("no batch %s in %+v: %v", made.Batch, all, err)
	}
	return all[i].ID.String()
}

// tagAlarm is one that nobody has looked at. It takes weeks to become one, so it is put there.
func (c *cast) tagAlarm(t *testing.T, p *castStore) string {
	t.Helper()
	id, of := shop.NewID(time.Now()), c.issue(t, p, tag.Spec{})
	err := c.house.pool.Brand(t.Context(), p.brand, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `
INSERT INTO tag_alarm (brand_id, id, tag_id, store_id, kind, state, evidence, first_day, last_day, raised_at, reason)
VALUES ($1, $2, $3, $4, 'dead', 'open', '{"days": 30}', '2026-11-21', '2026-11-21', now(), '')`, p.brand, id, of.ID, p.store)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id.String()
}

// sell is a sale at the shop's till, by its clerk, to a customer of its own.
func (c *cast) sell(t *testing.T, p *castStore) (shop.ID, string) {
	t.Helper()
	name := fmt.Sprintf("C-%d", c.next())
	done, err := c.house.orders.Apply(t.Context(), p.brand, "api", order.WasPlaced{
		Order: name, PlacedAt: time.Now(), Channel: order.Till, Store: p.store, Staff: p.clerk.id, Currency: "TWD", TaxBP: 500, Customer: c.win(t, p),
		Lines: []order.Line{{ExternalID: "1", SKU: "LAMP-PAPER", Name: "lamp", Category: "lamp", Kind: order.Merchandise, Quantity: 1, UnitPrice: 4200, TaxIncluded: true}},
	})
	if err != nil || done.Outcome != order.Applied {
		t.Fatalf("sell: %+v %v", done, err)
	}
	return done.Order, name
}

// win makes a member whose home store it is and who takes messages, on a phone of hers.
func (c *cast) win(t *testing.T, p *castStore) shop.ID {
	t.Helper()
	var who shop.ID
	err := c.house.pool.Brand(t.Context(), p.brand, func(tx pgx.Tx) (err error) {
		name := customer.Identity{Kind: customer.WebShop, Value: fmt.Sprintf("shop:%d", c.next())}
		who, err = customer.Resolve(t.Context(), tx, p.brand, []customer.Identity{name}, time.Now())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	c.winFor(t, p, who)
	return who
}

func (c *cast) winFor(t *testing.T, p *castStore, who shop.ID) {
	t.Helper()
	actor := shop.System(p.brand)
	err := c.house.pool.Brand(t.Context(), p.brand, func(tx pgx.Tx) error {
		agreed := []customer.Consent{{Channel: customer.ByPush, Granted: true, Source: "brand_app"}}
		_, err := customer.Join(t.Context(), tx, actor, who, customer.Joining{Details: customer.Details{Name: "林小姐"}, Consents: agreed}, time.Now())
		return err
	})
	if err == nil {
		_, err = c.house.bindings.Transfer(t.Context(), actor, binding.Transfer{Customers: []shop.ID{who}, Store: p.store, Reason: "she belongs here"})
	}
	if err != nil {
		t.Fatal(err)
	}
	c.phone(t, p, who)
}

func (c *cast) phone(t *testing.T, p *castStore, who shop.ID) shop.ID {
	t.Helper()
	d, err := c.house.devices.Register(t.Context(), shop.Actor{Brand: p.brand, Role: shop.RoleCustomer, ID: who}, device.Registration{
		Target: push.Target{Kind: push.Token, Value: "phone-" + rand.Text()}, Platform: device.IOS, Language: shop.English,
	})
	if err != nil {
		t.Fatal(err)
	}
	return d.ID
}

func (c *cast) offer(t *testing.T, p *castStore, isApproved bool) shop.ID {
	t.Helper()
	now := time.Now()
	title := shop.Text{shop.TraditionalChinese: "禮", shop.English: "Gift"}
	made, err := c.house.offers.Create(t.Context(), shop.System(p.brand), offer.Draft{Kind: offer.Gift, Title: title, Body: title, StartsAt: now.Add(-time.Hour), EndsAt: now.AddDate(0, 1, 0)})
	if err == nil && isApproved {
		_, err = c.house.offers.Approve(t.Context(), shop.System(p.brand), made.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	return made.ID
}

func (c *cast) plan(t *testing.T, p *castStore) string {
	t.Helper()
	made, err := c.house.campaigns.Create(t.Context(), shop.System(p.brand), campaign.Draft{Name: "C", Offer: c.offer(t, p, true), Audience: campaign.Audience{HomeStore: p.store}})
	if err != nil {
		t.Fatal(err)
	}
	return made.ID.String()
}

// message is one of a platform that was looked at and set aside.
func (c *cast) message(t *testing.T, p *castStore) string {
	t.Helper()
	name := fmt.Sprintf("M-%d", c.next())
	if _, err := c.house.inbox.Receive(t.Context(), order.Message{Brand: p.brand, Source: "shopify", ExternalID: name, Topic: "orders/create", Body: []byte("{}"), Key: shop.NewID(time.Now())}); err != nil {
		t.Fatal(err)
	}
	var id string
	until(t, "the message is set aside", func() bool {
		all, _, err := c.house.inbox.Messages(t.Context(), p.brand, order.MessageSetAside, shop.Page{Limit: shop.MaxLimit})
		i := slices.IndexFunc(all, func(m order.Message) bool { return m.ExternalID == name })
		if err == nil && i >= 0 {
			id = all[i].ID.String()
		}
		return id != ""
	})
	return id
}

func (c *cast) delivery(t *testing.T, p *castStore) string {
	t.Helper()
	gift := c.offer(t, p, true)
	var id shop.ID
	// Written as it was sent: how much a customer is sent in a week is not what is asked here.
	err := c.house.pool.Brand(t.Context(), p.brand, func(tx pgx.Tx) error {
		now := shop.Millis(time.Now())
		id = shop.NewID(now)
		_, err := tx.Exec(t.Context(), `INSERT INTO delivery
			(brand_id, id, purpose_id, offer_id, customer_id, device_id, emergency, state, why, attempts, epoch, tried_at, sent_at, intended_at)
			VALUES ($1, $2, $3, $3, $4, $5, false, 'sent', '', 1, 1, $6, $6, $6)`, p.brand, id, gift, p.customer.id, shop.NewID(now), now)
		return postgres.RowAt(now, err)
	})
	if err != nil {
		t.Fatal(err)
	}
	return id.String()
}

func (c *cast) memberCode(t *testing.T, p *castStore) string {
	t.Helper()
	made, err := c.house.visits.IssueMemberCode(t.Context(), shop.Actor{Brand: p.brand, Role: shop.RoleCustomer, ID: c.win(t, p)})
	if err != nil {
		t.Fatal(err)
	}
	return made.Code
}

func (c *cast) click(t *testing.T, p *castStore) string {
	t.Helper()
	a := c.ask(t, request{method: http.MethodGet, url: c.cfg.PublicURL + "/q/" + string(c.issue(t, p, tag.Spec{}).Code)})
	to, err := url.Parse(a.header.Get("Location"))
	if err != nil || a.status != http.StatusFound {
		t.Fatalf("scan: %d %v", a.status, err)
	}
	return to.Query().Get(tag.ClickParameter)
}

func (c *cast) enrolmentCode(t *testing.T, p *castStore) string {
	t.Helper()
	_, code, err := c.house.teams.EnrolDevice(t.Context(), shop.System(p.brand), p.store, "Tablet")
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// Everybody is who she is said to be, and there is one of everything at every place.
func TestCastIsComplete(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	for kind, make := range things {
		for _, p := range []*castStore{c.xinyi, c.banqiao, c.abroad} {
			if id := make(c, t, p); id == "" {
				t.Errorf("no %s at %s of %s", kind, p.code, p.slug)
			}
		}
	}
	for _, who := range c.actors {
		a := c.ask(t, request{method: http.MethodGet, url: c.cfg.PublicURL + "/v1/staff/me", token: who.token})
		want := map[shop.Role]int{"": http.StatusUnauthorized, shop.RoleCustomer: http.StatusForbidden, shop.RoleIntegration: http.StatusForbidden}[who.role]
		switch {
		case who.name == "revoked device":
			want = http.StatusUnauthorized
		case want == 0:
			want = http.StatusOK
		}
		if a.status != want {
			t.Errorf("%s: %d %s", who.name, a.status, a.body)
		}
	}
}
