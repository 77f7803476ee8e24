package customer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

func (b bundle) service(erasers ...Eraser) *Service {
	return New(b.pool, func() time.Time { return now.Add(time.Hour) }, erasers...)
}

func (b bundle) hq() shop.Actor { return shop.Actor{Brand: b.brand, Role: shop.RoleHQ, ID: b.f.Ben} }

// joined is a member with all that may be known of her.
func (b bundle) joined(n int) shop.ID {
	b.Helper()
	who := b.resolve(Identity{Kind: WebShop, Value: fmt.Sprintf("shopify:90210%d", n)}, phone(n, true))
	b.do(func(tx pgx.Tx) error {
		_, err := Join(b.Context(), tx, shop.System(b.brand), who, Joining{
			Details:    Details{Name: fmt.Sprintf("林小美%d", n), Language: shop.English, TimeZone: "Asia/Tokyo"},
			Identities: []Identity{{Kind: Email, Value: fmt.Sprintf("lin%d@example.com", n)}},
			Consents:   []Consent{{Channel: ByPush, Granted: true, Source: "brand_app"}},
		}, now)
		return err
	})
	return who
}

// left counts what leads to somebody, or is said about her.
func (b bundle) left(who shop.ID) (n int) {
	b.Helper()
	b.do(func(tx pgx.Tx) error {
		return tx.QueryRow(b.Context(), `SELECT
			(SELECT count(*) FROM identity WHERE brand_id = $1 AND customer_id = $2) + (SELECT count(*) FROM customer_token WHERE brand_id = $1 AND customer_id = $2)
			+ (SELECT count(*) FROM consent WHERE brand_id = $1 AND customer_id = $2)
			+ (SELECT num_nonnulls(name, language, time_zone, tier) FROM customer WHERE brand_id = $1 AND id = $2)`, b.brand, who).Scan(&n)
	})
	return n
}

func TestNothingOfSomebodyErasedIsLeftButHerID(t *testing.T) {
	t.Parallel()
	b := setup(t)
	lin, other := b.joined(1), b.joined(2)
	before := b.left(other)
	if b.left(lin) == 0 || before == 0 {
		t.Fatal("nothing was there")
	}
	for range 2 {
		at, err := b.service().Erase(t.Context(), b.hq(), lin, " She asked for it. ")
		if err != nil || !at.Equal(now.Add(time.Hour)) {
			t.Errorf("erased at %v, %v", at, err)
		}
	}
	if b.left(lin) != 0 || b.left(other) != before {
		t.Errorf("%d left of her, %d of somebody else, who had %d", b.left(lin), b.left(other), before)
	}
	if acts := b.acts(lin); acts[0] != "customer_erased" || slices.Index(acts[1:], "customer_erased") >= 0 {
		t.Errorf("her audit says %v", acts)
	}
	b.do(func(tx pgx.Tx) error {
		c, err := ByID(t.Context(), tx, b.brand, lin)
		if !c.IsMember() || c.ErasedAt.IsZero() {
			t.Errorf("she is %+v", c)
		}
		if _, err := ProfileOf(t.Context(), tx, b.brand, lin); err != nil {
			t.Errorf("her figures: %v", err)
		}
		return err
	})
	if again := b.resolve(phone(1, true)); again == lin {
		t.Error("her number leads to her still")
	}
}

func TestNobodyWritesAboutSomebodyErased(t *testing.T) {
	t.Parallel()
	b := setup(t)
	lin := b.joined(1)
	if _, err := b.service().Erase(t.Context(), b.hq(), lin, "asked"); err != nil {
		t.Fatal(err)
	}
	for why, act := range map[string]func(tx pgx.Tx) error{
		"joins again under her id": func(tx pgx.Tx) error {
			_, err := Join(t.Context(), tx, b.hq(), lin, Joining{Details: Details{Name: "林小美"}}, now)
			return err
		},
		"is described": func(tx pgx.Tx) error { return Describe(t.Context(), tx, b.brand, lin, Details{Name: "林小美"}) },
		"is introduced by a system": func(tx pgx.Tx) error {
			return Introduce(t.Context(), tx, b.brand, lin, Details{Name: "林小美"})
		},
	} {
		if err := b.pool.Brand(t.Context(), b.brand, act); !errors.Is(err, ErrUnknown) {
			t.Errorf("she %s: %v", why, err)
		}
	}
	if n := b.left(lin); n != 0 {
		t.Errorf("%d left of her", n)
	}
}

