package binding

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

// policy changes the brand's policy from now on.
func (b bundle) policy(change func(*team.Policy)) {
	b.Helper()
	p := team.DefaultPolicy()
	change(&p)
	teams, err := team.New(b.pool, func() time.Time { return *b.clock }, team.Config{SealingKeys: [][]byte{make([]byte, 32)}})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := teams.SetPolicy(b.Context(), shop.System(b.Brand), p, time.Time{}); err != nil {
		b.Fatal(err)
	}
}

func (b bundle) hq() shop.Actor {
	return shop.Actor{Brand: b.Brand, Role: shop.RoleHQ, ID: shop.ID{15: 9}}
}

// boss runs a store.
func (b bundle) boss(store shop.ID) shop.Actor {
	return shop.Actor{Brand: b.Brand, Role: shop.RoleManager, ID: shop.ID{15: 8}, Stores: []shop.ID{store}}
}

func (b bundle) holds(by shop.Actor) []Hold {
	b.Helper()
	holds, _, err := b.s.Holds(b.Context(), by, HoldQuery{}, shop.Page{Limit: 100})
	if err != nil {
		b.Fatal(err)
	}
	return holds
}

// holdEverything makes the brand hold the second claim of a person on a day.
func (b bundle) capOfOne() {
	b.Helper()
	b.policy(func(p *team.Policy) { p.Guard.DailyCap = 1 })
}

// held is a customer whose claim by Amy waits for a manager.
func (b bundle) heldClaim() (shop.ID, Hold) {
	b.Helper()
	b.capOfOne()
	b.must(b.claim(Attempt{Customer: b.customer(), Store: b.S1, Staff: b.Amy, Source: FromTill}), nil)
	who := b.customer()
	b.must(b.claim(Attempt{Customer: who, Store: b.S1, Staff: b.Amy, Source: FromTill}), ErrHeld)
	holds := b.holds(b.hq())
	if len(holds) != 1 || holds[0].Customer != who {
		b.Fatalf("%+v", holds)
	}
	return who, holds[0]
}

func (b bundle) must(err error, want *shop.Refusal) {
	b.Helper()
	if want == nil && err != nil || want != nil && !errors.Is(err, want) {
		b.Fatalf("%v, want %v", err, want)
	}
}

func TestAHeldClaimIsKeptAndBindsNobody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	who, h := b.heldClaim()
	b.is("held", who, noon, "unbound")
	if d := cmp.Diff([]string{"S1 amy till held"}, b.claims(who)); d != "" {
		t.Error(d)
	}
	if h.State != HoldOpen || h.WaitsFor != ForManager || h.Score() != 100 || h.Signs[0] != (Sign{Sign: "daily_cap", Score: 100, Seen: 2, Cap: 1}) {
		t.Errorf("%+v", h)
	}
	b.at("2026-03-02 09:00")
	b.must(b.claim(Attempt{Customer: b.customer(), Store: b.S1, Staff: b.Amy, Source: FromTill}), nil) // tomorrow is another day
}

func TestAReleasedClaimBindsFromItsEvidence(t *testing.T) {
	t.Parallel()
	b := setup(t)
	who, h := b.heldClaim()
	later := b.at("2026-03-03 10:00")
	got, out, err := b.s.Release(t.Context(), b.boss(b.S1), h.ID, "a fair day; 20 people saw it")
	b.must(err, nil)
	if !out.Bound || got.State != HoldReleased || got.Why == "" || !got.DecidedAt.Equal(later) {
		t.Errorf("%+v %+v", got, out)
	}
	b.is("from when she was enrolled", who, noon, "S1 amy")
	b.is("not before", who, noon.Add(-time.Millisecond), "unbound")
	if d := cmp.Diff([]string{"S1 amy till held", "S1 amy till won"}, b.claims(who)); d != "" {
		t.Error(d)
	}
	if past := b.history(who); past[0].Evidence.Hold != h.ID || !past[0].RecordedAt.Equal(later) {
		t.Errorf("%+v", past)
	}
	if n := len(b.heard.since); n != 2 || !b.heard.since[1].Equal(noon) {
		t.Errorf("who credits must hear of it from then on: %v", b.heard.since)
	}
	_, _, err = b.s.Release(t.Context(), b.hq(), h.ID, "again")
	b.must(err, ErrHoldDecided)
}

func TestARefusedClaimIsKeptWithTheReason(t *testing.T) {
	t.Parallel()
	b := setup(t)
	who, h := b.heldClaim()
	_, err := b.s.Refuse(t.Context(), b.hq(), h.ID, " ")
	b.must(err, ErrHoldReason)
	got, err := b.s.Refuse(t.Context(), b.hq(), h.ID, "nobody was there")
	b.must(err, nil)
	if got.State != HoldRefused || got.DecidedBy != b.hq().Pseudonym() {
		t.Errorf("%+v", got)
	}
	b.is("refused", who, noon, "unbound")
	if d := cmp.Diff([]string{"S1 amy till held", "S1 amy till hold_refused"}, b.claims(who)); d != "" {
		t.Error(d)
	}
}

func TestWhoeverWonMeanwhileKeepsHer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	who, h := b.heldClaim()
	b.at("2026-03-02 10:00")
	b.must(b.claim(Attempt{Customer: who, Store: b.S2, Staff: b.Ben, Source: FromTill}), nil)
	_, out, err := b.s.Release(t.Context(), b.hq(), h.ID, "it was a fair claim")
	b.must(err, nil)
	if out.Bound || !errors.Is(out.Err(), ErrAlreadyBound) {
		t.Errorf("%+v", out)
	}
	b.is("hers who won", who, *b.clock, "S2 ben")
	if d := cmp.Diff([]string{"S1 amy till held", "S2 ben till won", "S1 amy till already_bound"}, b.claims(who)); d != "" {
		t.Error(d)
	}
}

