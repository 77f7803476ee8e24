package main

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"homestore/api/contracttest"
)

// Every operation of the contract is asked by everybody, about what is theirs, another store's, another brand's and nobody's. Who
// may not is told so, the same about everything; who may gets her own; and what is not hers is answered, to the byte, as what does
// not exist. Who may is the contract's to say; a new operation is in here from its first day, and fails until its names are known.
func TestA2EveryOperationByEverybodyAboutEverything(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	m := matrix{c, c.standing(t)}
	for _, o := range operations(t) {
		t.Run(o.OperationID, func(t *testing.T) {
			for _, who := range c.actors {
				m.ask(t, o, who)
			}
		})
	}
}

// matrix is the cast with one thing of each kind at each place, which nobody has a reason to change.
type matrix struct {
	*cast
	stand map[*castStore]map[string]string
}

func (c *cast) standing(t *testing.T) map[*castStore]map[string]string {
	t.Helper()
	all := map[*castStore]map[string]string{}
	for _, p := range []*castStore{c.xinyi, c.banqiao, c.abroad} {
		all[p] = map[string]string{}
		for kind, make := range things {
			all[p][kind] = make(c, t, p)
		}
	}
	return all
}

// around are one's own place, another of the brand and one of another brand. Who answers for the whole brand stands in Xinyi.
func (c *cast) around(who castActor) (own, other, foreign *castStore) {
	switch {
	case who.brand == c.abroad.brand:
		return c.abroad, nil, c.xinyi
	case who.at == c.banqiao:
		return c.banqiao, c.xinyi, c.abroad
	}
	return c.xinyi, c.banqiao, c.abroad
}

func (m matrix) ask(t *testing.T, o operation, who castActor) {
	t.Helper()
	own, other, foreign := m.around(who)
	if code := refusalAtTheDoor(o, who); code != "" {
		for _, p := range []*castStore{own, other, foreign} {
			if p == nil {
				continue
			}
			if a := m.cast.ask(t, o.request(m.cast, t, who, p, m.namesOf(o, p))); refusalIn(a) != code {
				t.Errorf("%s, about what is at %s of %s: %d %s, want %s", who.name, p.code, p.slug, a.status, a.body, code)
			}
		}
		return
	}
	a := m.askAbout(t, o, who, own, nil)
	if want := refusedAnyway[o.OperationID]; a.status != want && (want != 0 || a.status >= http.StatusBadRequest) {
		t.Errorf("%s is refused her own: %d %s", who.name, a.status, a.body)
	}
	m.holdsNothingForeign(t, o, who, a, nil)
	for _, s := range o.slots {
		if s.kind != "file" && s.kind != "sku" {
			m.askAbroad(t, o, who, s, foreign)
			m.askElsewhere(t, o, who, s, other)
		}
	}
}

// askAbroad: another brand's is answered as nobody's.
func (m matrix) askAbroad(t *testing.T, o operation, who castActor, s slot, foreign *castStore) {
	t.Helper()
	own, _, _ := m.around(who)
	about := o.OperationID + " " + s.name
	nobodys := m.nobodys(s.kind)
	unknown := m.askAbout(t, o, who, own, map[string]string{s.name: nobodys})
	if unknown.status < http.StatusBadRequest && !bearsUnknown[about] {
		t.Errorf("%s is answered about nobody's %s (%s): %d %s", who.name, s.kind, s.name, unknown.status, unknown.body)
	}
	if contracttest.IsPublic(o.Operation) && o.method != http.MethodPost {
		return // codes and pages are for everybody, of whatever brand
	}
	theirs := map[string]string{s.name: m.stand[foreign][s.kind]}
	a := m.askAbout(t, o, who, own, theirs)
	sent := strings.NewReplacer(theirs[s.name], "name", nobodys, "name")
	if a.status != unknown.status || sent.Replace(alike(a)) != sent.Replace(alike(unknown)) || a.header.Get("Content-Type") != unknown.header.Get("Content-Type") {
		t.Errorf("%s sees another brand's %s (%s): %d %s, nobody's: %d %s", who.name, s.kind, s.name, a.status, a.body, unknown.status, unknown.body)
	}
	m.holdsNothingForeign(t, o, who, a, theirs)
}

// askElsewhere: what is another store's is nobody's for those whose role ends at their stores, but for what elsewhere says.
func (m matrix) askElsewhere(t *testing.T, o operation, who castActor, s slot, other *castStore) {
	t.Helper()
	if other == nil || contracttest.IsPublic(o.Operation) {
		return
	}
	own, _, _ := m.around(who)
	about := o.OperationID + " " + s.name
	want, isOpen := elsewhere[about], who.at == nil
	a := m.askAbout(t, o, who, own, map[string]string{s.name: things[s.kind](m.cast, t, other)})
	switch {
	case isOpen || want == open:
		if a.status >= http.StatusBadRequest {
			t.Errorf("%s is refused another store's %s (%s): %d %s", who.name, s.kind, s.name, a.status, a.body)
		}
	case want != "":
		if refusalIn(a) != want {
			t.Errorf("%s about another store's %s (%s): %d %s, want %s", who.name, s.kind, s.name, a.status, a.body, want)
		}
	default:
		unknown := m.askAbout(t, o, who, own, map[string]string{s.name: m.nobodys(s.kind)})
		if a.status < http.StatusBadRequest || a.status != unknown.status || alike(a) != alike(unknown) {
			t.Errorf("%s sees another store's %s (%s): %d %s, nobody's: %d %s", who.name, s.kind, s.name, a.status, a.body, unknown.status, unknown.body)
		}
	}
	if o.OperationID == "getCustomerCard" && !isOpen && strings.Contains(a.body, "details") {
		t.Errorf("%s sees more of another store's customer than that she is a member: %s", who.name, a.body)
	}
}

