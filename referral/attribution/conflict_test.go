package attribution

import "testing"

// 10000 earn: home store 300, home staff 200, display store 200, display staff 100, assist 400, selling 500 and 600.
var allRates = rates("home_store 300", "home_staff 200", "display_store 200", "display_staff 100", "assist_staff 400", "selling_store 500", "selling_staff 600")

func TestHomeAgainstDisplays(t *testing.T) {
	t.Parallel()
	home := []string{"home_store store:north 300", "home_staff staff:lin 200"}
	tests := []struct {
		why      string
		conflict string
		displays []string // stores, each scanned by a tag of wu
		want     []string
		lost     []string
	}{
		{"both by default", `{}`, []string{"harbour"}, append(home, "display_store store:harbour 200", "display_staff staff:wu 100"), nil},
		{"home wins", `{"home_display": "home"}`, []string{"harbour"}, home, []string{"display_store store:harbour home_wins", "display_staff staff:wu home_wins"}},
		{"the display wins", `{"home_display": "display"}`, []string{"harbour"}, []string{"display_store store:harbour 200", "display_staff staff:wu 100"},
			[]string{"home_store store:north display_wins", "home_staff staff:lin display_wins"}},
		{"split by weights", `{"home_display": "split", "weights": [3, 1]}`, []string{"harbour"},
			[]string{"home_store store:north 225", "home_staff staff:lin 150", "display_store store:harbour 50", "display_staff staff:wu 25"}, nil},
		{"no display: nothing to split", `{"home_display": "split", "weights": [3, 1]}`, nil, home, nil},
		{"the home store's own display is paid once", `{}`, []string{"north"}, home, []string{"display_store store:north same_store", "display_staff staff:wu same_store"}},
		{"and is no display elsewhere: nothing to split", `{"home_display": "split", "weights": [3, 1]}`, []string{"north"}, home, []string{"display_store store:north same_store", "display_staff staff:wu same_store"}},
		{"nor does it take from home", `{"home_display": "display"}`, []string{"north"}, home, []string{"display_store store:north same_store", "display_staff staff:wu same_store"}},
		{"the home store may be paid for both", `{"same_store": "both", "home_display": "display"}`, []string{"north"}, append(home, "display_store store:north 200", "display_staff staff:wu 100"), nil},
	}
	for _, tt := range tests {
		in := online(planOf(t, allRates+`, "conflict": `+tt.conflict), goods(1, 1, 10000)).heldBy("north", "lin")
		for _, d := range tt.displays {
			in = in.scanned("2026-03-01 12:00", d, "wu")
		}
		r := Compute(in)
		check(t, tt.why, earned(r), tt.want)
		check(t, tt.why+", lost", lost(r), tt.lost)
	}
}

func TestDisplayAtTheHomeStoreDoesNotRaiseTheOthers(t *testing.T) {
	t.Parallel()
	in := online(planOf(t, allRates+`, "display": {"choice": "even"}`), goods(1, 1, 10000)).heldBy("north", "").
		scanned("2026-03-01 12:00", "north", "").scanned("2026-03-01 13:00", "harbour", "")
	check(t, "half of 200 stays half", earned(Compute(in)), []string{"home_store store:north 300", "display_store store:harbour 100"})
}

func TestSplitLeavesADisplayAtTheHomeStoreWhole(t *testing.T) {
	t.Parallel()
	in := online(planOf(t, allRates+`, "display": {"choice": "even"}, "conflict": {"same_store": "both", "home_display": "split", "weights": [1, 1]}`), goods(1, 1, 10000)).
		heldBy("north", "").scanned("2026-03-01 12:00", "north", "").scanned("2026-03-01 13:00", "harbour", "")
	check(t, "of 200 each has 100; only the one elsewhere is split", earned(Compute(in)),
		[]string{"home_store store:north 150", "display_store store:harbour 50", "display_store store:north 100"})
}

func TestNobodyAtHomeLeavesTheDisplayWhole(t *testing.T) {
	t.Parallel()
	for _, rule := range []string{"home", "display", "split"} {
		in := online(planOf(t, allRates+`, "conflict": {"home_display": "`+rule+`", "weights": [1, 1]}`), goods(1, 1, 10000)).scanned("2026-03-01 12:00", "harbour", "")
		check(t, rule, earned(Compute(in)), []string{"display_store store:harbour 200"})
	}
}

func TestHomeStaffAgainstAssistantAndSeller(t *testing.T) {
	t.Parallel()
	seller := []string{"selling_store store:north 500", "selling_staff staff:lin 600"}
	tests := []struct {
		why      string
		conflict string
		home     string // home staff of harbour
		assist   string
		want     []string
		lost     []string
	}{
		{"both by default", `{}`, "wu", "lin", []string{"home_store store:harbour 300", "home_staff staff:wu 200", "assist_staff staff:lin 400"}, nil},
		{"the assistant wins", `{"assist_home": "assist"}`, "wu", "lin", []string{"home_store store:harbour 300", "assist_staff staff:lin 400"}, []string{"home_staff staff:wu assist_wins"}},
		{"home wins over the assistant", `{"assist_home": "home"}`, "wu", "lin", []string{"home_store store:harbour 300", "home_staff staff:wu 200"}, []string{"assist_staff staff:lin home_wins"}},
		{"a pool is home staff too", `{"assist_home": "home"}`, "pool", "lin", []string{"home_store store:harbour 300", "home_staff pool:harbour 200"}, []string{"assist_staff staff:lin home_wins"}},
		{"a home store without a person has nobody to win", `{"assist_home": "home"}`, "", "lin", []string{"home_store store:harbour 300", "assist_staff staff:lin 400"}, nil},
		{"nobody assisted", `{"assist_home": "assist"}`, "wu", "", []string{"home_store store:harbour 300", "home_staff staff:wu 200"}, nil},
		{"the seller wins", `{"selling_home": "selling"}`, "wu", "", []string{"home_store store:harbour 300"}, []string{"home_staff staff:wu selling_wins"}},
		{"home wins over the seller, whose store keeps its share", `{"selling_home": "home"}`, "wu", "", []string{"home_store store:harbour 300", "home_staff staff:wu 200"}, []string{"selling_staff staff:lin home_wins"}},
		{"home staff that lost to the assistant wins over nobody", `{"assist_home": "assist", "selling_home": "home"}`, "wu", "lin", []string{"home_store store:harbour 300", "assist_staff staff:lin 400"}, []string{"home_staff staff:wu assist_wins"}},
	}
	for _, tt := range tests {
		in := till(planOf(t, allRates+`, "conflict": `+tt.conflict), goods(1, 1, 10000)).heldBy("harbour", tt.home)
		in.Order.AssistStore, in.Order.AssistStaff = id("garden"), id(tt.assist)
		r := Compute(in)
		want := append(tt.want, seller...)
		if len(tt.lost) == 1 && tt.lost[0] == "selling_staff staff:lin home_wins" {
			want = append(tt.want, seller[0])
		}
		check(t, tt.why, earned(r), want)
		check(t, tt.why+", lost", lost(r), tt.lost)
	}
}
