package manager

import (
	"bytes"
	"encoding/csv"
	"strings"
)

// byteOrderMark tells spreadsheet programs that the file is UTF-8; without it they show Chinese as noise.
const byteOrderMark = "\ufeff"

// cell is a text that somebody typed, as it may stand in an export. A spreadsheet runs what begins like a formula, so that
// is made a text by an apostrophe. Numbers of ours, which may begin with a minus, do not pass here.
func cell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}

func writeCSV(table [][]string) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(byteOrderMark)
	w := csv.NewWriter(&out)
	w.UseCRLF = true // RFC 4180
	err := w.WriteAll(table)
	return out.Bytes(), err
}
