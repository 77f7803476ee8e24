package tag

import (
	"time"

	"homestore/clienteling/shop"
)

// Grid asks for one tag of each article at each placement of each store: these 40 products in these 12 stores.
type Grid struct {
	Stores      []shop.ID
	SKUs        []string
	Placements  []Placement
	Label       string
	Batch       string
	ValidFrom   time.Time
	ValidUntil  time.Time
	Draft       bool
	Template    string
	Destination string
}

// Specs are the grid's tags, store by store and placement by placement, as they are handed out. ErrTooMany when there are more
// than may be issued at once; shop.ErrFields when a list is empty or names something twice.
func (g Grid) Specs() ([]Spec, error) {
	var c shop.Check
	checkAxis(&c, "stores", g.Stores)
	checkAxis(&c, "skus", g.SKUs)
	checkAxis(&c, "placements", g.Placements)
	if err := c.Err(); err != nil {
		return nil, err
	}
	if len(g.Stores)*len(g.SKUs)*len(g.Placements) > maxIssue {
		return nil, ErrTooMany
	}
	var specs []Spec
	for _, store := range g.Stores {
		for _, placement := range g.Placements {
			for _, sku := range g.SKUs {
				specs = append(specs, Spec{
					Store: store, Kind: Variant, Reference: sku, Placement: placement, Label: g.Label, Batch: g.Batch,
					ValidFrom: g.ValidFrom, ValidUntil: g.ValidUntil, Draft: g.Draft, Template: g.Template, Destination: g.Destination,
				})
			}
		}
	}
	return specs, nil
}

func checkAxis[T comparable](c *shop.Check, name string, axis []T) {
	c.That(len(axis) > 0, name, "required", "Name at least one.")
	c.That(len(axis) <= maxIssue, name, "too_many", "Name at most 1000.")
	seen := map[T]bool{}
	for _, one := range axis {
		seen[one] = true
	}
	c.That(len(seen) == len(axis), name, "repeated", "Name each once.")
}
