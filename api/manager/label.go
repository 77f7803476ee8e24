package manager

import (
	"context"
	"encoding/base64"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/referral/label"
)

type labelTemplate struct {
	Name         string           `json:"name"`
	Format       string           `json:"format"`
	Languages    []shop.Language  `json:"languages"`
	CallToAction shop.Text        `json:"call_to_action"`
	ShowsPrice   bool             `json:"shows_price"`
	ShowsStore   bool             `json:"shows_store"`
	ShowsCode    bool             `json:"shows_code"`
	Correction   label.Correction `json:"correction"`
	Dark         string           `json:"dark"`
	Light        string           `json:"light"`
	HasLogo      bool             `json:"has_logo"`
	CreatedAt    time.Time        `json:"created_at"`
	ChangedAt    time.Time        `json:"changed_at"`
}

func answerLabelTemplate(_ context.Context, t label.Template) labelTemplate {
	return labelTemplate{
		Name: t.Name, Format: t.Format, Languages: t.Languages, CallToAction: textOr(t.CallToAction), ShowsPrice: t.ShowsPrice, ShowsStore: t.ShowsStore,
		ShowsCode: t.ShowsCode, Correction: t.Design.Correction, Dark: t.Design.Dark.String(), Light: t.Design.Light.String(),
		HasLogo: t.Design.Logo != nil, CreatedAt: t.CreatedAt.UTC(), ChangedAt: t.ChangedAt.UTC(),
	}
}

func (f *Face) listLabelTemplates(ctx context.Context, _ endpoint.None) (endpoint.List[labelTemplate], error) {
	all, err := f.Labels.Templates(ctx, endpoint.Actor(ctx))
	return listOf(ctx, all, "", answerLabelTemplate), err
}

type putLabelTemplateRequest struct {
	byName
	Format       string           `json:"format"`
	Languages    []shop.Language  `json:"languages"`
	CallToAction shop.Text        `json:"call_to_action"`
	ShowsPrice   bool             `json:"shows_price"`
	ShowsStore   bool             `json:"shows_store"`
	ShowsCode    bool             `json:"shows_code"`
	Correction   label.Correction `json:"correction"`
	Dark         string           `json:"dark"`
	Light        string           `json:"light"`
	Logo         string           `json:"logo"` // base64 of a PNG
	KeepsLogo    bool             `json:"keeps_logo"`
}

// Validate asks for one logo at most.
func (r *putLabelTemplateRequest) Validate() error {
	var c shop.Check
	c.That(r.Logo == "" || !r.KeepsLogo, "logo", "logo_said_twice", "Send a logo, or keep the one that is there.")
	return c.Err()
}

func (f *Face) putLabelTemplate(ctx context.Context, in putLabelTemplateRequest) (labelTemplate, error) {
	design, err := designOf(in.Correction, in.Dark, in.Light, label.Plain())
	if err != nil {
		return labelTemplate{}, err
	}
	if in.Logo != "" {
		file, err := base64.StdEncoding.DecodeString(in.Logo)
		if err != nil {
			return labelTemplate{}, label.ErrLogo
		}
		if design.Logo, err = label.ReadLogo(file); err != nil {
			return labelTemplate{}, err
		}
	}
	put, err := f.Labels.Put(ctx, endpoint.Actor(ctx), label.Template{
		Name: in.Name, Format: in.Format, Languages: in.Languages, CallToAction: in.CallToAction, ShowsPrice: in.ShowsPrice, ShowsStore: in.ShowsStore,
		ShowsCode: in.ShowsCode, Design: design,
	}, in.KeepsLogo)
	if err != nil {
		return labelTemplate{}, err
	}
	return answerLabelTemplate(ctx, put), nil
}

// designOf is a design with what a request says of it.
func designOf(correction label.Correction, dark, light string, d label.Design) (label.Design, error) {
	if correction != "" {
		d.Correction = correction
	}
	var err error
	if dark != "" {
		if d.Dark, err = label.ParseColour(dark); err != nil {
			return d, err
		}
	}
	if light != "" {
		d.Light, err = label.ParseColour(light)
	}
	return d, err
}

type printLabelsRequest struct {
	Template string    `json:"template"`
	Tags     []shop.ID `json:"tags"`
	Store    shop.ID   `json:"store"`
	Batch    string    `json:"batch"`
	Skip     int       `json:"skip"`
}

// Validate asks which tags, in one way.
func (r *printLabelsRequest) Validate() error {
	var c shop.Check
	c.That(r.Template != "", "template", "required", "Name the label template.")
	isFilter := !r.Store.IsZero() || r.Batch != ""
	c.That(isFilter != (len(r.Tags) > 0), "tags", "required", "Name tags, or a store or batch whose tags to print.")
	c.That(r.Skip >= 0 && r.Skip < 100, "skip", "out_of_range", "How many places of the first sheet are used, from 0 to 99.")
	return c.Err()
}

func (f *Face) printLabels(ctx context.Context, in printLabelsRequest) (endpoint.File, error) {
	of := label.Selection{Tags: in.Tags, Store: in.Store, Batch: in.Batch}
	sheets, err := f.Labels.Print(ctx, endpoint.Actor(ctx), in.Template, of, in.Skip)
	return endpoint.File{ContentType: "application/pdf", Name: "labels.pdf", Body: sheets}, err
}
