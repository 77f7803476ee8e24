package manager

import (
	"strings"
	"testing"

	"homestore/migrations/postgres"
)

func TestAForgottenPartStopsTheProgramAtItsStart(t *testing.T) {
	t.Parallel()
	defer func() {
		if said, _ := recover().(string); !strings.Contains(said, "Team") {
			t.Errorf("New said %q about a face without a team", said)
		}
	}()
	New(Parts{Pool: &postgres.Pool{}})
}
