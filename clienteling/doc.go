// Package clienteling is the story of who the customers are and what they bought. It holds no code; its packages do, each
// one noun of the shop, and each imports only those before it:
//
//	shop       the words that everybody speaks: ids, money, actors, refusals
//	audit      who did what, below everybody who has to say so
//	team       brands, stores, staff, where they work, who is signed in
//	catalogue  products and their variants
//	customer   one person, however many systems name her; consent; one row of figures
//	order      orders, lines, refunds, fulfilments; the inbox of foreign facts; purchase history
//	visit      who may see whom: presence, member codes, the one look at a customer
//
// The folder knows nothing of commission and of messages. Whoever must hear of an order implements order.Listener and is
// named in cmd/homestore/wire.go.
package clienteling
