package statement

import (
	"regexp"
	"slices"
	"testing"

	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
)

func TestEveryWordIsThereInBothLanguages(t *testing.T) {
	t.Parallel()
	verbs := regexp.MustCompile(`%[ds]`)
	for name, text := range words {
		english, chinese := text[shop.English], text[shop.TraditionalChinese]
		if english == "" || chinese == "" || len(text) != 2 {
			t.Errorf("%s: %v", name, text)
		}
		if !slices.Equal(verbs.FindAllString(english, -1), verbs.FindAllString(chinese, -1)) {
			t.Errorf("%s: %q says other things than %q", name, english, chinese)
		}
	}
}

func TestWhateverMovesMoneyHasAName(t *testing.T) {
	t.Parallel()
	var names []word
	for _, kind := range []ledger.TransferKind{ledger.Credited, ledger.Corrected, ledger.Refunded, "tier", "target", "month_min", "month_cap", "clawback_cap", "pool", "adjust"} {
		names = append(names, word("kind:"+kind))
	}
	for _, state := range []ledger.AccountKind{ledger.Pending, ledger.Payable, ledger.Stated, ledger.Paid} {
		names = append(names, word("state:"+state))
	}
	for _, kind := range []attribution.Kind{attribution.ToStore, attribution.ToStaff, attribution.ToPool} {
		names = append(names, word("to:"+kind))
	}
	for _, name := range names {
		if words[name] == nil {
			t.Errorf("%s has no name", name)
		}
	}
	s := Statement{Language: shop.English}
	if got := s.named("kind", "of a later version"); got != "of a later version" {
		t.Errorf("a kind that is not known is printed as %q", got)
	}
}
