package manager

import (
	"context"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/referral/tag"
)

type issueTagFileRequest struct {
	IsRehearsal bool   `query:"rehearsal"`
	File        []byte `body:"csv"`
}

// tagLineAnswer is a row of the file. Its id and code are those of its tag, once there is one.
type tagLineAnswer struct {
	Row     int          `json:"row"`
	Verdict tag.Verdict  `json:"verdict"`
	ID      shop.ID      `json:"id,omitzero"`
	Code    tag.Code     `json:"code,omitempty"`
	Fields  []shop.Field `json:"fields,omitempty"`
}

type issueTagFileAnswer struct {
	New   int             `json:"new"`
	Known int             `json:"known"`
	Wrong int             `json:"wrong"`
	Rows  []tagLineAnswer `json:"rows"`
}

// issueTagFile needs no Idempotency-Key: the rows of a file are known by themselves.
func (f *Face) issueTagFile(ctx context.Context, in issueTagFileRequest) (issueTagFileAnswer, error) {
	lines, err := f.Tags.IssueFile(ctx, endpoint.Actor(ctx), in.File, in.IsRehearsal)
	if err != nil {
		return issueTagFileAnswer{}, err
	}
	answer := issueTagFileAnswer{Rows: make([]tagLineAnswer, len(lines))}
	for i, line := range lines {
		answer.Rows[i] = tagLineAnswer{Row: line.Row, Verdict: line.Verdict, ID: line.Tag.ID, Code: line.Tag.Code, Fields: line.Fields}
		switch line.Verdict {
		case tag.RowNew:
			answer.New++
		case tag.RowKnown:
			answer.Known++
		case tag.RowWrong:
			answer.Wrong++
		}
	}
	return answer, nil
}

type exportTagsRequest struct{ tagFilter }

// Validate is the filter's.
func (r *exportTagsRequest) Validate() error {
	var c shop.Check
	r.check(&c)
	return c.Err()
}

// exportTags writes what a printer of labels needs, under the names that a file of new tags has.
func (f *Face) exportTags(ctx context.Context, in exportTagsRequest) (endpoint.File, error) {
	actor := endpoint.Actor(ctx)
	tags, err := f.Tags.Export(ctx, actor, in.filter())
	if err != nil {
		return endpoint.File{}, err
	}
	brand, err := f.Team.BrandByID(ctx, actor.Brand)
	if err != nil {
		return endpoint.File{}, err
	}
	table := [][]string{{"code", "typed", "qr_text", "state", "store", "staff", "kind", "reference", "placement", "label", "batch", "template", "destination", "valid_from", "valid_until", "created_at"}}
	for _, t := range tags {
		table = append(table, []string{
			string(t.Code), t.Code.Grouped(), tag.QRText(brand.ShortDomain, t.Code), string(t.State), shop.Cell(t.StoreCode), shop.Cell(t.EmployeeNo),
			string(t.Kind), shop.Cell(t.Reference), string(t.Placement), shop.Cell(t.Label), shop.Cell(t.Batch), shop.Cell(t.Template), shop.Cell(t.Destination), instant(t.ValidFrom), instant(t.ValidUntil), instant(t.CreatedAt),
		})
	}
	body, err := writeCSV(table)
	return endpoint.File{ContentType: "text/csv; charset=utf-8", Name: "tags.csv", Body: body}, err
}

// instant is a time in a cell; empty for none.
func instant(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}

type issueTagGridRequest struct {
	Stores      []shop.ID       `json:"stores"`
	SKUs        []string        `json:"skus"`
	Placements  []tag.Placement `json:"placements"`
	Label       string          `json:"label"`
	Batch       string          `json:"batch"`
	ValidFrom   time.Time       `json:"valid_from"`
	ValidUntil  time.Time       `json:"valid_until"`
	Draft       bool            `json:"draft"`
	Template    string          `json:"template"`
	Destination string          `json:"destination"`
}

func (f *Face) issueTagGrid(ctx context.Context, in issueTagGridRequest) (issueTagsAnswer, error) {
	specs, err := tag.Grid{
		Stores: in.Stores, SKUs: in.SKUs, Placements: in.Placements, Label: in.Label, Batch: in.Batch, ValidFrom: in.ValidFrom, ValidUntil: in.ValidUntil,
		Draft: in.Draft, Template: in.Template, Destination: in.Destination,
	}.Specs()
	if err != nil {
		return issueTagsAnswer{}, err
	}
	for i := range specs {
		specs[i].ID = numberedID(ctx, i)
	}
	issued, err := f.Tags.IssueSeveral(ctx, endpoint.Actor(ctx), specs)
	if err != nil {
		return issueTagsAnswer{}, err
	}
	return issueTagsAnswer{listOf(ctx, issued, "", answerTag).Items}, nil
}

type issueCardsRequest struct {
	Store shop.ID `json:"store"`
	Batch string  `json:"batch"`
}

type issueCardsAnswer struct {
	New   int         `json:"new"`
	Items []tagAnswer `json:"items"`
}

// issueCards needs no Idempotency-Key: nobody has two cards of a store.
func (f *Face) issueCards(ctx context.Context, in issueCardsRequest) (issueCardsAnswer, error) {
	cards, made, err := f.Tags.IssueCards(ctx, endpoint.Actor(ctx), tag.CardsOf{Store: in.Store, Batch: in.Batch})
	if err != nil {
		return issueCardsAnswer{}, err
	}
	return issueCardsAnswer{made, listOf(ctx, cards, "", answerTag).Items}, nil
}
