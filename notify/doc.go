// Package notify is what reaches a phone, and what came of it.
//
// A customer's app registers her phone (device). Head office writes an offer and approves it (offer); a staff member sends
// it to one customer, or a campaign to many (campaign). Either way nothing is sent there and then: one row per phone is
// written first, in the transaction that decided it (delivery). A sender then takes these rows in chunks, marks them before
// the first byte leaves, hands each to Firebase (fcm) as a message in her language (push), and writes down the verdict. What
// was under way when a process died is parked as unknown: Firebase cannot be asked, and a message twice is worse than one
// that is missing. She is asked for her consent before each message, left alone at night in her own time zone, and reached
// by few messages a week, whoever sends them.
//
// A package imports only those before it:
//
//	push      payloads of the mobile contract, verdicts on a send; pure
//	fcm       one send to Firebase, and (local) a Firebase of our own for development and tests
//	device    the phones of customers, and of people of the shops
//	notice    tells a person of a shop what an order earned her
//	offer     promises to customers, codes, redemption
//	delivery  one row per message and phone, the rules of when, the sender
//	campaign  to whom: audiences, fan-out, stop, funnel; one customer by a staff member
//
// Nothing here knows a tag, a binding or a commission: referral and notify never import one another.
package notify