func TestNobodyDecidesAboutHerOwnClaim(t *testing.T) {
	t.Parallel()
	b := setup(t)
	who, h := b.heldClaim()
	own := b.boss(b.S1)
	own.ID = b.Amy
	for _, tt := range []struct {
		why  string
		by   shop.Actor
		want *shop.Refusal
	}{
		{"who gains", own, ErrOwnHold},
		{"another store's manager", b.boss(b.S2), ErrHoldUnknown},
		{"staff", b.amy(), shop.ErrForbidden},
		{"finance", shop.Actor{Brand: b.Brand, Role: shop.RoleFinance}, shop.ErrForbidden},
		{"another brand's head office", shop.Actor{Brand: b.Brand + 1, Role: shop.RoleHQ}, ErrHoldUnknown},
	} {
		if _, _, err := b.s.Release(t.Context(), tt.by, h.ID, "because"); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.why, err, tt.want)
		}
		if _, err := b.s.Refuse(t.Context(), tt.by, h.ID, "because"); !errors.Is(err, tt.want) {
			t.Errorf("%s refuses: %v, want %v", tt.why, err, tt.want)
		}
	}
	b.do(func(tx pgx.Tx) error { return customer.MarkStaff(t.Context(), tx, b.hq(), who, b.Ben, noon) })
	herself := b.hq()
	herself.ID = b.Ben
	if _, _, err := b.s.Release(t.Context(), herself, h.ID, "it is me"); !errors.Is(err, ErrOwnHold) {
		t.Errorf("the customer herself: %v", err)
	}
}

func TestTwoManagersDecideOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, h := b.heldClaim()
	results := make(chan error, 8)
	for i := range 8 {
		go func() {
			var err error
			if i%2 == 0 {
				_, _, err = b.s.Release(t.Context(), b.hq(), h.ID, "yes")
			} else {
				_, err = b.s.Refuse(t.Context(), b.hq(), h.ID, "no")
			}
			results <- err
		}()
	}
	done := 0
	for range 8 {
		if err := <-results; err == nil {
			done++
		} else if !errors.Is(err, ErrHoldDecided) {
			t.Error(err)
		}
	}
	if done != 1 {
		t.Errorf("decided %d times", done)
	}
}

func TestAManagerSeesTheHoldsOfHerStores(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, h := b.heldClaim()
	for _, tt := range []struct {
		why  string
		by   shop.Actor
		q    HoldQuery
		want int
	}{
		{"head office", b.hq(), HoldQuery{}, 1},
		{"her store", b.boss(b.S1), HoldQuery{}, 1},
		{"another store", b.boss(b.S2), HoldQuery{}, 0},
		{"of a store", b.hq(), HoldQuery{Store: b.S1}, 1},
		{"of another store", b.hq(), HoldQuery{Store: b.S2}, 0},
		{"of a store that is not hers", b.boss(b.S2), HoldQuery{Store: b.S1}, 0},
		{"open ones", b.hq(), HoldQuery{State: HoldOpen}, 1},
		{"decided ones", b.hq(), HoldQuery{State: HoldReleased}, 0},
		{"who it is about", b.amy(), HoldQuery{}, 1},
		{"somebody else", b.ben(), HoldQuery{}, 0},
	} {
		holds, _, err := b.s.Holds(t.Context(), tt.by, tt.q, shop.Page{Limit: 10})
		if err != nil || len(holds) != tt.want || tt.want == 1 && holds[0].ID != h.ID {
			t.Errorf("%s: %v %+v", tt.why, err, holds)
		}
	}
}

// The winner, the loser and the rule are all there for the one who has to decide a quarrel.
func TestAClaimSaysWhatItLostAgainstAndByWhichRule(t *testing.T) {
	t.Parallel()
	b := setup(t)
	who := b.customer()
	b.must(b.claim(Attempt{Customer: who, Store: b.S1, Staff: b.Amy, Source: FromTill}), nil)
	first := b.history(who)[0]
	b.must(b.claim(Attempt{Customer: who, Store: b.S2, Staff: b.Ben, Source: FromStaffCode}), ErrAlreadyBound)
	idle := 30
	b.policy(func(p *team.Policy) { p.RebindInactiveDays = &idle })
	b.at("2026-03-02 12:00")
	b.must(b.claim(Attempt{Customer: who, Store: b.S2, Staff: b.Ben, Source: FromTill}), ErrAlreadyBound)
	b.at("2026-04-10 12:00")
	b.must(b.claim(Attempt{Customer: who, Store: b.S2, Staff: b.Ben, Source: FromTill}), nil)
	past, err := b.s.PastOf(t.Context(), b.hq(), who)
	b.must(err, nil)
	var got []string
	for _, c := range past.Claims {
		got = append(got, fmt.Sprint(c.Outcome, " ", c.Rule, " ", c.Against == first.ID, " ", !c.Evidence.Policy.IsZero()))
	}
	want := []string{"won first false false", "already_bound won_for_life true false", "already_bound still_active true true", "won replaces_inactive true true"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if past.Bindings[1].Evidence.Policy.IsZero() {
		t.Error("the binding does not say by which version it was decided")
	}
}
