package explanation

import (
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/binding"
	"homestore/referral/plan"
)

var english = words{
	language: shop.English,

	end: ".", share: "%[2]s (%[1]s): %[3]s", space: " ", and: ", ", day: "2 January 2006", month: "January 2006", percent: "%s %%", pool: "the pool of %s",

	line: "line %d", lineSKU: "line %d (%s)", all: "all", half: "half", fraction: "%[1]s of %[2]s",

	claims: map[plan.Role]string{
		plan.HomeStore:    "%[1]s is this customer's home store since %[2]s (%[3]s).",
		plan.HomeStaff:    "This customer is %[1]s's since %[2]s (%[3]s).",
		plan.DisplayStore: "The customer scanned tag %[3]s of %[1]s on %[2]s.",
		plan.DisplayStaff: "The customer scanned %[1]s's tag %[3]s on %[2]s.",
		plan.AssistStaff:  "%[1]s helped with this order.",
		plan.SellingStore: "The order was sold at %[1]s.",
		plan.SellingStaff: "%[1]s made the sale.",
		plan.OnlineTeam:   "The order was placed online, at %[1]s.",
		plan.PickupStore:  "%[1]s handed over parcel %[4]s.",
		plan.PackingStore: "%[1]s packed parcel %[4]s.",
	},
	homePool: "This customer is at home at %[1]s since %[2]s (%[3]s), and the staff part is its pool's.",
	sources: map[string]string{
		string(binding.FromScan): "she joined by a scanned tag", string(binding.FromStaffCode): "she scanned a staff member's code",
		string(binding.FromTill): "entered at the till", string(binding.FromInvoice): "by her e-invoice", string(binding.FromImport): "from the brand's own list",
		string(binding.ByTransfer): "a manager's transfer", string(binding.ByCustomer): "her own choice",
	},
	succeeded: ", taken over since",
	left:      "%[1]s left while it was pending, so by the plan it is for %[2]s.",
	decided:   "A dispute was decided: it passed from %[1]s to %[2]s.",

	rule:       "Rule %[1]d of plan version %[2]d gives %[3]s.",
	weighted:   "Rule %[1]d of plan version %[2]d gives %[3]s, of which %[4]s counts, since others share it.",
	fee:        "Rule %[1]d of plan version %[2]d gives %[3]s a parcel, which a return does not take back.",
	passed:     "Passed over: %s.",
	passedRule: "rule %d (%s)",
	conditions: map[string]string{
		"store_kind": "another store kind", "channel": "another channel", "category": "another category", "sku": "another product", "tag": "another tag",
		"campaign": "another campaign", "customer": "for other customers", "bond_min_days": "not so long a customer", "bond_max_days": "longer a customer",
	},

	product: "%s: %s × %s = %s.", together: "%d lines: %s × %s = %s.",
	capped: "All of the %[2]s comes to %[3]s, over the cap of %[4]s, so this is cut to %[1]s.", ofOrder: "order",
	exactly:   "The credit is %s.",
	roundUp:   "Cut to whole units it is %[1]s; of the %[2]s that the order has left over then, the largest fractions get %[3]s each, this one too: the credit is %[4]s.",
	roundDown: "Cut to whole units, the credit is %[1]s; the %[2]s that the order has left over then went to larger fractions.",
	cut:       "Cut to whole units, the credit is %s.",
	lineRound: "Rounded so that the lines add up, it is %s.",
	halfUp:    "Rounded, the credit is %s.",

	returned: "%s: %s.", taken: "%[1]s: %[2]s came back, and %[3]s of %[4]s was taken back.", rest: "It is now %s.",
	tooOld: "%s came more than %d days after receipt and takes nothing back.", neutral: "%s: by the plan it leaves credits as they are.",
	events: map[order.RefundKind]string{
		order.RefundPaid: "Refund %[1]s of %[2]s", order.Allowance: "Allowance %[1]s of %[2]s", order.Void: "Voided invoice %[1]s of %[2]s",
		order.PriceAdjusted: "Price adjustment %[1]s of %[2]s", order.Exchanged: "Exchange %[1]s of %[2]s", order.Cancellation: "Cancelled on %[2]s",
	},

	notReceived: "Not payable yet: that is %d days after the customer receives the goods.",
	held:        "Not payable yet: something about it looks wrong, and a manager is to look at it first.",
	payableFrom: "Payable from %[1]s: %[3]d days after receipt on %[2]s.",
	payableNow:  "Payable since %[1]s: %[3]d days after receipt on %[2]s.",
	nobody: map[attribution.Reason]string{
		attribution.SelfPurchase: "The buyer worked for the brand when she ordered; nobody earns from staff's own purchases.",
		attribution.HoldRefused:  "It looked wrong and was held, and a manager has refused it, so nobody earns.",
		attribution.NoPlan:       "No plan was in force on the day of the order, so nobody earns.",
		attribution.TestOrder:    "It is the platform's test order, so nobody earns.",

		attribution.EmployeeDiscount: "It was bought with the employees' discount, and the plan excludes such orders.",
		attribution.BelowMinimum:     "The order comes to less than the plan asks of a sale, so the sale earns nobody anything; who packed or handed over is paid.",
	},
	leastSale: "The least is %s.",
	nothing:   "No rule of the plan fits anybody, so nobody earns.",

	lost: "%[1]s (%[2]s) earns nothing: %[3]s.",
	lostTo: map[attribution.LostTo]string{
		attribution.HomeWins:    "between home and display the plan takes home (home_display), here %s",
		attribution.DisplayWins: "between home and display the plan takes the display (home_display), here %s",
		attribution.AssistWins:  "between home and assisting staff the plan takes who assists (assist_home), here %s",
		attribution.SellingWins: "between home and selling staff the plan takes who sells (selling_home), here %s",
		attribution.SameStore:   "the display stood in the home store, which the plan pays once, as home (same_store), here %s",
		attribution.NotLast:     "of several displays the plan takes the last (display.choice), here %s",
		attribution.NotFirst:    "of several displays the plan takes the first (display.choice), here %s",
	},
	homeOverOne: map[plan.Role]string{
		plan.AssistStaff:  "between home and assisting staff the plan takes home (assist_home), here %s",
		plan.SellingStaff: "between home and selling staff the plan takes home (selling_home), here %s",
	},
	scanned: "Tag %s was scanned on %s.",
	noRule:  "%[1]s (%[2]s): no rule of plan version %[3]d fits.",
	aside:   "Tag %[3]s of %[1]s was scanned on %[2]s, which is not within the %[4]d days before the order.",

	pieces: "%s: %d × %s", lessOwn: ", less %s", lessPart: ", less %s of the order's discount", paid: ", paid %s", paidNet: ", paid %s, without tax %s",
	house: "; the house keeps %s, so the base is %s", excluded: "; excluded by the plan",
	unpaid: map[order.LineKind]string{order.Shipping: "; shipping earns nothing", order.GiftCard: "; gift cards earn nothing", order.Tip: "; tips earn nothing"},
	tax:    "The invoice is %[1]s with %[2]s tax and %[3]s without, rounded once and divided over the lines by largest remainder.",

	months: monthWords{
		posted: "Credited %s.", corrected: "The order was credited anew: %s more.", anew: "The order was credited anew: %s taken back.",
		takenBack: "%[2]s: %[1]s taken back.", vested: "The return period is over: %s is payable.",
		tier: "%[2]s of volume in %[1]s reaches a tier: %[3]s.", step: "%s × %s = %s", before: "%s was booked before, so this is the difference of %s.",
		target: "%[2]s of volume in %[1]s against a target of %[3]s is %[4]s.", targetStep: "From %[1]s on: %[2]s.", bonus: "a bonus of %s", extra: "%s more",
		nothingDue:  "%[1]s worked out anew gives nothing any more: what was booked before, %[2]s, is undone.",
		monthMin:    "Credits of %[2]s in %[1]s are below the month's minimum of %[3]s: %[4]s more.",
		monthCap:    "Credits of %[2]s in %[1]s are over the month's cap of %[3]s: %[4]s less.",
		clawbackCap: "Refunds took back %[2]s in %[1]s, over the month's cap of %[3]s: %[4]s is given back.",
		pool:        "The pool of %[2]s of %[1]s, by %[3]s of %[4]s hours: %[5]s.",
		dispute:     "By the decision of a dispute, %s comes in.", leaver: "What a leaver had pending, %s, goes to the pool.",
	},
}
