package plan

import (
	"slices"
	"time"

	"homestore/clienteling/shop"
)

// DraftState is where a draft is in its life. It ends once, and then never changes.
type DraftState string

const (
	Drafted   DraftState = "draft"
	Approved  DraftState = "approved"  // it is a version now
	Withdrawn DraftState = "withdrawn" // nobody wants it any more
)

// Draft is a plan that somebody wrote and that is not in force before somebody else approves it.
type Draft struct {
	ID       shop.ID
	Revision int // 1 as written; each replacement is one more
	Written
	State        DraftState
	WrittenBy    shop.ID // of this revision
	DraftedAt    time.Time
	ChangedAt    time.Time
	EndedBy      shop.ID // who approved or withdrew it
	EndedAt      time.Time
	Version      shop.ID  // id of the version that it became
	Acknowledged []string // codes of the warnings that whoever approved it had read
}

// Approval is what somebody says who approves a draft.
type Approval struct {
	Revision     int      // that she has read
	Acknowledged []string // codes of the warnings that she has read
}

// Refusals of drafts.
var (
	ErrDraftEnded   = shop.Refuse(shop.Conflict, "plan_draft_ended", "This draft was approved or withdrawn, and does not change any more. Write a new one.")
	ErrDraftChanged = shop.Refuse(shop.Conflict, "plan_draft_changed", "Somebody has changed this draft since you read it. Read it again.")
	ErrFaulty       = shop.Refuse(shop.Unprocessable, "plan_faulty", "The plan has errors; each is named. Mend them first.")
	ErrUnread       = shop.Refuse(shop.Unprocessable, "plan_warnings_unread", "There are warnings that you have not named as read.")
)

// approve is nil when a second person may put the draft in force, which the findings are about.
func (d Draft) approve(a Approval, found []Finding) error {
	switch {
	case d.State != Drafted:
		return ErrDraftEnded
	case a.Revision != d.Revision:
		return ErrDraftChanged
	case Stops(found):
		return ErrFaulty.With(named(found, Error, nil)...)
	case len(unread(found, a.Acknowledged)) > 0:
		return ErrUnread.With(named(found, Warning, unread(found, a.Acknowledged))...)
	}
	return nil
}

// named are findings of a severity as fields of a refusal: all of them, or those of some codes.
func named(found []Finding, s Severity, codes []string) []shop.Field {
	var fields []shop.Field
	for _, f := range found {
		if f.Severity == s && (codes == nil || slices.Contains(codes, f.Code)) {
			fields = append(fields, shop.Field{Name: "acknowledged", Code: f.Code, Hint: f.Message[shop.English]})
		}
	}
	return fields
}

// follows is nil for a plan that may come after the brand's versions: it begins after today unless it is the first, and neither
// its number nor its day is another's.
func (p Plan) follows(versions []Plan, today Day) error {
	for _, other := range versions {
		switch {
		case other.Version == p.Version:
			return ErrVersionTaken
		case other.FirstDay.Equal(p.FirstDay.Time):
			return ErrDayTaken
		}
	}
	if len(versions) == 0 {
		return nil // there is nothing yet that it could change; orders that are there already earn by it
	}
	return p.forward(today)
}
