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
	Format string `query:"format"`
	Pixels int    `query:"pixels"`
}

// Validate fills in what was not said. The bounds keep one request from filling the memory; label has its own beside them.
func (r *drawTagRequest) Validate() error {
	if r.Format == "" {
		r.Format = "png"
	}
	if r.Pixels == 0 {
		r.Pixels = usualPixels
	}
	var c shop.Check
	c.That(slices.Contains([]string{"png", "svg"}, r.Format), "format", "format_unknown", "png or svg.")
	c.That(r.Pixels >= 64 && r.Pixels <= 4096, "pixels", "out_of_range", "The side in pixels, from 64 to 4096.")
	return c.Err()
}

// drawTag draws the code as large as fits into the side that was asked for, in whole pixels a module, so that no edge is grey.
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
	matrix, err := label.New(tag.QRText(brand.ShortDomain, t.Code), label.Medium)
	if err != nil {
		return endpoint.File{}, err
	}
	size := label.Size{Scale: min(label.MaxScale, max(1, in.Pixels/(len(matrix)+2*label.MinMargin))), Margin: label.MinMargin}
	if in.Format == "svg" {
		title := t.Label
		if title == "" {
			title = string(t.Code)
		}
		drawing, err := matrix.SVG(size, title)
		return endpoint.File{ContentType: "image/svg+xml", Body: drawing}, err
	}
	drawing, err := matrix.PNG(size)
	return endpoint.File{ContentType: "image/png", Body: drawing}, err
}
