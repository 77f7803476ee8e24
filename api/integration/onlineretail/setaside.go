package onlineretail

// mostNamed lines are named of each reason: of more, the file has it wrong throughout.
const mostNamed = 20

// SetAside is a line of the file that is in no order and no refund.
type SetAside struct {
	Line int    `json:"line"` // in the file, whose header is the first
	Code string `json:"code"`
	Hint string `json:"hint"`
}

// hints say of each reason what to do. An order that is known stays as it is when its invoice comes again.
var hints = map[string]string{
	"malformed_line":                        "Write eight columns with an invoice and a stock code, then import the file again.",
	"date_unreadable":                       "Write the date as 2011-01-31 08:00:00, not in the future, then import the file again.",
	"quantity_unreadable":                   "Write whole pieces, then import the file again.",
	"price_unreadable":                      "Write the price as 2.55, then import the file again.",
	"quantity_zero":                         "Nothing: nobody bought or returned anything.",
	"price_negative":                        "A discount is part of the price of the goods; what is given back stands on a credit note, whose number begins with C.",
	"sub_penny_price":                       "Nobody pays less than a penny: write the price of a piece as it was paid, then import the file again.",
	"bad_debt_adjustment":                   "Nothing: it is no sale.",
	"credit_with_positive_quantity":         "The pieces of a credit note are negative: mend the line or its invoice number.",
	"negative_quantity_outside_credit_note": "Nothing when goods were written off; what somebody returned stands on a credit note, whose number begins with C.",
	"invoice_continued_late":                "Put all lines of an invoice together, or tell the order's edit at POST /v1/integrations/edits.",
	"invoice_of_two_customers":              "Give the line its own invoice number, or the customer of the others.",
	"credit_without_customer":               "Name the customer, so that her purchase can be found, or tell the refund at POST /v1/integrations/refunds.",
	"discount_without_purchase":             "Tell it as a price adjustment of its order at POST /v1/integrations/price-adjustments.",
	"credit_without_earlier_purchase":       "The purchase is before the file's first day or under another code: import the earlier file with this one.",
	"credit_of_what_was_credited":           "Nothing: all that she bought of it was credited before. Look whether the note was written twice.",
}

// setAside counts a line under its reason and names it among the first of it.
func (i *importer) setAside(reason string, line int) {
	i.result.SetAside[reason]++
	if i.result.SetAside[reason] <= mostNamed {
		i.result.SetAsideLines = append(i.result.SetAsideLines, SetAside{Line: line, Code: reason, Hint: hints[reason]})
	}
}
