package order

import (
	"cmp"
	"slices"
	"time"
)

// change is one step in which an order's lines became others: a version of it, or an exchange that keeps it.
type change struct {
	at         time.Time
	isExchange bool
	out        []string // of an exchange; a version replaces everything
	lines      []Line
}

// changes are the steps in their sequence: the versions by number, and each exchange after the last version that had been
// made when it happened. So the highest version counts with every exchange since, and a version that comes late changes
// nothing of that.
func (k *kept) changes() []change {
	exchanges := slices.DeleteFunc(slices.Clone(k.exchanges), func(x keptExchange) bool { return !x.Keeps })
	slices.SortStableFunc(exchanges, keptExchange.compare)
	all := make([]change, 0, len(k.versions)+len(exchanges))
	for i, v := range k.versions {
		all = append(all, change{at: v.At, lines: v.Lines})
		for _, x := range exchanges {
			if k.lastBefore(x) == i {
				all = append(all, change{at: x.At, isExchange: true, out: x.Out, lines: x.In})
			}
		}
	}
	return all
}

// lastBefore is the place of the last version that the exchange happened after.
func (k *kept) lastBefore(x keptExchange) int {
	for i := len(k.versions) - 1; i > 0; i-- {
		if !k.versions[i].overtakes(x) {
			return i
		}
	}
	return 0
}

// numbering gives each name of a line its number.
type numbering struct {
	numbers map[string]int
	taken   map[int]bool
	highest int
}

// number gives lines the numbers that their names had before, and new names one that nobody has had.
func (n *numbering) number(lines []Line) []Line {
	numbered := make([]Line, len(lines))
	for i, l := range lines {
		no, known := n.numbers[l.ExternalID]
		if !known {
			no = l.No
			if n.taken[no] {
				no = n.highest + 1
			}
			n.numbers[l.ExternalID], n.taken[no] = no, true
			n.highest = max(n.highest, no)
		}
		l.No = no
		numbered[i] = l
	}
	return numbered
}

// number walks through the changes, so that a line keeps its number from the one that brought it, and no number is used
// again. It fills in the order's lines and those that were withdrawn. A name that no change has is number 0, which is no line.
func (k *kept) number(o *Order) map[string]int {
	n := numbering{numbers: map[string]int{}, taken: map[int]bool{}}
	var present []Line
	for i, c := range k.changes() {
		lines := n.number(c.lines)
		if c.isExchange {
			lines = append(lines, n.staying(present, c.out, lines)...)
		}
		for j := range lines {
			if i > 0 {
				lines[j].AddedAt = addedAt(present, lines[j].No, c.at)
			}
		}
		for _, old := range present {
			if !has(lines, old.No) {
				o.Withdrawn = append(o.Withdrawn, Withdrawn{Line: old, At: c.at})
			}
		}
		present = lines
	}
	slices.SortFunc(present, func(a, b Line) int { return cmp.Compare(a.No, b.No) })
	o.Lines = present
	return n.numbers
}

// staying are the lines that an exchange neither takes out nor brings anew.
func (n *numbering) staying(present []Line, out []string, in []Line) []Line {
	return slices.DeleteFunc(slices.Clone(present), func(l Line) bool {
		isOut := slices.ContainsFunc(out, func(name string) bool { return n.numbers[name] == l.No })
		return isOut || has(in, l.No)
	})
}

func has(lines []Line, no int) bool {
	return slices.ContainsFunc(lines, func(l Line) bool { return l.No == no })
}

// addedAt is since when a line is there: since the change that was before, or only since this one.
func addedAt(before []Line, no int, at time.Time) time.Time {
	if i := slices.IndexFunc(before, func(l Line) bool { return l.No == no }); i >= 0 {
		return before[i].AddedAt
	}
	return at
}
