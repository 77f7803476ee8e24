package team

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"homestore/clienteling/shop"
)

func TestA5RefreshOfASpentGeneration(t *testing.T) {
	t.Parallel()
	mine, other := digest("my app"), digest("another app")
	s := Session{Generation: 5, DeviceHash: mine, RotatedAt: noon, ExpiresAt: noon.Add(time.Hour)}
	over := s
	over.RevokedAt = noon
	for _, c := range []struct {
		why        string
		session    Session
		generation int
		app        []byte
		later      time.Duration
		want       verdict
	}{
		{"the answer was lost, the app asks again", s, 4, mine, 9 * time.Second, verdict{sameAnswer: true}},
		{"the last moment for that", s, 4, mine, 10 * time.Second, verdict{sameAnswer: true}},
		{"later it is somebody who kept the token", s, 4, mine, 11 * time.Second, verdict{revoke: "reuse", refusal: ErrReused}},
		{"another app never had it", s, 4, other, time.Second, verdict{revoke: "reuse", refusal: ErrReused}},
		{"two generations back is no retry", s, 3, mine, time.Second, verdict{revoke: "reuse", refusal: ErrReused}},
		{"the present token in another app was stolen", s, 5, other, time.Second, verdict{revoke: "other_device", refusal: ErrReused}},
		{"a token of a future that a restored database forgot", s, 6, mine, time.Second, verdict{refusal: ErrSessionOver}},
		{"revoked", over, 5, mine, time.Second, verdict{refusal: ErrSessionOver}},
		{"expired", s, 5, mine, time.Hour, verdict{refusal: ErrSessionOver}},
	} {
		if got := c.session.judge(c.generation, c.app, noon.Add(c.later)); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.why, got, c.want)
		}
	}
}

// The vectors of RFC 6238, appendix B, of SHA-1, cut to six digits.
func TestTOTPIsThatOfTheRFC(t *testing.T) {
	t.Parallel()
	secret := []byte("12345678901234567890")
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		if got := totpCode(secret, at/totpStep); got != want {
			t.Errorf("at %d: %s, want %s", at, got, want)
		}
		for shift, ok := range map[int64]bool{-60: false, -30: true, 0: true, 30: true, 60: false} {
			if at+shift < 0 {
				continue // before there was time
			}
			if _, got := totpStepOf(secret, want, time.Unix(at+shift, 0)); got != ok {
				t.Errorf("code of %d taken %d s later: %v", at, shift, got)
			}
		}
	}
}

func TestPINsThatAreGuessedFirstAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why, pin string
		ok       bool
	}{
		{"four digits are too few for twenty guesses", "4821", false},
		{"six are enough", "482193", true},
		{"all the same", "000000", false},
		{"counting up", "345678", false},
		{"counting down", "987654", false},
		{"letters", "48219a", false},
		{"Arabic digits that a till cannot type", "٤٨٢١٩٣", false},
		{"too long for a till", "4821934821934", false},
	} {
		if isGoodPIN(c.pin) != c.ok {
			t.Errorf("%s: %q", c.why, c.pin)
		}
	}
}

func TestRoleComesFromBrandElseFromToday(t *testing.T) {
	t.Parallel()
	a, b := shop.NewID(noon), shop.NewID(noon)
	for _, c := range []struct {
		why       string
		brandRole shop.Role
		today     []place
		role      shop.Role
		stores    []shop.ID
	}{
		{"no assignment today", "", nil, shop.RoleStaff, nil},
		{"staff in two stores", "", []place{{a, shop.RoleStaff}, {b, shop.RoleStaff}}, shop.RoleStaff, []shop.ID{a, b}},
		{"a manager who helps out elsewhere does not manage there", "", []place{{a, shop.RoleManager}, {b, shop.RoleStaff}}, shop.RoleManager, []shop.ID{a}},
		{"head office", shop.RoleHQ, []place{{a, shop.RoleStaff}}, shop.RoleHQ, []shop.ID{a}},
		{"two assignments to one store", "", []place{{a, shop.RoleStaff}, {a, shop.RoleStaff}}, shop.RoleStaff, []shop.ID{a}},
	} {
		role := roleOf(c.brandRole, c.today)
		stores := storesOf(role, c.today)
		if role != c.role || len(stores) != len(c.stores) || (len(stores) > 0 && stores[0] != c.stores[0]) {
			t.Errorf("%s: %s in %v", c.why, role, stores)
		}
	}
}

