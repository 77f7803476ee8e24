package explanation

import (
	"encoding/json"
	"fmt"
	"math/big"
	"time"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
)

// Transfer tells why one row of the book is there: an order's share or what was taken back of it, what became payable, and what
// the close of a month gives and takes. All other kinds are told as their amount alone: an adjustment has a reason that somebody
// typed, and what is only stated or paid is in nobody's list.
func (t *Teller) Transfer(row ledger.Transfer) string {
	m := movement{Teller: t, words: vocabulary[t.Language], currency: row.Debit.Currency, row: row}
	return m.words.sentences([]string{m.told()})
}

// movement is a transfer being told.
type movement struct {
	*Teller
	words    words
	currency shop.Currency
	row      ledger.Transfer
}

// posted are facts that the reason of an order's transfer has.
type posted struct {
	Event   string               `json:"event"`
	Kind    order.RefundKind     `json:"kind"`
	Decided []attribution.Ruling `json:"decided"`
}

// moved are the facts that reasons of a close's transfers have: each kind has some of them.
type moved struct {
	Month    string            `json:"month"` // YYYY-MM of the orders
	Due      string            `json:"due"`   // set when nothing is due any more
	Volume   *big.Rat          `json:"volume"`
	Steps    []movedStep       `json:"steps"`
	Cap      int64             `json:"cap"`
	Min      int64             `json:"min"`
	Net      int64             `json:"net"`
	Reversed int64             `json:"reversed"`
	Minutes  map[shop.ID]int64 `json:"minutes"`
	Pool     int64             `json:"pool"`
	Share    int64             `json:"share"`
	Target   int64             `json:"target"`
	FromBP   int64             `json:"from_bp"`
	ExtraBP  int64             `json:"extra_bp"`
	Bonus    int64             `json:"bonus_minor"`
}

// movedStep is a step of a tier and the volume that falls to it.
type movedStep struct {
	ExtraBP int64    `json:"extra_bp"`
	Slice   *big.Rat `json:"slice"`
}

func (m *movement) told() string {
	w, amount := &m.words.months, price(m.currency, m.row.Minor)
	var facts posted
	switch m.row.Kind {
	case ledger.Credited:
		return fmt.Sprintf(w.posted, amount)
	case ledger.Vested:
		return fmt.Sprintf(w.vested, amount)
	case ledger.Corrected:
		if json.Unmarshal(m.row.Reason, &facts) == nil {
			return m.corrected(facts, amount)
		}
	case ledger.Refunded:
		if json.Unmarshal(m.row.Reason, &facts) == nil {
			event := fmt.Sprintf(m.words.events[facts.Kind], facts.Event, m.row.EffectiveAt.In(m.Zone).Format(m.words.day))
			return fmt.Sprintf(w.takenBack, amount, event)
		}
	default:
		var facts moved
		if json.Unmarshal(m.row.Reason, &facts) == nil {
			return m.closing(facts, amount)
		}
	}
	return amount
}

func (m *movement) corrected(f posted, amount string) string {
	w := &m.words.months
	switch {
	case m.row.Debit.Kind != ledger.Expense:
		return fmt.Sprintf(w.anew, amount)
	case len(f.Decided) == 0:
		return fmt.Sprintf(w.corrected, amount)
	case f.Decided[len(f.Decided)-1].Decision.IsZero():
		return fmt.Sprintf(w.leaver, amount)
	}
	return fmt.Sprintf(w.dispute, amount)
}

// closing tells what belongs to a month and not to one order.
func (m *movement) closing(f moved, amount string) string {
	w, month := &m.words.months, m.month(f)
	if f.Due != "" {
		return fmt.Sprintf(w.nothingDue, month, amount)
	}
	c := m.currency
	switch m.row.Kind {
	case ledger.Tier:
		text, due := m.tier(f, month)
		return m.since(text, due)
	case ledger.Reached:
		text, due := m.target(f, month)
		return m.since(text, due)
	case ledger.MonthMin:
		return m.since(fmt.Sprintf(w.monthMin, month, price(c, f.Net), price(c, f.Min), price(c, f.Min-f.Net)), f.Min-f.Net)
	case ledger.MonthCap:
		return m.since(fmt.Sprintf(w.monthCap, month, price(c, f.Net), price(c, f.Cap), price(c, f.Net-f.Cap)), f.Cap-f.Net)
	case ledger.ClawbackCap:
		return m.since(fmt.Sprintf(w.clawbackCap, month, price(c, f.Reversed), price(c, f.Cap), price(c, f.Reversed-f.Cap)), f.Reversed-f.Cap)
	case ledger.Divided:
		return m.since(m.pool(f, month), f.Share)
	}
	return amount
}

