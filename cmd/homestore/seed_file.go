package main

import (
	_ "embed"
	"errors"
	"fmt"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/plan"
	"homestore/referral/tag"
)

// The demo brand: shops, people and goods that nobody has, in both languages of the first markets.
//
//go:embed seed.json
var seedFile []byte

// seed is what seed.json holds.
type seed struct {
	Brand struct {
		Slug     string        `json:"slug"`
		Name     shop.Text     `json:"name"`
		TimeZone string        `json:"time_zone"`
		Language shop.Language `json:"language"`
		Currency shop.Currency `json:"currency"`
		TaxBP    int           `json:"tax_bp"`
		Apps     team.Apps     `json:"apps"`
	} `json:"brand"`
	Stores []struct {
		Code    string         `json:"code"`
		Name    shop.Text      `json:"name"`
		Kind    team.StoreKind `json:"kind"`
		HouseBP int            `json:"house_bp"`
	} `json:"stores"`
	Staff    []seedStaff `json:"staff"`
	Plan     plan.Plan   `json:"plan"`
	Products []struct {
		ID       string    `json:"id"`
		Name     shop.Text `json:"name"`
		About    shop.Text `json:"about"`
		Category string    `json:"category"`
		Variants []struct {
			SKU   string    `json:"sku"`
			Name  shop.Text `json:"name"`
			Minor int64     `json:"minor"`
		} `json:"variants"`
	} `json:"products"`
	Tags []struct {
		Store     string        `json:"store"`
		Staff     string        `json:"staff"`
		SKU       string        `json:"sku"`
		Placement tag.Placement `json:"placement"`
		Label     string        `json:"label"`
	} `json:"tags"`
}

// seedStaff is a demo sign-in: its secrets are printed by `make run` and protect nothing.
type seedStaff struct {
	No       string    `json:"no"`
	Name     string    `json:"name"`
	Email    string    `json:"email"`
	Role     shop.Role `json:"role"` // hq, finance: of the brand; manager, staff: in Store
	Store    string    `json:"store"`
	PIN      string    `json:"pin"`
	Password string    `json:"password"`
}

func readSeed() (seed, error) { return parseSeed(seedFile) }

func parseSeed(text []byte) (seed, error) {
	var s seed
	if err := decodeStrictly(text, &s); err != nil {
		return s, fmt.Errorf("read the seed: %w", err)
	}
	if len(s.Products) == 0 || len(s.Products[0].Variants) == 0 {
		return s, errors.New("a seed has a product at least: the brand's codes lead to its page")
	}
	return s, nil
}

// seeded is a seed with the ids of what was made of it.
type seeded struct {
	seed
	stores map[string]shop.ID
	staff  map[string]shop.ID
}
