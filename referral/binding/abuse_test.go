package binding

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
)

// signIn is a session of somebody on a phone.
func (b bundle) signIn(subject team.Subject, who shop.ID, phone string) shop.ID {
	b.Helper()
	id := shop.NewID(*b.clock)
	b.do(func(tx pgx.Tx) error {
		_, err := tx.Exec(b.Context(), `
			INSERT INTO sign_in_session (brand_id, id, subject, subject_id, method, device_hash, generation, rotated_at, expires_at, created_at)
			VALUES ($1, $2, $3, $4, 'token', $5, 1, $6, $6, $6)`, b.Brand, id, subject, who, []byte(phone), *b.clock)
		return err
	})
	return id
}

// scansCard is a claim by the staff code of somebody, in the app on a phone.
func (b bundle) scansCard(who, session, store, staff shop.ID) error {
	b.Helper()
	her := b.her(who)
	her.Session = session
	_, err := b.s.Claim(b.Context(), her, Attempt{Customer: who, Store: store, Staff: staff, Source: FromStaffCode})
	return err
}

// scanOf stores a person's scan of one tag.
func (b bundle) scanOf(tag, store shop.ID, at time.Time) shop.ID {
	b.Helper()
	id := shop.NewID(at)
	b.do(func(tx pgx.Tx) error {
		_, err := tx.Exec(b.Context(), `
			INSERT INTO scan (brand_id, id, tag_id, tag_code, store_id, placement, kind, device, scanned_at)
			VALUES ($1, $2, $3, 'T1', $4, 'shelf', 'person', '\x00', $5)`, b.Brand, id, tag, store, id.Time())
		return postgres.RowAt(at, err)
	})
	return id
}

func (b bundle) signs(who shop.ID) (names []string) {
	b.Helper()
	for _, h := range b.holds(b.hq()) {
		if h.Customer == who {
			for _, s := range h.Signs {
				names = append(names, s.Sign)
			}
		}
	}
	return names
}

// A member account of her own, on her own phone or under her own address, is nobody whom somebody has won.
func TestAbuse05HerOwnPhoneAndAddressAreHeld(t *testing.T) {
	t.Parallel()
	b := setup(t)
	herself, second, addressed, stranger := b.customer(), b.customer(), b.customer(), b.customer()
	b.do(func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), `UPDATE staff SET email = 'amy@clearday.example' WHERE brand_id = $1 AND id = $2`, b.Brand, b.Amy); err != nil {
			return err
		}
		if err := customer.Attach(t.Context(), tx, b.Brand, addressed, []customer.Identity{{Kind: customer.Email, Value: "amy@clearday.example"}}, noon); err != nil {
			return err
		}
		return customer.MarkStaff(t.Context(), tx, b.hq(), herself, b.Amy, noon)
	})
	b.signIn(team.SubjectCustomer, herself, "amy's phone")
	b.must(b.scansCard(herself, b.signIn(team.SubjectCustomer, herself, "amy's phone"), b.S1, b.Amy), ErrSelfReferral)
	b.must(b.scansCard(second, b.signIn(team.SubjectCustomer, second, "amy's phone"), b.S1, b.Amy), ErrHeld)
	b.must(b.scansCard(addressed, b.signIn(team.SubjectCustomer, addressed, "another phone"), b.S1, b.Amy), ErrHeld)
	b.must(b.scansCard(stranger, b.signIn(team.SubjectCustomer, stranger, "a stranger's phone"), b.S1, b.Amy), nil)
	got := map[string][]string{"second account": b.signs(second), "own address": b.signs(addressed), "stranger": b.signs(stranger)}
	if d := cmp.Diff(map[string][]string{"second account": {"own_app"}, "own address": {"own_contact"}, "stranger": nil}, got); d != "" {
		t.Error(d)
	}
}

// A friend's account is used for what the seller buys: on the seller's phone it is held at once; on another the signs add up, and
// nothing is hers to be paid until a manager has decided.
func TestAbuse06AFriendsAccountIsHeldUntilAManagerDecides(t *testing.T) {
	t.Parallel()
	b := setup(t)
	friend := b.customer()
	b.signIn(team.SubjectStaff, b.Amy, "amy's phone")
	b.must(b.scansCard(friend, b.signIn(team.SubjectCustomer, friend, "amy's phone"), b.S1, b.Amy), ErrHeld)
	b.is("nobody earns from her", friend, noon, "unbound")

	b.giveBack(b.Ben, 10, 6)
	for range 5 {
		b.signIn(team.SubjectCustomer, b.customer(), "one phone for all")
	}
	sixth := b.customer()
	b.must(b.scansCard(sixth, b.signIn(team.SubjectCustomer, sixth, "one phone for all"), b.S2, b.Ben), ErrHeld)
	if d := cmp.Diff([]string{"shared_app", "returns"}, b.signs(sixth)); d != "" {
		t.Error(d)
	}
	alone := b.customer()
	b.must(b.scansCard(alone, b.signIn(team.SubjectCustomer, alone, "her own"), b.S2, b.Ben), nil) // returns alone are no reason
	for _, h := range b.holds(b.hq()) {
		if h.Customer == sixth {
			_, err := b.s.Refuse(t.Context(), b.hq(), h.ID, "all from one phone")
			b.must(err, nil)
		}
	}
	b.is("refused", sixth, noon, "unbound")
}

