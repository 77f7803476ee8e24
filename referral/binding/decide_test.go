package binding

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/scan"
)

var (
	taipei = time.FixedZone("Asia/Taipei", 8*60*60)
	noon   = time.Date(2026, 3, 1, 12, 0, 0, 0, taipei)
	amy    = shop.ID{15: 1}
	ben    = shop.ID{15: 2}
)

func number(n int) *int { return &n }

func TestClaimsAreCheckedInOrder(t *testing.T) {
	t.Parallel()
	tillSale := bid{Attempt: Attempt{Source: FromTill, Staff: amy}, assigned: true}
	with := func(change func(*bid)) bid { b := tillSale; change(&b); return b }
	bound := func(source Source, recorded time.Time) []Binding {
		return []Binding{{Source: source, From: recorded, RecordedAt: recorded}}
	}
	month, year := noon.Add(-days(30)), noon.Add(-days(365))
	for _, tc := range []struct {
		why    string
		b      bid
		s      standing
		rebind *int
		want   *shop.Refusal
	}{
		{"nobody has won her", tillSale, standing{}, nil, nil},
		{"the first valid binding wins", tillSale, standing{history: bound(FromTill, month)}, nil, ErrAlreadyBound},
		{"and lasts for life", tillSale, standing{history: bound(FromTill, noon.Add(-days(3650)))}, nil, ErrAlreadyBound},
		{"the same person again has won her already", tillSale, standing{history: []Binding{{Staff: amy, Source: FromTill, RecordedAt: month}}}, nil, ErrAlreadyBound},
		{"a binding that has ended does not count", tillSale, standing{history: []Binding{{Source: FromTill, From: year, Until: month}}}, nil, nil},
		{"she does not work there", with(func(b *bid) { b.assigned = false }), standing{}, nil, ErrNotAssigned},
		{"she buys from herself", tillSale, standing{self: amy}, nil, ErrSelfReferral},
		{"a colleague may win a colleague", tillSale, standing{self: ben}, nil, nil},
		{"without a person nobody wins herself", with(func(b *bid) { b.Staff = shop.ID{} }), standing{}, nil, nil},
		{"she chose for herself", tillSale, standing{history: bound(ByCustomer, year)}, nil, ErrCustomerChoice},
		{"her choice outlasts every policy", tillSale, standing{history: bound(ByCustomer, year)}, number(1), ErrCustomerChoice},
		{"a manager's transfer is a binding as others are", tillSale, standing{history: bound(ByTransfer, year)}, nil, ErrAlreadyBound},
		{"invoice before everything", with(func(b *bid) { b.invoiceUsed, b.assigned = true, false }), standing{self: amy, history: bound(ByCustomer, year)}, nil, ErrInvoiceUsed},
		{"assignment before herself", with(func(b *bid) { b.assigned = false }), standing{self: amy, history: bound(ByCustomer, year)}, nil, ErrNotAssigned},
		{"herself before her choice", tillSale, standing{self: amy, history: bound(ByCustomer, year)}, nil, ErrSelfReferral},

		{"idle for as many days as the policy asks", tillSale, standing{history: bound(FromTill, month)}, number(30), nil},
		{"a day less", tillSale, standing{history: bound(FromTill, month)}, number(31), ErrAlreadyBound},
		{"she has ordered in between", tillSale, standing{history: bound(FromTill, year), ordered: month}, number(31), ErrAlreadyBound},
		{"her last order is long ago too", tillSale, standing{history: bound(FromTill, year), ordered: month}, number(30), nil},
		{"an earlier click never displaces what is recorded, however idle",
			bid{Attempt: Attempt{Source: FromScan}, scannedAt: month.Add(-time.Minute), assigned: true}, standing{history: bound(FromTill, month)}, number(30), ErrAlreadyBound},
		{"a later one may, where the policy allows it",
			bid{Attempt: Attempt{Source: FromScan}, scannedAt: month, assigned: true}, standing{history: bound(FromTill, month)}, number(30), nil},
	} {
		if got := refusalOf(tc.b, tc.s, team.Policy{RebindInactiveDays: tc.rebind}, noon); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.why, got, tc.want)
		}
	}
}

