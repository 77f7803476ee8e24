package attribution

import "testing"

// BenchmarkCompute measures what one order costs beside its inserts: five lines, home and display split, web team.
func BenchmarkCompute(b *testing.B) {
	p := planOf(b, rates("home_store 300", "home_staff 200", "display_store 200", "online_team 100")+
		`, "conflict": {"home_display": "split", "weights": [60, 40]}`)
	five := online(p, goods(1, 1, 12345), goods(2, 2, 999), goods(3, 1, 50000), goods(4, 3, 777), goods(5, 1, 4210))
	five.Order.TaxBP, five.Order.Discount = 500, 1000
	five = five.heldBy("north", "lin").scanned("2026-03-01 09:00", "harbour", "")
	one := online(p, goods(1, 1, 12345)).heldBy("north", "lin").scanned("2026-03-01 09:00", "harbour", "")
	one.Order.TaxBP = 500
	back := five.shipped("2026-03-04 10:00").refunded("2026-03-06 10:00", half(2))
	for name, in := range map[string]Input{"one line": one, "five lines": five, "five lines and a refund": back} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Compute(in)
			}
		})
	}
}
