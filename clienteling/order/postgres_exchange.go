package order

import (
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

const selectExchanges = `
	SELECT order_id, exchange_no, external_id, exchanged_at, keeps, lines_out, lines_in, store_id, staff_id
	FROM exchange WHERE brand_id = $1 AND order_id = w.order_id AND order_id BETWEEN $3 AND $4 ORDER BY exchange_no OFFSET 0`

// exchangedLine is a line that came in, as it is kept. The names stay as they are.
type exchangedLine struct {
	No          int      `json:"line"`
	ExternalID  string   `json:"external_id"`
	SKU         string   `json:"sku"`
	Name        string   `json:"name"`
	Category    string   `json:"category"`
	Kind        LineKind `json:"kind"`
	Quantity    int64    `json:"quantity"`
	UnitPrice   int64    `json:"unit_price_minor"`
	Discount    int64    `json:"discount_minor"`
	TaxIncluded bool     `json:"tax_included"`
}

func scanExchange(rows pgx.Rows, found map[shop.ID]*kept) error {
	var order shop.ID
	var no int
	var x keptExchange
	var lines []byte
	if err := rows.Scan(&order, &no, &x.ExternalID, &x.At, &x.Keeps, &x.Out, &lines, &x.Store, &x.Staff); err != nil {
		return err
	}
	var in []exchangedLine
	if err := json.Unmarshal(lines, &in); err != nil {
		return fmt.Errorf("exchange %d of order %s: %w", no, order, err)
	}
	k := found[order]
	if k == nil {
		return nil
	}
	for _, l := range in {
		x.In = append(x.In, Line{
			No: l.No, ExternalID: l.ExternalID, SKU: l.SKU, Name: l.Name, Category: l.Category, Kind: l.Kind,
			Quantity: l.Quantity, UnitPrice: l.UnitPrice, Discount: l.Discount, TaxIncluded: l.TaxIncluded,
		})
	}
	x.At = x.At.UTC()
	k.exchanges, k.papers.exchanges = append(k.exchanges, x), no
	return nil
}

func (r *rows) queueExchanges(w *work) {
	for _, x := range w.added.exchanges {
		in := make([]exchangedLine, len(x.In))
		for i, l := range x.In {
			in[i] = exchangedLine{l.No, l.ExternalID, l.SKU, l.Name, l.Category, l.Kind, l.Quantity, l.UnitPrice, l.Discount, l.TaxIncluded}
		}
		w.kept.papers.exchanges++
		r.queue(w.id.Time(), `
			INSERT INTO exchange (brand_id, order_id, exchange_no, external_id, exchanged_at, recorded_at, keeps, lines_out, lines_in, store_id, staff_id)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10, $11)`,
			r.brand, w.id, w.kept.papers.exchanges, x.ExternalID, x.At, r.now, x.Keeps, orEmpty(x.Out), jsonOf(in), x.Store, x.Staff)
	}
}
