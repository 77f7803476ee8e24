package plan

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestDayIsWrittenAsADateEverywhere(t *testing.T) {
	t.Parallel()
	d := day("2026-03-01")
	b, err := json.Marshal(map[string]any{"day": d, "by": map[Day]int{d: 1}})
	if want := `{"by":{"2026-03-01":1},"day":"2026-03-01"}`; err != nil || string(b) != want {
		t.Errorf("%s %v, want %s", b, err, want)
	}
	var again struct {
		Day Day
		By  map[Day]int
	}
	if err := json.Unmarshal(b, &again); err != nil || again.Day != d || again.By[d] != 1 {
		t.Errorf("read again: %+v %v", again, err)
	}
	var text Day
	if err := text.UnmarshalText([]byte("2026-03-01")); err != nil || text != d {
		t.Errorf("read as a text: %v %v", text, err)
	}
	if err := again.Day.UnmarshalText([]byte("1 March")); err == nil || strings.Contains(err.Error(), "March") {
		t.Errorf("1 March is refused with %v, which is told to callers and quotes nothing", err)
	}
}
