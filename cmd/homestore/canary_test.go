package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgrestest"
	"homestore/notify/device"
	"homestore/notify/push"
	"homestore/referral/binding"
)

// What is somebody's own is nowhere but where it belongs: 200 phones, addresses, names, tokens and PINs are kept by a Homestore,
// as many more as there are fields and headers are sent to every operation, right and wrong, also while the database refuses
// every write. None of them is in the log, at any level, in the metrics, in a trace, in a refusal or in where a redirect leads.
func TestA9CanariesAreNowhereButWhereTheyBelong(t *testing.T) {
	t.Parallel()
	collector := &lockedBuffer{}
	otlp := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(collector, r.Body) }))
	defer otlp.Close()
	a := &aviary{cast: newCastTraced(t, otlp.URL), digits: map[string]string{}, secrets: map[string]string{}}
	a.draw = rand.New(rand.NewPCG(9, 9)) //nolint:gosec // the same canaries in every run
	a.settle(t)
	if a.loose < 200 {
		t.Fatalf("only %d canaries are kept", a.loose)
	}
	all := operations(t)
	for _, o := range all {
		a.flyThrough(t, o)
	}
	a.refuseWrites(t)
	for _, o := range all {
		if o.json() != nil && o.OperationID != "refreshSession" { // which needs a new session each time
			a.fillIn(t, o, a.whoMay(o), asItIs)
		}
	}
	metrics := ask(t, "http://"+a.cfg.PrivateAddr+"/metrics").body
	if err := a.stop(); err != nil {
		t.Error(err)
	}
	if refused := strings.Count(a.log.String(), "constraint=nothing_more"); refused < len(all)/4 {
		t.Errorf("the database refused only %d requests: was the second flight one at all?", refused)
	}
	for place, text := range map[string]string{"log": a.log.String(), "metrics": metrics, "traces": collector.String()} {
		if len(text) < 10_000 {
			t.Errorf("the %s hold only %d bytes: are these all?", place, len(text))
		}
		for _, found := range a.foundIn(text) {
			t.Errorf("the %s hold %s", place, found)
		}
	}
}

// aviary is a cast from which canaries are let loose.
type aviary struct {
	*cast
	draw  *rand.Rand
	loose int
	// Of the canaries that are digits, what they were; the others are found by the word in them.
	digits  map[string]string
	secrets map[string]string // of those who are signed in
	stand   map[string]string // things to name
	leaving castActor         // who signs out
}

// canary is a fresh one, of the form that a field of this name takes; each is long enough never to stand anywhere by chance.
func (a *aviary) canary(name, what string) string {
	a.loose++
	n := a.draw.Uint64()
	switch {
	case strings.Contains(name, "phone"):
		made := fmt.Sprintf("8869%08d", n%100_000_000)
		a.digits[made], a.digits["0"+made[3:]] = what, what
		return "+" + made
	case name == "pin" || strings.Contains(name, "totp"):
		made := fmt.Sprintf("%012d", 100_000_000_000+n%899_999_999_999)
		a.digits[made] = what
		return made
	}
	word := fmt.Sprintf("kanari%016x.%s", n, strings.NewReplacer(" ", ".", "[]", "").Replace(what))
	switch {
	case strings.Contains(name, "mail"):
		return word[:22] + "@example.test"
	case strings.Contains(name, "name"):
		return "Wang " + word
	}
	return word
}

var (
	words = regexp.MustCompile(`(?i)kanari[\w.@%-]*`)
	runs  = regexp.MustCompile(`\d{10,}`)
)

// foundIn are the canaries in a text, each with what it was.
func (a *aviary) foundIn(text string) (found []string) {
	found = words.FindAllString(text, 5)
	for _, run := range runs.FindAllString(text, -1) {
		if what := a.digits[run]; what != "" {
			found = append(found, run+", sent as "+what)
		}
	}
	for secret, what := range a.secrets {
		if strings.Contains(text, secret) {
			found = append(found, what)
		}
	}
	return found
}

// settle keeps what a Homestore knows of people: customers with their phones and addresses, staff with their secrets, and the
// tokens of everybody who is signed in.
func (a *aviary) settle(t *testing.T) {
	t.Helper()
	p := a.xinyi
	a.stand = a.standing(t)[p]
	a.leaving = a.again(t, a.who("customer"))
	for i := range 40 {
		what := fmt.Sprint("of customer ", i)
		known := []customer.Identity{
			{Kind: customer.Phone, Value: a.canary("phone", what), Verified: true}, {Kind: customer.Email, Value: a.canary("email", what), Verified: true},
		}
		details := customer.Details{Name: a.canary("name", what)}
		var who shop.ID
		err := a.house.pool.Brand(t.Context(), p.brand, func(tx pgx.Tx) (err error) {
			if who, err = customer.Resolve(t.Context(), tx, p.brand, known, a.house.now()); err != nil {
				return err
			}
			_, err = customer.Join(t.Context(), tx, shop.System(p.brand), who, customer.Joining{Details: details}, a.house.now())
			return err
		})
		if err == nil {
			_, err = a.house.bindings.Transfer(t.Context(), shop.System(p.brand), binding.Transfer{Customers: []shop.ID{who}, Store: p.store, Reason: "r"})
		}
		if err == nil {
			_, err = a.house.devices.Register(t.Context(), shop.Actor{Brand: p.brand, Role: shop.RoleCustomer, ID: who}, device.Registration{
				Target: push.Target{Kind: push.Token, Value: a.canary("token", what)}, Platform: device.IOS, Language: shop.English,
			})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for i := range 20 {
		what := fmt.Sprint("of staff ", i)
		n := team.NewStaff{EmployeeNo: fmt.Sprint("K", i), Name: a.canary("name", what), Email: a.canary("email", what), PIN: a.canary("pin", what)}
		if _, err := a.house.teams.AddStaff(t.Context(), shop.System(p.brand), n); err != nil {
			t.Fatal(err)
		}
	}
	for _, who := range append(a.actors, a.leaving) {
		for _, secret := range []string{who.token, who.refresh, who.seed.Password} {
			if secret != "" {
				a.secrets[secret] = "a secret of " + who.name
			}
		}
	}
}

// refuseWrites lets the database refuse every row that is written, in words that hold the whole row; but for the keys of
// requests, so that acts come as far as their own writes.
func (a *aviary) refuseWrites(t *testing.T) {
	t.Helper()
	owner, _ := postgrestest.DSNs(t)
	conn, err := pgx.Connect(t.Context(), owner)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	// Under row-level security PostgreSQL itself keeps quiet about the row that breaks a constraint. This one does not.
	_, err = conn.Exec(t.Context(), `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		RAISE 'not %', NEW USING ERRCODE = '23514', CONSTRAINT = 'nothing_more', DETAIL = NEW::text; END $$;
		DO $$ DECLARE t record; BEGIN
		FOR t IN SELECT oid::regclass AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
			AND NOT relispartition AND relname !~ '^(river_|goose_|idempotency_key)'
		LOOP EXECUTE format('CREATE TRIGGER nothing_more BEFORE INSERT OR UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION refuse()', t.name); END LOOP; END $$`)
	if err != nil {
		t.Fatal(err)
	}
}