// since adds what earlier closes had booked of what is due, when the transfer is the difference.
func (m *movement) since(text string, due int64) string {
	minor := m.row.Minor
	if m.row.Debit.Holder == m.holder() {
		minor = -minor
	}
	if minor == due {
		return text
	}
	before := fmt.Sprintf(m.words.months.before, price(m.currency, due-minor), price(m.currency, minor))
	return m.words.sentences([]string{text, before})
}

// tier is what a month's volume earns beyond the orders' own rates.
func (m *movement) tier(f moved, month string) (text string, due int64) {
	sum := new(big.Rat)
	for _, s := range f.Steps {
		if s.Slice != nil {
			sum.Add(sum, new(big.Rat).Mul(s.Slice, big.NewRat(s.ExtraBP, 10000)))
		}
	}
	return fmt.Sprintf(m.words.months.tier, month, m.volume(f.Volume), m.steps(f.Steps)), shop.HalfUp(sum)
}

func (m *movement) steps(steps []movedStep) string {
	var texts []string
	for _, s := range steps {
		if s.Slice == nil || s.ExtraBP == 0 {
			continue
		}
		share := new(big.Rat).Mul(s.Slice, big.NewRat(s.ExtraBP, 10000))
		texts = append(texts, fmt.Sprintf(m.words.months.step, base(m.currency, s.Slice), m.words.percentOf(s.ExtraBP), exact(m.currency, share)))
	}
	return m.words.list(texts)
}

// target is the volume against what was to be sold, and what the step that was reached gives.
func (m *movement) target(f moved, month string) (text string, due int64) {
	w, reached, due := &m.words.months, "0", f.Bonus
	if f.Volume != nil && f.Target > 0 {
		bp := new(big.Rat).Mul(f.Volume, big.NewRat(10000, f.Target))
		reached = m.words.percentOf(shop.Floor(bp))
		due += shop.HalfUp(new(big.Rat).Mul(f.Volume, big.NewRat(f.ExtraBP, 10000)))
	}
	said := []string{fmt.Sprintf(w.target, month, m.volume(f.Volume), price(m.currency, f.Target), reached)}
	var more []string
	if f.ExtraBP != 0 {
		more = append(more, fmt.Sprintf(w.extra, m.words.percentOf(f.ExtraBP)))
	}
	if f.Bonus != 0 {
		more = append(more, fmt.Sprintf(w.bonus, price(m.currency, f.Bonus)))
	}
	if len(more) > 0 {
		said = append(said, fmt.Sprintf(w.targetStep, m.words.percentOf(f.FromBP), m.words.list(more)))
	}
	return m.words.sentences(said), due
}

// pool is what one person has of the team's pool, by the hours of the month.
func (m *movement) pool(f moved, month string) string {
	var all int64
	for _, minutes := range f.Minutes {
		all += minutes
	}
	own := f.Minutes[m.holder().ID]
	return fmt.Sprintf(m.words.months.pool, month, price(m.currency, f.Pool), hours(own), hours(all), price(m.currency, f.Share))
}

// hours are minutes as people write hours: 7, 7:30.
func hours(minutes int64) string {
	if minutes%60 == 0 {
		return fmt.Sprint(minutes / 60)
	}
	return fmt.Sprintf("%d:%02d", minutes/60, minutes%60)
}

// holder is whose the transfer is: of a pool's and its person, the person's; of the brand's and anybody, the other's.
func (m *movement) holder() attribution.Beneficiary {
	from, to := m.row.Debit.Holder, m.row.Credit.Holder
	if to.IsNobody() || from.Kind == attribution.ToStaff {
		return from
	}
	return to
}

func (m *movement) volume(x *big.Rat) string {
	if x == nil {
		return ""
	}
	return base(m.currency, x)
}

// month is that of the reason, else the one in which the transfer is dated.
func (m *movement) month(f moved) string {
	month, err := time.Parse("2006-01", f.Month)
	if err != nil {
		month = m.row.Month
	}
	return month.Format(m.words.month)
}
