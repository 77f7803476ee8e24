package shop

import "strings"

// ByteOrderMark begins a CSV file, so that spreadsheet programs take it for UTF-8; without it they show Chinese as noise.
const ByteOrderMark = "\ufeff"

// formulaStarts are what spreadsheet programs take for the beginning of a formula, also behind a quotation mark of CSV.
const formulaStarts = "=+-@\t\r"

// Cell is a text that somebody typed, as it may stand in a CSV file. A spreadsheet runs what begins like a formula, so that is
// made a text by an apostrophe. Numbers of ours, which may begin with a minus, do not pass here.
func Cell(text string) string {
	if IsFormula(text) {
		return "'" + text
	}
	return text
}

// IsFormula says whether a spreadsheet would run the text.
func IsFormula(text string) bool {
	return text != "" && strings.ContainsRune(formulaStarts, rune(text[0]))
}
