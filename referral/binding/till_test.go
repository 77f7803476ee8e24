package binding

import (
	"bytes"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/clienteling/visit"
	"homestore/referral/scan"
	"homestore/referral/tag"
)

func (b bundle) amy() shop.Actor {
	return shop.Actor{Brand: b.Brand, Role: shop.RoleStaff, ID: b.Amy, Store: b.S1, Stores: []shop.ID{b.S1}}
}

func (b bundle) ben() shop.Actor {
	return shop.Actor{Brand: b.Brand, Role: shop.RoleStaff, ID: b.Ben, Store: b.S2, Stores: []shop.ID{b.S2}}
}

func (b bundle) enrol(by shop.Actor, phone string) Joined {
	b.Helper()
	j, err := b.s.EnrolAtTill(b.Context(), by, shop.ID{}, Membership{Phone: phone, Consents: map[customer.Channel]bool{customer.BySMS: true}})
	if err != nil {
		b.Fatal(err)
	}
	return j
}

func TestATypedNumberWinsNobodyWhoIsACustomerAlready(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.enrol(b.amy(), "0912 345 678")
	if !first.First || first.MemberNo == "" || len(first.Refused) > 0 {
		t.Fatalf("%+v", first)
	}
	b.is("won by who enrolled her", first.Customer, noon, "S1 amy")
	*b.clock = noon.Add(24 * time.Hour)
	second := b.enrol(b.ben(), "+886 912-345-678")
	if second.Customer != first.Customer || second.First || second.MemberNo != "" || len(second.Refused) != 1 || !errors.Is(second.Refused[0], ErrProofNeeded) {
		t.Fatalf("%+v", second)
	}
	if d := cmp.Diff([]string{"S1 amy till won"}, b.claims(first.Customer)); d != "" {
		t.Error(d)
	}
	b.do(func(tx pgx.Tx) error {
		sight, err := visit.Look(t.Context(), tx, b.ben(), first.Customer, "card", *b.clock)
		if sight != visit.MemberOnly {
			t.Errorf("a typed number opened a visit: %s", sight)
		}
		return err
	})
}

func TestAGuestOfTheWebShopBecomesAMemberAtTheTill(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var guest shop.ID
	b.do(func(tx pgx.Tx) (err error) {
		guest, err = customer.Resolve(t.Context(), tx, b.Brand, []customer.Identity{{Kind: customer.Phone, Value: "+886912345678"}}, noon)
		return err
	})
	if j := b.enrol(b.amy(), "0912345678"); j.Customer != guest || !j.First {
		t.Errorf("%+v, want the guest %s", j, guest)
	}
}

func TestSixteenTillsEnrolOneNumberOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var mu sync.Mutex
	members := map[shop.ID]int{}
	var wait sync.WaitGroup
	for n := range 16 {
		by := b.amy()
		if n%2 == 1 {
			by = b.ben()
		}
		wait.Go(func() {
			j, err := b.s.EnrolAtTill(t.Context(), by, shop.ID{}, Membership{Phone: "0912345678"})
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			if j.First {
				members[j.Customer]++
			}
		})
	}
	wait.Wait()
	if len(members) != 1 {
		t.Fatalf("%v", members)
	}
	for who, times := range members {
		if h := b.history(who); times != 1 || len(h) != 1 {
			t.Errorf("joined %d times, bound %d times", times, len(h))
		}
	}
}

func TestATillIsWhereOneStands(t *testing.T) {
	t.Parallel()
	s1, s2 := shop.NewID(noon), shop.NewID(noon)
	for _, tt := range []struct {
		why    string
		device shop.ID
		stores []shop.ID
		named  shop.ID
		want   shop.ID
		err    error
	}{
		{"named", shop.ID{}, []shop.ID{s1, s2}, s2, s2, nil},
		{"the device says it", s1, []shop.ID{s1, s2}, shop.ID{}, s1, nil},
		{"there is only one", shop.ID{}, []shop.ID{s2}, shop.ID{}, s2, nil},
		{"nobody knows", shop.ID{}, []shop.ID{s1, s2}, shop.ID{}, shop.ID{}, visit.ErrPlace},
		{"she does not work there", s1, []shop.ID{s1}, s2, shop.ID{}, shop.ErrForbidden},
		{"a device of a store where she does not work", s2, []shop.ID{s1}, shop.ID{}, shop.ID{}, shop.ErrForbidden},
	} {
		got, err := placeOf(shop.Actor{Role: shop.RoleStaff, Store: tt.device, Stores: tt.stores}, tt.named)
		if got != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("%s: %s, %v", tt.why, got, err)
		}
	}
}

func TestAForgedClickIsCountedAndTheGoodOneStillBinds(t *testing.T) {
	t.Parallel()
	b := setup(t)
	keys, err := scan.NewKeys(1, map[byte][]byte{1: bytes.Repeat([]byte("k"), 32)})
	if err != nil {
		t.Fatal(err)
	}
	counters := &scan.Counters{}
	b.s.scans = scan.New(scan.Parts{Pool: b.pool, Keys: keys, Counters: counters})
	good := keys.Sign(b.Brand, b.scan(b.S1, shop.ID{}, noon.Add(-time.Hour)))
	her := shop.Actor{Brand: b.Brand, Role: shop.RoleCustomer, ID: b.customer()}
	j, err := b.s.JoinInApp(t.Context(), her, Membership{}, []string{"forged", good, keys.Sign(b.Brand+1, shop.NewID(noon))})
	if err != nil {
		t.Fatal(err)
	}
	if j.Home.Store != b.S1 || len(j.Refused) != 1 || !errors.Is(j.Refused[0], scan.ErrUnknownClick) {
		t.Errorf("%+v", j)
	}
	if counters.Tampered.Load() != 1 || counters.WrongBrand.Load() != 1 {
		t.Errorf("%d tampered, %d of another brand", counters.Tampered.Load(), counters.WrongBrand.Load())
	}
}

func TestOnlyALiveCardOfAPersonClaims(t *testing.T) {
	t.Parallel()
	b := setup(t)
	her := shop.Actor{Brand: b.Brand, Role: shop.RoleCustomer, ID: b.customer()}
	card := tag.Target{Store: b.S1, Staff: b.Amy, Placement: tag.StaffCard, State: tag.Live, Destination: "https://shop.example.test"}
	for _, tt := range []struct {
		why    string
		change func(*tag.Target)
		bound  bool
	}{
		{"a shelf on which a person's name stands", func(c *tag.Target) { c.Placement = tag.Shelf }, false},
		{"a card of the store", func(c *tag.Target) { c.Staff = shop.ID{} }, false},
		{"a retired card", func(c *tag.Target) { c.State = tag.Retired }, false},
		{"a live card", func(*tag.Target) {}, true},
	} {
		c := card
		tt.change(&c)
		out, err := b.s.ScanCard(t.Context(), her, c)
		if err != nil || out.Bound != tt.bound || out.Refusal != nil {
			t.Errorf("%s: %+v, %v", tt.why, out, err)
		}
	}
	b.is("hers", her.ID, noon, "S1 amy")
}