// giveBack makes customers whom somebody has won with an order each, some of which are given back.
func (b bundle) giveBack(staff shop.ID, orders, returned int) {
	b.Helper()
	for n := range orders {
		who := b.customer()
		b.must(b.claim(Attempt{Customer: who, Store: b.S2, Staff: staff, Source: FromTill}), nil)
		state := "placed"
		if n < returned {
			state = "cancelled"
		}
		at := noon.Add(-time.Hour)
		id := shop.NewID(at)
		b.do(func(tx pgx.Tx) error {
			_, err := tx.Exec(b.Context(), `
				INSERT INTO sales_order (brand_id, id, placed_at, recorded_at, source, external_id, version, state, customer_id, channel, store_id, currency,
					tax_bp, discount_minor, paid_minor)
				VALUES ($1, $2, $3, $3, 'test', $4, 1, $5, $6, 'till', $7, 'TWD', 500, 0, 100)`, b.Brand, id, id.Time(), id.String(), state, who, b.S2)
			return postgres.RowAt(at, err)
		})
	}
}

// Of a crowd that somebody enrols at once no more than the cap is hers without a question; the others wait, and none is lost.
func TestAbuse09ACrowdOfWalkInsIsHeldOverTheCap(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.policy(func(p *team.Policy) { p.Guard.DailyCap = 5 })
	crowd := make([]shop.ID, 16)
	for i := range crowd {
		crowd[i] = b.customer()
	}
	var won, held atomic.Int32
	var all sync.WaitGroup
	for _, who := range crowd {
		all.Go(func() {
			switch err := b.claim(Attempt{Customer: who, Store: b.S1, Staff: b.Amy, Source: FromTill}); {
			case err == nil:
				won.Add(1)
			case errors.Is(err, ErrHeld):
				held.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if won.Load() != 5 || held.Load() != 11 || len(b.holds(b.hq())) != 11 {
		t.Errorf("%d won, %d held", won.Load(), held.Load())
	}
	b.must(b.claim(Attempt{Customer: b.customer(), Store: b.S2, Staff: b.Ben, Source: FromTill}), nil)   // another's day
	b.must(b.claim(Attempt{Customer: b.customer(), Store: b.S1, Staff: b.Amy, Source: FromImport}), nil) // on record, brought by nobody
	b.policy(func(p *team.Policy) { p.Guard.DailyCap, p.Guard.HoldAt = 5, 0 })
	b.at("2026-03-01 12:01")
	b.must(b.claim(Attempt{Customer: b.customer(), Store: b.S1, Staff: b.Amy, Source: FromTill}), nil) // a brand that looks at nothing
}

// Far more than what people of the store do on their days is a sign by itself, and in a shop without a past nothing is.
func TestAbuse09AnOutlierIsMeasuredAgainstTheStoresUsual(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.policy(func(p *team.Policy) { p.Guard.HoldAt, p.Guard.UsualTimes = 60, 2 })
	crowd := func(store, staff shop.ID) (heldFrom int) {
		for n := range 30 {
			if err := b.claim(Attempt{Customer: b.customer(), Store: store, Staff: staff, Source: FromTill}); errors.Is(err, ErrHeld) {
				return n + 1
			}
		}
		return 0
	}
	for d := range 7 {
		*b.clock = noon.Add(days(d))
		for range 11 {
			b.must(b.claim(Attempt{Customer: b.customer(), Store: b.S1, Staff: b.Amy, Source: FromTill}), nil)
		}
	}
	*b.clock = noon.Add(days(7))
	if n := crowd(b.S1, b.Amy); n != 23 {
		t.Errorf("11 a day are usual: the %d. of a day was held, want the 23rd", n)
	}
	if n := crowd(b.S2, b.Ben); n != 0 {
		t.Errorf("a shop without a past: the %d. of a day was held", n)
	}
}

// A tag's code on a coupon site brings strangers by the hundred: over the cap of the hour they wait.
func TestAbuse35ATagOnACouponSiteIsHeldOverTheCap(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.policy(func(p *team.Policy) { p.Guard.TagHourlyCap = 3 })
	posted, shelf := shop.NewID(noon), shop.NewID(noon)
	joins := func(tag shop.ID) string {
		who := b.customer()
		return b.join(who, b.scanOf(tag, b.S1, b.clock.Add(-time.Minute))).Code()
	}
	var got []string
	for range 5 {
		got = append(got, joins(posted))
	}
	got = append(got, joins(shelf))
	*b.clock = noon.Add(time.Hour)
	got = append(got, joins(posted))
	if d := cmp.Diff([]string{"won", "won", "won", "held", "held", "won", "won"}, got); d != "" {
		t.Error(d)
	}
	for _, h := range b.holds(b.boss(b.S1)) {
		if h.Signs[0].Sign != "tag_hourly_cap" {
			t.Errorf("%+v", h)
		}
	}
	h := b.holds(b.hq())[0]
	_, out, err := b.s.Release(t.Context(), b.hq(), h.ID, "a day of sales")
	b.must(err, nil)
	if !out.Bound || !out.Binding.From.Equal(out.Binding.Evidence.ScannedAt) {
		t.Errorf("a released scan binds from the scan on: %+v", out)
	}
}

// One click id goes round among people: it bound the first, binds nobody after, and what the others bring beside it is looked at
// once more than a family has brought it.
func TestAbuse12AClickIDThatGoesRoundIsHeldAgainstWhoBringsIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	round := b.scan(b.S1, shop.ID{}, noon.Add(-time.Hour))
	if out := b.join(b.customer(), round); !out.Bound {
		t.Fatalf("%+v", out)
	}
	var got []string
	for range 6 {
		got = append(got, b.join(b.customer(), round, b.scan(b.S2, b.Ben, noon.Add(-time.Minute))).Code())
	}
	if d := cmp.Diff([]string{"won", "won", "won", "won", "won", "held"}, got); d != "" {
		t.Error(d)
	}
	if h := b.holds(b.hq()); len(h) != 1 || fmt.Sprint(h[0].Signs) != "[{click_replayed 100 6 5}]" {
		t.Errorf("%+v", h)
	}
}