func TestWhenABindingBegins(t *testing.T) {
	t.Parallel()
	scanned := noon.Add(-7 * time.Hour)
	live := Binding{From: noon.Add(-days(40)), RecordedAt: noon.Add(-days(40))}
	ended := func(until time.Time) []Binding { return []Binding{{From: live.From, Until: until}} }
	for _, tc := range []struct {
		why     string
		source  Source
		history []Binding
		want    time.Time
	}{
		{"the first by a scan, at the scan", FromScan, nil, scanned},
		{"by a till, when it is recorded", FromTill, nil, noon},
		{"by an invoice, when it is shown, not when she bought", FromInvoice, nil, noon},
		{"by an import, when it is recorded", FromImport, nil, noon},
		{"one that replaces another, when it is recorded", ByTransfer, []Binding{live}, noon},
		{"also by a scan", FromScan, []Binding{live}, noon},
		{"by a scan after one that had ended before it", FromScan, ended(scanned.Add(-time.Hour)), scanned},
		{"by a scan before one that ended after it: not into the other's time", FromScan, ended(scanned.Add(time.Hour)), scanned.Add(time.Hour)},
		{"recorded by a machine whose clock is behind", ByTransfer, []Binding{{From: noon.Add(time.Second)}}, noon.Add(time.Second)},
	} {
		if got := beginning(tc.source, scanned, tc.history, noon); !got.Equal(tc.want) {
			t.Errorf("%s: %s, want %s", tc.why, got, tc.want)
		}
	}
}

func TestWhichClickMayWin(t *testing.T) {
	t.Parallel()
	at := func(d time.Duration) scan.Scan { return scan.Scan{ID: shop.NewID(noon.Add(-d)), Kind: scan.Person} }
	hour, week, dead, bot := at(time.Hour), at(days(7)), at(days(30)+time.Millisecond), at(time.Hour)
	last := at(days(30))
	bot.Kind = scan.Bot
	used := map[shop.ID]shop.ID{}
	taken := at(2 * time.Hour)
	used[taken.ID] = ben
	for _, tc := range []struct {
		why     string
		touch   string
		scans   []scan.Scan
		unknown int
		want    []scan.Scan
		refusal *shop.Refusal
	}{
		{"none brought, nothing said", "first", nil, 0, nil, nil},
		{"the earliest by first touch", "first", []scan.Scan{hour, week}, 0, []scan.Scan{week, hour}, nil},
		{"the latest by last touch", "last", []scan.Scan{week, hour}, 0, []scan.Scan{hour, week}, nil},
		{"thirty days are not over at their end", "first", []scan.Scan{last}, 0, []scan.Scan{last}, nil},
		{"thirty days and a moment are", "first", []scan.Scan{dead}, 0, nil, scan.ErrExpiredClick},
		{"used up", "first", []scan.Scan{taken}, 0, nil, ErrClickUsed},
		{"of no scan", "first", nil, 1, nil, scan.ErrUnknownClick},
		{"of a program", "first", []scan.Scan{bot}, 0, nil, scan.ErrUnknownClick},
		{"one that lives makes up for all others", "first", []scan.Scan{taken, dead, bot, hour}, 1, []scan.Scan{hour}, nil},
		{"unknown is said before used, used before too old", "first", []scan.Scan{dead, taken}, 1, nil, scan.ErrUnknownClick},
		{"used is said before too old", "first", []scan.Scan{dead, taken}, 0, nil, ErrClickUsed},
	} {
		var clicks []shop.ID
		for _, s := range tc.scans {
			clicks = append(clicks, s.ID)
		}
		for range tc.unknown {
			clicks = append(clicks, shop.NewID(noon))
		}
		got, refusal := candidates(clicks, tc.scans, used, team.Policy{Touch: tc.touch, ClickDays: 30}, noon)
		if d := cmp.Diff(tc.want, got); d != "" || refusal != tc.refusal {
			t.Errorf("%s: %v, want %v; %s", tc.why, refusal, tc.refusal, d)
		}
	}
}

func TestWhenSheMayChooseAgain(t *testing.T) {
	t.Parallel()
	choice := time.Date(2026, 1, 10, 10, 0, 0, 0, taipei)
	history := []Binding{{Source: FromTill, RecordedAt: noon}, {Source: ByCustomer, RecordedAt: choice}, {Source: ByTransfer, RecordedAt: noon}}
	if got := mayChooseAt(history, 90); !got.Equal(time.Date(2026, 4, 10, 10, 0, 0, 0, taipei)) {
		t.Errorf("90 days after her choice is %s", got)
	}
	if got := mayChooseAt(history[:1], 90); !got.IsZero() {
		t.Errorf("who never chose waits until %s", got)
	}
}