func TestPolicyReadsWhatAScenarioWritesAndFillsTheRest(t *testing.T) {
	t.Parallel()
	var p Policy
	if err := json.Unmarshal([]byte(`{"touch": "last", "rebind_inactive_days": 365, "move": {"store": "follow"}}`), &p); err != nil {
		t.Fatal(err)
	}
	if p.Touch != "last" || *p.RebindInactiveDays != 365 || p.Move != (Move{"follow", "keep"}) || p.ClickDays != 30 || p.WeeklyCap != 2 || p.Validate() != nil {
		t.Errorf("%+v", p)
	}
	p.ClickDays, p.QuietFrom = 0, "25:00"
	var refusal *shop.Refusal
	if err := p.Validate(); !errors.As(err, &refusal) || len(refusal.Fields) != 2 {
		t.Errorf("two wrong switches: %v", err)
	}
}

func TestPolicyBeginsNowOrLater(t *testing.T) {
	t.Parallel()
	hq := shop.Actor{Role: shop.RoleHQ}
	for _, c := range []struct {
		why        string
		actor      shop.Actor
		from, last time.Time
		want       time.Time
		err        error
	}{
		{"now, when nothing is said", hq, time.Time{}, time.Time{}, noon, nil},
		{"tomorrow", hq, noon.Add(24 * time.Hour), time.Time{}, noon.Add(24 * time.Hour), nil},
		{"yesterday would change what was true", hq, noon.Add(-time.Hour), time.Time{}, time.Time{}, ErrPolicyNotForward},
		{"Homestore itself imports the past", shop.System(1), noon.Add(-time.Hour), time.Time{}, noon.Add(-time.Hour), nil},
		{"of two at once the later call is the last", hq, time.Time{}, noon, noon.Add(time.Millisecond), nil},
	} {
		got, err := beginning(c.actor, c.from, noon, c.last)
		if !got.Equal(c.want) || !errors.Is(err, c.err) {
			t.Errorf("%s: %s %v", c.why, got, err)
		}
	}
}

func TestEnrolmentCodeIsReadAsPeopleTypeIt(t *testing.T) {
	t.Parallel()
	code := newEnrolmentCode()
	typed := " " + strings.ToLower(strings.NewReplacer("0", "o", "1", "l").Replace(code)) + " "
	if foldCode(typed) != foldCode(code) || len(foldCode(code)) != 10 {
		t.Errorf("%q typed as %q is %q", code, typed, foldCode(typed))
	}
}

func TestSealedSecretOpensInItsRowOnly(t *testing.T) {
	t.Parallel()
	older, newer := draw(32), draw(32)
	before, err := newSealer([][]byte{older})
	if err != nil {
		t.Fatal(err)
	}
	after, err := newSealer([][]byte{newer, older})
	if err != nil {
		t.Fatal(err)
	}
	row := shop.NewID(noon)
	sealed := before.seal([]byte("hush"), 1, row)
	if got, err := after.open(sealed, 1, row); err != nil || string(got) != "hush" {
		t.Errorf("after rotation: %q %v", got, err)
	}
	if _, err := after.open(sealed, 2, row); err == nil {
		t.Error("opened in another brand's row")
	}
	if _, err := newSealer(nil); err == nil {
		t.Error("a sealer without a key")
	}
}

func TestKeysAreFetchedByHTTPSOnly(t *testing.T) {
	t.Parallel()
	for address, ok := range map[string]bool{
		"https://id.example.test/keys": true, "http://127.0.0.1:9/keys": true, "http://localhost/keys": true, "http://[::1]:9/k": true,
		"http://id.example.test/keys": false, "http://127.0.0.1.example.test/": false, "file:///etc/passwd": false, "https://u:p@id.example.test/": false, "": false,
	} {
		if IsKeyURL(address) != ok {
			t.Errorf("%q: %v", address, !ok)
		}
	}
}
