package brandapp

import (
	"context"

	"github.com/jackc/pgx/v5"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/binding"
	"homestore/referral/scan"
	"homestore/referral/tag"
)

type scanRequest struct {
	Code      string `json:"code"` // what was read: the whole text of the QR code, its end, or as a person types it
	UserAgent string `header:"User-Agent"`
}

func (r *scanRequest) Validate() error {
	var c shop.Check
	c.That(r.Code != "", "code", "required", "Pass the code that was scanned.")
	return c.Err()
}

// claim is what came of a staff member's own code.
type claim struct {
	Outcome string `json:"outcome"` // won, or the code of the refusal
	Detail  string `json:"detail,omitempty"`
}

type scanResponse struct {
	Leads tag.Leads `json:"leads"`
	URL   string    `json:"url"`
	Click string    `json:"click,omitempty"` // hands the scan on to the web shop
	SKU   string    `json:"sku,omitempty"`   // for an app that shows products itself
	Claim *claim    `json:"claim,omitempty"`
}

func (f *Face) scan(ctx context.Context, in scanRequest) (scanResponse, error) {
	actor := endpoint.Actor(ctx)
	code, err := f.codeIn(ctx, in.Code)
	if err != nil {
		return scanResponse{}, err
	}
	target, err := f.Tags.Find(ctx, code)
	if err != nil {
		return scanResponse{}, err
	}
	if target.Brand.ID != actor.Brand || target.LeadsAt(f.Now()) == tag.Nowhere {
		return scanResponse{}, tag.ErrUnknown
	}
	answer, err := f.Scans.Record(ctx, scan.Reading{
		Target: target, Request: scan.Request{Method: "GET", UserAgent: in.UserAgent}, Address: endpoint.Address(ctx), Customer: actor.ID,
	})
	if err != nil {
		return scanResponse{}, err
	}
	outcome, err := f.Bindings.ScanCard(ctx, actor, target)
	if err != nil {
		return scanResponse{}, err
	}
	out := scanResponse{Leads: answer.Leads, URL: target.Brand.Site, Click: answer.Click, SKU: target.SKU(), Claim: claimOf(outcome)}
	if answer.Leads == tag.ToDestination {
		out.URL = target.URL(tag.Circumstance{Language: endpoint.Language(ctx), HasApp: true, At: f.Now()}, answer.Click)
	}
	return out, nil
}

// codeIn lets the app hand over whatever its camera has read: what leads elsewhere is told apart here, not by each app.
func (f *Face) codeIn(ctx context.Context, text string) (tag.Code, error) {
	var domain string
	err := f.read(ctx, func(tx pgx.Tx, actor shop.Actor) error {
		brand, err := team.LoadBrand(ctx, tx, actor.Brand)
		domain = brand.ShortDomain
		return err
	})
	if err != nil {
		return "", err
	}
	return tag.Read(text, domain)
}

func claimOf(o binding.Outcome) *claim {
	switch {
	case o.Refusal != nil:
		return &claim{Outcome: o.Refusal.Code, Detail: o.Refusal.Message}
	case o.Bound:
		return &claim{Outcome: binding.Won}
	}
	return nil
}
