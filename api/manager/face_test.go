package manager

import (
	"strings"
	"testing"

	"homestore/migrations/postgres"
)

func TestCellsThatBeginLikeAFormulaAreTexts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"=1+1": "'=1+1", "+886": "'+886", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1", "\r=1": "'\r=1",
		"": "", "a=b": "a=b", "信義店": "信義店",
	} {
		if got := cell(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

func TestAForgottenPartStopsTheProgramAtItsStart(t *testing.T) {
	t.Parallel()
	defer func() {
		if said, _ := recover().(string); !strings.Contains(said, "Team") {
			t.Errorf("New said %q about a face without a team", said)
		}
	}()
	New(Parts{Pool: &postgres.Pool{}})
}
