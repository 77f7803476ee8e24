package faults

import (
	"encoding/csv"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// retailFile is a file of the shape of Online Retail, always the same: invoices of one to five lines around the turn of a
// year, every tenth a credit note for something that the customer has bought, some without a customer, some lines that are
// set aside.
func retailFile(t *testing.T, invoices int) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "retail.csv")
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	w := csv.NewWriter(file)
	r := retail{Writer: w, random: mathrand.New(mathrand.NewPCG(2010, 12)), at: time.Date(2010, 12, 20, 8, 26, 0, 0, time.UTC)}
	_ = w.Write([]string{"invoice_no", "stock_code", "description", "quantity", "invoice_date", "unit_price", "customer_id", "country"})
	for n := range invoices {
		r.at = r.at.Add(time.Duration(5+r.random.IntN(20)) * time.Minute)
		if r.random.IntN(10) == 0 && len(r.bought) > 0 {
			r.creditNote(n)
		} else {
			r.invoice(n)
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		t.Fatal(err)
	}
	return name
}

type retail struct {
	*csv.Writer
	random *mathrand.Rand
	at     time.Time
	bought [][]string // rows of customers
}

func (r *retail) invoice(n int) {
	who := ""
	if r.random.IntN(5) > 0 {
		who = fmt.Sprint(12346 + r.random.IntN(150))
	}
	for range 1 + r.random.IntN(5) {
		price := fmt.Sprintf("%d.%02d", r.random.IntN(20), 1+r.random.IntN(99))
		if r.random.IntN(50) == 0 {
			price = "0.001" // is set aside
		}
		code := fmt.Sprint(20000 + r.random.IntN(300))
		row := []string{fmt.Sprint(536365 + n), code, "ARTICLE " + code, fmt.Sprint(1 + r.random.IntN(24)), r.at.Format(time.DateTime), price, who, "United Kingdom"}
		_ = r.Write(row) // Error says it in the end
		if who != "" && price != "0.001" {
			r.bought = append(r.bought, row)
		}
	}
}

func (r *retail) creditNote(n int) {
	was := r.bought[r.random.IntN(len(r.bought))]
	_ = r.Write([]string{fmt.Sprint("C", 536365+n), was[1], was[2], fmt.Sprint(-1 - r.random.IntN(30)), r.at.Format(time.DateTime), was[5], was[6], was[7]})
}