// askAbout asks with fresh things of one's own where the request names some, but for those of names.
func (m matrix) askAbout(t *testing.T, o operation, who castActor, own *castStore, names map[string]string) answered {
	t.Helper()
	if usesUp[o.OperationID] {
		who = m.again(t, who)
	}
	all := map[string]string{}
	gone := ""
	for name := range names {
		gone = instead[o.OperationID+" "+name]
	}
	for _, s := range o.slots {
		if s.name == gone {
			continue
		}
		if name, isNamed := names[s.name]; isNamed {
			all[s.name] = name
		} else if s.in == "path" || s.in == "body" && has(o.json().Example, strings.Split(s.name, ".")) {
			all[s.name] = things[s.kind](m.cast, t, own)
		}
	}
	return m.cast.ask(t, o.request(m.cast, t, who, own, all))
}

// namesOf are the things that stand at a place, for requests which nobody comes through with.
func (m matrix) namesOf(o operation, p *castStore) map[string]string {
	names := map[string]string{}
	for _, s := range o.slots {
		names[s.name] = m.stand[p][s.kind]
	}
	return names
}

// holdsNothingForeign: no id of another brand comes back that was not sent, and to those whose role ends at their stores none of
// what only those stores have.
func (m matrix) holdsNothingForeign(t *testing.T, o operation, who castActor, a answered, sent map[string]string) {
	t.Helper()
	if who.role == "" || a.status >= http.StatusBadRequest || contracttest.IsPublic(o.Operation) {
		return
	}
	_, other, foreign := m.around(who)
	for kind, id := range m.stand[foreign] {
		if ids.MatchString(id) && !slices.Contains(slices.Collect(maps.Values(sent)), id) && strings.Contains(a.body, id) {
			t.Errorf("%s finds a %s of another brand in %s", who.name, kind, a.body)
		}
	}
	for _, kind := range ofTheStore {
		if who.at != nil && other != nil && strings.Contains(a.body, m.stand[other][kind]) {
			t.Errorf("%s finds a %s of another store in %s", who.name, kind, a.body)
		}
	}
}

// The tables of matrix_names_test.go speak of operations and names that there are.
func TestA2TablesSayNothingOfWhatIsGone(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, o := range operations(t) {
		used[o.OperationID] = true
		for _, s := range o.slots {
			used[o.OperationID+" "+s.name] = true
			used[s.name] = true
			upTo, _, _ := strings.Cut(o.path, "{"+s.name+"}")
			used[upTo+"{"+s.name+"}"], used[o.path] = true, true
		}
	}
	for table, keys := range map[string][]string{
		"namedBy": slices.Collect(maps.Keys(namedBy)), "elsewhere": slices.Collect(maps.Keys(elsewhere)), "bodies": slices.Collect(maps.Keys(bodies)),
		"files":        slices.Collect(maps.Keys(files)),
		"bearsUnknown": slices.Collect(maps.Keys(bearsUnknown)), "instead": slices.Collect(maps.Keys(instead)),
		"usesUp": slices.Collect(maps.Keys(usesUp)), "refusedAnyway": slices.Collect(maps.Keys(refusedAnyway)),
	} {
		for _, key := range keys {
			if !used[key] {
				t.Errorf("%s has %q, which is in no operation any more", table, key)
			}
		}
	}
}

// refusalAtTheDoor is why somebody may not ask at all, as the contract says; empty: she may.
func refusalAtTheDoor(o operation, who castActor) string {
	scope, _ := o.Extensions["x-scope"].(string)
	switch {
	case contracttest.IsPublic(o.Operation):
		return ""
	case who.name == "anonymous":
		return "unauthenticated"
	case who.name == "revoked device":
		return "session_over"
	case !slices.Contains(contracttest.Roles(o.Operation), string(who.role)):
		return "forbidden"
	case who.name == "integration key without scopes" && scope != "":
		return "scope_missing"
	}
	return ""
}

var (
	requestIDs = regexp.MustCompile(`"request_id":"[^"]*"`)
	ids        = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	instants   = regexp.MustCompile(`\d{4}-\d{2}-\d{2}T[0-9:.]+Z`)
)

// alike is a body without what differs between two answers of the same request: of a refusal its request id, of a success also
// the ids and instants of what was made.
func alike(a answered) string {
	body := requestIDs.ReplaceAllString(a.body, "")
	if a.status < http.StatusBadRequest {
		body = instants.ReplaceAllString(ids.ReplaceAllString(body, "id"), "instant")
	}
	return body
}

var codes = regexp.MustCompile(`"code":"([a-z_]+)"`)

// refusalIn is the code of a refusal, empty for everything else.
func refusalIn(a answered) string {
	if found := codes.FindStringSubmatch(a.body); a.status >= http.StatusBadRequest && found != nil {
		return found[1]
	}
	return ""
}
