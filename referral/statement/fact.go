package statement

import (
	"fmt"
	"strconv"
	"strings"

	"homestore/referral/attribution"
)

// fact is a line of one of the statement's blocks: an amount, or a text.
type fact struct {
	what     string
	text     string
	minor    int64
	isAmount bool
}

func (s *Statement) amount(w word, minor int64) fact {
	return fact{what: s.say(w), minor: minor, isAmount: true}
}

func (s *Statement) heading() []fact {
	return []fact{
		{what: s.say("brand"), text: s.Brand},
		{what: s.say("month"), text: month(s.Month)},
		{what: s.say("to"), text: s.party()},
		{what: s.say("currency"), text: string(s.Currency)},
		{what: s.say("zone"), text: s.Zone.String()},
		{what: s.say("closed"), text: s.moment(s.ClosedAt)},
	}
}

func (s *Statement) opening() []fact {
	return []fact{s.amount("pending_opening", s.PendingOpening), s.amount("payable_opening", s.Opening)}
}

func (s *Statement) closing() []fact {
	return []fact{s.amount("pending_closing", s.PendingClosing), s.amount("stated", s.Stated), s.amount("carried", s.Carried)}
}

// terms says by which rules returns took back, and what the cap forgave.
func (s *Statement) terms() []fact {
	t := s.Terms
	versions := make([]string, len(t.PlanVersions))
	for i, v := range t.PlanVersions {
		versions[i] = strconv.Itoa(v)
	}
	cutOff, most := s.say("cut_off_never"), s.say("cap_none")
	if t.ClawbackDays != nil {
		cutOff = s.sayf("cut_off_days", *t.ClawbackDays)
	}
	facts := []fact{
		{what: s.say("plans"), text: strings.Join(versions, ", ")},
		{what: s.say("hold"), text: s.sayf("hold_days", t.HoldDays)},
		{what: s.say("cut_off"), text: cutOff},
	}
	if s.To.Kind != attribution.ToStaff {
		return facts // the cap is of persons
	}
	if t.ClawbackMonthCap != nil {
		most = s.sayf("cap_amount", string(s.Currency)+" "+s.Currency.Figure(*t.ClawbackMonthCap))
	}
	return append(facts, fact{what: s.say("cap"), text: most}, s.amount("forgiven", t.Forgiven))
}

func (s *Statement) seal() []fact {
	if s.Seal.Seals == 0 {
		return []fact{{what: s.say("hash"), text: s.say("unsealed")}}
	}
	return []fact{
		{what: s.say("hash"), text: fmt.Sprintf("%x", s.Seal.Hash)},
		{what: s.say("seals"), text: s.count(int(s.Seal.Seals))},
		{what: s.say("sealed"), text: s.moment(s.Seal.SealedAt)},
		{what: s.say("verify"), text: s.say("how")},
	}
}
