package statement

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"time"

	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/explanation"
	"homestore/referral/ledger"
)

// teller says in a language why a movement is there, in one short sentence: the whole is at its trace.
type teller struct {
	language shop.Language
	zone     *time.Location
}

func (s *Statement) teller() teller { return teller{s.Language, s.Zone} }

func (t teller) say(w word, args ...any) string {
	return fmt.Sprintf(words[w].In(t.language), args...)
}

// why tells of a movement: of a share its arithmetic, of an adjustment its reason as it was typed, of everything else what
// explanation says.
func (t teller) why(m ledger.Transfer, adjustment string) string {
	switch m.Kind {
	case ledger.Credited:
		return t.credited(m.Reason, m.Debit.Currency)
	case ledger.Adjusted:
		return adjustment
	}
	all := explanation.Teller{Language: t.language, Zone: t.zone}
	return all.Transfer(m)
}

// credited is the arithmetic of a share in short: rate times base, of each claim on which it stands.
func (t teller) credited(reason []byte, in shop.Currency) string {
	var why attribution.Why
	if json.Unmarshal(reason, &why) != nil {
		return ""
	}
	var rates []string
	fixed := int64(0)
	for _, g := range why.Grounds {
		fixed += g.FixedMinor
		if g.RateBP == 0 {
			continue
		}
		rate := strings.TrimRight(strings.TrimRight(big.NewRat(g.RateBP, 100).FloatString(2), "0"), ".") + " %"
		if g.Weight != nil && g.Weight.Cmp(big.NewRat(1, 1)) != 0 {
			rate += " × " + g.Weight.RatString()
		}
		rates = append(rates, rate)
	}
	switch {
	case len(rates) > 0 && why.Base != nil:
		return t.say("why:credit", why.PlanVersion, strings.Join(rates, " + "), in.Figure(shop.HalfUp(why.Base)))
	case fixed > 0:
		return t.say("why:fixed", why.PlanVersion, in.Figure(fixed))
	}
	return t.say("why:plan", why.PlanVersion)
}
