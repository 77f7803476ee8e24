// Package referral is the story from a scanned tag to a paid commission. It holds no code; its packages do, and each imports
// only those before it:
//
//	csvfile      CSV files as people save them from a spreadsheet
//	tag          the codes on the shelves: whose they are, where they lead
//	label        codes as pictures, and labels of many tags as sheets for print
//	scan         who read which tag when, and the click id that she takes along
//	alarm        which tags look moved, dead, copied or stormed, each morning
//	binding      which store and person won a customer, and since when
//	roster       the list of referrers that a brand brings along
//	plan         the brand's commission rules, in versions
//	attribution  order + scans + binding + plan = credits, each with its reason; pure
//	ledger       the append-only book that says what attribution says
//	explanation  why each cent is where it is, in words; pure
//	target       what is to be sold in a month, and who worked how long
//	period       closes the brand's months
//	statement    what a month was closed with, for people and their programs; and the file that pays it
//	whatif       replays past orders under a draft plan
//	dispute      "that was mine": how quarrels about an order or a customer end
//	comparison   does one display sell more than another? pure
//	report       what managers, finance and head office read
//
// A commission is never decided twice: whatever becomes known later (a refund, an edit, a binding that began earlier), the
// order is attributed anew and the ledger posts the difference.
package referral
