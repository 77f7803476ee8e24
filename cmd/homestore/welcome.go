package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"homestore/clienteling/shop"
	"homestore/referral/label"
	"homestore/referral/tag"
)

// welcome tells a newcomer in ten lines, and one picture, where to look and what to try.
func (h *house) welcome(ctx context.Context, out io.Writer) error {
	s, err := readSeed()
	if err != nil {
		return err
	}
	brand, err := h.teams.BrandBySlug(ctx, s.Brand.Slug)
	if err != nil {
		return err
	}
	tags, _, err := h.tags.List(ctx, shop.System(brand.ID), tag.Filter{State: tag.Live}, shop.Page{Limit: shop.MaxLimit})
	if err != nil {
		return err
	}
	if at := slices.IndexFunc(tags, func(t tag.Tag) bool { return t.Placement == tag.Shelf }); at >= 0 {
		text := tag.QRText(brand.ShortDomain, tags[at].Code)
		drawing, err := label.Draw(text, label.Plain())
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s\nA shelf tag 門市陳列 QR: %s\n", drawing.Terminal(), text)
	}
	fmt.Fprintf(out, "Homestore runs for %s %s at %s\n", s.Brand.Name.In(shop.TraditionalChinese), s.Brand.Name.In(shop.English), h.cfg.PublicURL)
	fmt.Fprintf(out, "API to read and try  %s/docs\n", h.cfg.PublicURL)
	if h.cfg.isLocal() {
		fmt.Fprintf(out, "Inbox of the phones  http://%s/\n", h.cfg.LocalAddr)
	}
	for _, p := range s.Staff {
		switch {
		case p.Role == shop.RoleHQ || p.Role == shop.RoleFinance || p.Role == shop.RoleManager:
			fmt.Fprintf(out, "Sign in as %-9s %s, password %s (brand %s)\n", p.Role, p.Email, p.Password, s.Brand.Slug)
		case p.No == "X001":
			fmt.Fprintf(out, "Sign in as %-9s employee number %s, PIN %s, on an enrolled tablet (make demo enrols one)\n", p.Role, p.No, p.PIN)
		}
	}
	fmt.Fprintf(out, "Metrics, profiles    http://%s/metrics and /debug/pprof/\n", h.cfg.PrivateAddr)
	fmt.Fprintf(out, "Log and data         %s\n", h.cfg.DataDir)
	fmt.Fprintln(out, "Play the journey     make demo (in a second terminal); Ctrl-C here stops everything")
	return nil
}
