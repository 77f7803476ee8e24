package team

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

func TestAPIKeyNamesItsBrandAndScopes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in, key, err := b.AddIntegrationKey(t.Context(), b.system, NewIntegration{Name: "ERP", Platform: PlatformAPI, Store: b.Web, Scopes: []string{"orders:write"}})
	must(t, err)
	actor, err := b.ActorOfKey(t.Context(), key)
	must(t, err)
	if actor.Brand != b.Brand || actor.Role != shop.RoleIntegration || !actor.MayScope("orders:write") || actor.MayScope("orders:read") || actor.Store != b.Web {
		t.Errorf("%+v", actor)
	}
	_, err = b.ActorOfKey(t.Context(), newAPIKey())
	want(t, err, ErrAPIKey)
	must(t, b.RevokeIntegrationKey(t.Context(), b.system, in.ID))
	_, err = b.ActorOfKey(t.Context(), key)
	want(t, err, ErrAPIKey)
}

func TestWebhookSecretComesBackForItsShop(t *testing.T) {
	t.Parallel()
	b := setup(t)
	n := NewIntegration{Name: "Web", Platform: "shopify", Store: b.Web, Lookup: "Clear-Day.myshopify.test", WebhookSecret: "0123456789abcdef"}
	in, key, err := b.AddIntegrationKey(t.Context(), b.system, n)
	must(t, err)
	if key != "" {
		t.Error("a platform got an API key")
	}
	got, err := b.WebhookKeyOf(t.Context(), "shopify", "clear-day.myshopify.test")
	must(t, err)
	if string(got.Secret) != n.WebhookSecret || got.Brand != b.Brand || got.Store != b.Web {
		t.Errorf("%+v", got)
	}
	_, _, err = b.AddIntegrationKey(t.Context(), b.system, n)
	want(t, err, ErrIntegrationExists)
	must(t, b.RevokeIntegrationKey(t.Context(), b.system, in.ID))
	_, err = b.WebhookKeyOf(t.Context(), "shopify", "clear-day.myshopify.test")
	want(t, err, shop.ErrNotFound)
	_, _, err = b.AddIntegrationKey(t.Context(), b.system, n)
	must(t, err)
}

func TestA11DevicesRolesAndKeysAreAudited(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d, secret := b.tablet(t, b.S1)
	_, err := b.try(t, "amy", amysPIN, secret)
	must(t, err)
	_, err = b.Assign(t.Context(), b.system, Assignment{Staff: b.Amy, Store: b.S2, Role: shop.RoleManager, From: noon})
	must(t, err)
	in, _, err := b.AddIntegrationKey(t.Context(), b.system, NewIntegration{Name: "ERP", Platform: PlatformAPI})
	must(t, err)
	must(t, b.RevokeIntegrationKey(t.Context(), b.system, in.ID))
	_, err = b.SetPolicy(t.Context(), b.system, DefaultPolicy(), time.Time{})
	must(t, err)
	must(t, b.RevokeDevice(t.Context(), b.system, d.ID))
	must(t, b.RevokeStaff(t.Context(), b.system, b.Amy))
	written := map[string]int{}
	must(t, b.pool.Read(t.Context(), b.Brand, func(tx pgx.Tx) error {
		rows, _ := tx.Query(t.Context(), `SELECT act FROM audit WHERE brand_id = $1`, b.Brand)
		acts, err := pgx.CollectRows(rows, pgx.RowTo[string])
		for _, act := range acts {
			written[act]++
		}
		return err
	}))
	for _, act := range []string{
		"pin_reset", "device_code_made", "device_enrolled", "signed_in", "staff_assigned", "integration_added", "integration_revoked",
		"policy_set", "device_revoked", "staff_revoked",
	} {
		if written[act] != 1 {
			t.Errorf("%s is in the audit %d times", act, written[act])
		}
	}
}
