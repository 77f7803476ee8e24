package manager

import (
	"context"
	"slices"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/referral/label"
	"homestore/referral/tag"
)

// usualPixels is a side that prints at 4 cm with 300 dpi: a shelf label.
const usualPixels = 480

type drawTagRequest struct {
	byID
	Format     string           `query:"format"`
	Pixels     int              `query:"pixels"`
	MM         int              `query:"mm"`
	Margin     int              `query:"margin"`
	Correction label.Correction `query:"correction"`
	Dark       string           `query:"dark"`
	Light      string           `query:"light"`
	Template   string           `query:"template"`
}

// Validate fills in what was not said. The bounds keep one request from filling the memory; label has its own beside them.
func (r *drawTagRequest) Validate() error {
	if r.Format == "" {
		r.Format = "png"
	}
	if r.Pixels == 0 && r.MM == 0 {
		r.Pixels = usualPixels
	}
	if r.Margin == 0 {
		r.Margin = label.MinMargin
	}
	var c shop.Check
	c.That(slices.Contains([]string{"png", "svg"}, r.Format), "format", "format_unknown", "png or svg.")
	c.That(r.Pixels == 0 || r.MM == 0, "mm", "size_said_twice", "Either pixels or mm.")
	c.That(r.MM != 0 || r.Pixels >= 64 && r.Pixels <= 4096, "pixels", "out_of_range", "The side in pixels, from 64 to 4096.")
	c.That(r.MM == 0 || r.MM >= 10 && r.MM <= 300, "mm", "out_of_range", "The side in millimetres, from 10 to 300.")
	c.That(r.Margin >= label.MinMargin && r.Margin <= label.MaxMargin, "margin", "out_of_range", "The margin in modules, from 4 to 32.")
	return c.Err()
}

// drawTag draws the code as large as fits into the side that was asked for.
func (f *Face) drawTag(ctx context.Context, in drawTagRequest) (endpoint.File, error) {
	actor := endpoint.Actor(ctx)
	t, err := f.Tags.ByID(ctx, actor, in.ID)
	if err != nil {
		return endpoint.File{}, err
	}
	brand, err := f.Team.BrandByID(ctx, actor.Brand)
	if err != nil {
		return endpoint.File{}, err
	}
	design := label.Plain()
	if in.Template != "" {
		template, err := f.Labels.Template(ctx, actor, in.Template)
		if err != nil {
			return endpoint.File{}, err
		}
		design = template.Design
	}
	if design, err = designOf(in.Correction, in.Dark, in.Light, design); err != nil {
		return endpoint.File{}, err
	}
	drawing, err := label.Draw(tag.QRText(brand.ShortDomain, t.Code), design)
	if err != nil {
		return endpoint.File{}, err
	}
	size := label.Size{Pixels: in.Pixels, Millimetres: in.MM, Margin: in.Margin}
	if in.Format == "svg" {
		title := t.Label
		if title == "" {
			title = string(t.Code)
		}
		vector, err := drawing.SVG(size, title)
		return endpoint.File{ContentType: "image/svg+xml", Body: vector}, err
	}
	picture, err := drawing.PNG(size)
	return endpoint.File{ContentType: "image/png", Body: picture}, err
}