func TestWhyItIsNotErased(t *testing.T) {
	t.Parallel()
	b := setup(t)
	lin := b.joined(1)
	for _, tc := range []struct {
		why, reason string
		actor       shop.Actor
		who         shop.ID
		want        error
	}{
		{"a manager", "asked", shop.Actor{Brand: b.brand, Role: shop.RoleManager, ID: b.f.Ben, Stores: []shop.ID{b.f.S1}}, lin, shop.ErrForbidden},
		{"finance", "asked", shop.Actor{Brand: b.brand, Role: shop.RoleFinance, ID: b.f.Ben}, lin, shop.ErrForbidden},
		{"nobody", "asked", b.hq(), shop.NewID(now), ErrUnknown},
		{"no reason", " ", b.hq(), lin, ErrErasureReason},
		{"a reason that nothing can keep", "a\x00b", b.hq(), lin, ErrErasureReason},
		{"her name", "林小美1 asked", b.hq(), lin, ErrErasureNames},
		{"her number, as it is written at home", "0912-300-001 asked", b.hq(), lin, ErrErasureNames},
		{"her address", "mail from LIN1@example.com", b.hq(), lin, ErrErasureNames},
	} {
		if _, err := b.service().Erase(t.Context(), tc.actor, tc.who, tc.reason); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", tc.why, err, tc.want)
		}
	}
	if b.left(lin) == 0 {
		t.Error("she is erased all the same")
	}
}

// eraser fails, or notes whom it was asked about while she was still known.
type eraser struct {
	fail  error
	known int
}

func (e *eraser) EraseCustomer(ctx context.Context, tx pgx.Tx, brand shop.BrandID, who shop.ID, _ time.Time) error {
	identities, err := Identities(ctx, tx, brand, who)
	e.known = len(identities)
	return errors.Join(err, e.fail)
}

func TestAllWhoKeepSomethingEraseItOrNobodyDoes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	lin := b.joined(1)
	hears, fails := &eraser{}, &eraser{fail: errors.New("away")}
	if _, err := b.service(hears, fails).Erase(t.Context(), b.hq(), lin, "asked"); !errors.Is(err, fails.fail) {
		t.Error(err)
	}
	if b.left(lin) == 0 || hears.known == 0 {
		t.Errorf("%d left of her; %d identities were there to be read", b.left(lin), hears.known)
	}
}

// What makes her purchases those of somebody who works here outlives her address.
func TestThatSheWorksHereStaysKnown(t *testing.T) {
	t.Parallel()
	b := setup(t)
	amy := b.joined(1)
	b.do(func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE staff SET email = 'lin1@example.com' WHERE brand_id = $1 AND id = $2`, b.brand, b.f.Amy)
		return err
	})
	if _, err := b.service().Erase(t.Context(), b.hq(), amy, "asked"); err != nil {
		t.Fatal(err)
	}
	b.do(func(tx pgx.Tx) error {
		staff, err := StaffAmong(t.Context(), tx, b.brand, []shop.ID{amy})
		if staff[amy] != b.f.Amy {
			t.Errorf("she works as %v", staff)
		}
		return err
	})
}

// Systems go on telling of her while she is erased: whatever they learn is somebody new's.
func TestWhatIsLearntWhileSheIsErasedIsNotHers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for round := range 8 {
		who := b.joined(round)
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				given := []Identity{phone(round, true), {LINE, fmt.Sprintf("U%d-%d", round, i), true}}
				err := b.pool.Brand(t.Context(), b.brand, func(tx pgx.Tx) error {
					_, err := Resolve(t.Context(), tx, b.brand, given, now)
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Go(func() {
			if _, err := b.service().Erase(t.Context(), b.hq(), who, "asked"); err != nil {
				t.Error(err)
			}
		})
		all.Wait()
		if n := b.left(who); n != 0 {
			t.Errorf("round %d: %d left of her", round, n)
		}
	}
}
