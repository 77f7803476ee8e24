package statement

// column is one of a movement's, in files for programs.
type column struct {
	head  word
	width float64 // in a workbook, in digits
	of    func(*Statement, Line) any
}

// What a cell may be, beside a number (int) and an instant (time.Time).
type (
	typed string // by somebody, who may have typed a formula
	ours  string
	minor int64
	link  string // an address of ours
)

var columns = []column{
	{"happened", 17, func(_ *Statement, l Line) any { return l.EffectiveAt }},
	{"posted", 17, func(_ *Statement, l Line) any { return l.PostedAt }},
	{"belongs", 11, func(_ *Statement, l Line) any { return ours(month(l.BelongsTo)) }},
	{"kind", 16, func(s *Statement, l Line) any { return ours(s.named("kind", string(l.Kind))) }},
	{"role", 16, func(s *Statement, l Line) any { return ours(l.Role.Name(s.Language)) }},
	{"order", 20, func(_ *Statement, l Line) any { return typed(l.Order) }},
	{"order_id", 38, func(_ *Statement, l Line) any { return ours(l.OrderID.String()) }},
	{"parcel", 14, func(_ *Statement, l Line) any { return typed(l.Parcel) }},
	{"line_no", 10, func(_ *Statement, l Line) any { return l.LineNo }},
	{"amount", 14, func(_ *Statement, l Line) any { return minor(l.Minor) }},
	{"state", 11, func(s *Statement, l Line) any { return ours(s.named("state", string(l.State))) }},
	{"why", 60, func(_ *Statement, l Line) any { return typed(l.Why) }},
	{"trace", 60, func(_ *Statement, l Line) any { return link(l.Trace) }},
}
