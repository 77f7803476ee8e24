package team

import (
	"testing"
	"time"

	"homestore/clienteling/shop"
)

// The way that operate/README.md tells: the new secret beside the old one, then the new one alone.
func TestSecretsAreSealedAnewBeforeTheFormerKeyGoes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in, _, err := b.AddIntegrationKey(t.Context(), b.system, NewIntegration{
		Name: "web shop", Platform: "shopify", Store: b.Web, Lookup: "shop.example", WebhookSecret: "the first of its secrets",
	})
	must(t, err)
	must(t, b.RotateWebhookSecret(t.Context(), b.system, in.ID, "the second of its secrets"))
	offer := NewTOTPSecret("Homestore", "amy")
	secret, _ := parseTOTPSecret(offer.Base32)
	must(t, b.ConfirmTOTP(t.Context(), shop.Actor{Brand: b.Brand, Role: shop.RoleHQ, ID: b.Amy}, offer.Base32, totpCode(secret, b.clock().Unix()/totpStep)))

	with := func(keys ...*sealer) *Service {
		s := &sealer{}
		for _, k := range keys {
			s.aeads = append(s.aeads, k.aeads...)
		}
		return &Service{pool: b.pool, now: b.clock, sealer: s}
	}
	drawn := func() *sealer {
		s, err := newSealer([][]byte{draw(32)})
		must(t, err)
		return s
	}
	stands := func(why string, s *Service, want Sealing) {
		t.Helper()
		if got, err := s.Sealing(t.Context(), b.Brand); err != nil || got != want {
			t.Errorf("%s: %+v %v, want %+v", why, got, err, want)
		}
	}
	former, newest := b.sealer, drawn()
	both := with(newest, former)
	stands("the new one beside it", both, Sealing{Former: 3})
	stands("the new one alone, too early", with(newest), Sealing{Lost: 3})
	for _, want := range []int{3, 0} {
		if n, err := both.SealAnew(t.Context(), b.Brand); err != nil || n != want {
			t.Errorf("sealed %d anew, %v, want %d", n, err, want)
		}
	}
	stands("sealed anew", both, Sealing{})
	stands("the new one alone", with(newest), Sealing{})
	key, err := with(newest).WebhookKeyOf(t.Context(), "shopify", "shop.example")
	if err != nil || string(key.Secret) != "the second of its secrets" || string(key.Former) != "the first of its secrets" || !key.FormerUntil.Equal(noon.Add(72*time.Hour)) {
		t.Errorf("%+v %v", key, err)
	}
	if n, err := with(drawn()).SealAnew(t.Context(), b.Brand); err != nil || n != 0 {
		t.Errorf("what no key opens was sealed anew: %d %v", n, err)
	}
	stands("and it stays as it was", with(newest), Sealing{})
}
