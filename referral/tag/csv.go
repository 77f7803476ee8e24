package tag

import (
	"homestore/clienteling/shop"
	"homestore/referral/csvfile"
)

// Refusals of a file as a whole.
var (
	ErrCSV     = shop.Refuse(shop.Unprocessable, "tag_csv_unreadable", "The file is no CSV that tags can be made from.")
	ErrCSVLong = shop.Refuse(shop.TooLarge, "tag_csv_too_long", "A file has at most 10,000 rows. Split it.")
)

// tagFile is what a file may say of tags. Its most makes the tags of all shops of a chain, in one transaction of some seconds.
var tagFile = csvfile.Shape{
	Columns: []string{
		"key", "store", "staff", "sku", "kind", "reference", "placement", "label", "batch", "template", "destination", "valid_from", "valid_until", "draft",
	},
	Needed:     []string{"store", "placement"},
	MaxRows:    10_000,
	Unreadable: ErrCSV,
	TooLong:    ErrCSVLong,
}

// row is one of a file.
type row struct{ csvfile.Row }
