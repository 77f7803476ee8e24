package customer

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"homestore/clienteling/shop"
)

func TestWhoseIdentitiesAre(t *testing.T) {
	t.Parallel()
	x, y := shop.ID{15: 1}, shop.ID{15: 2}
	account := Identity{Kind: WebShop, Value: "shopify:1"}
	till := Identity{Kind: POS, Value: "pos:1"}
	phone := Identity{Kind: Phone, Value: "+886912345678"}
	mail := Identity{Kind: Email, Value: "lin@example.com"}
	proven := func(i Identity) Identity { i.Verified = true; return i }
	type names = map[name]holder
	member := holder{Customer: x, Verified: true, Member: true, Proven: true}
	for _, tc := range []struct {
		why   string
		known shop.ID
		given []Identity
		held  names
		want  verdict
	}{
		{why: "nobody is named by nothing", want: verdict{}},
		{why: "a platform's id leads to whom it was given",
			given: []Identity{account}, held: names{account.name(): member}, want: verdict{customer: x}},
		{why: "an unknown platform's id is a new customer, who keeps the contacts that nobody has",
			given: []Identity{account, phone}, want: verdict{create: true, take: []Identity{account, phone}}},
		{why: "a stranger who typed a member's number gets her own account and nothing of the member",
			given: []Identity{account, phone}, held: names{phone.name(): member}, want: verdict{create: true, take: []Identity{account}}},
		{why: "nor by typing her address, nor by a number that she only wrote down",
			given: []Identity{account, phone, mail}, held: names{mail.name(): member, phone.name(): {Customer: x, Member: true, Proven: true}},
			want: verdict{create: true, take: []Identity{account}}},
		{why: "a verified number leads to whoever verified it before, and brings the new account along",
			given: []Identity{account, proven(phone)}, held: names{phone.name(): member},
			want: verdict{customer: x, take: []Identity{account}}},
		{why: "a verified address does as well",
			given: []Identity{proven(mail)}, held: names{mail.name(): member}, want: verdict{customer: x}},
		{why: "the number comes before the address",
			given: []Identity{proven(mail), proven(phone)}, held: names{phone.name(): {Customer: y, Verified: true}, mail.name(): member},
			want: verdict{customer: y, leave: []moved{{proven(mail), x}}}},
		{why: "the platform's id comes before the number; the other keeps it and it is noted",
			given: []Identity{account, proven(phone)}, held: names{account.name(): member, phone.name(): {Customer: y, Verified: true}},
			want: verdict{customer: x, leave: []moved{{proven(phone), y}}}},
		{why: "enrolled at a till by her number: verifying it in the app is the same person",
			given: []Identity{proven(phone)}, held: names{phone.name(): {Customer: x, Member: true}},
			want: verdict{customer: x, prove: []Identity{proven(phone)}}},
		{why: "somebody with an account wrote her number down: it is hers as soon as she verifies it, the account is not",
			given: []Identity{proven(phone)}, held: names{phone.name(): {Customer: x, Proven: true}},
			want: verdict{create: true, move: []moved{{proven(phone), x}}}},
		{why: "the same when she is known already",
			given: []Identity{account, proven(phone)}, held: names{account.name(): {Customer: y, Verified: true, Proven: true}, phone.name(): {Customer: x, Proven: true}},
			want: verdict{customer: y, move: []moved{{proven(phone), x}}}},
		{why: "a guest who comes again with the same number is the same guest",
			given: []Identity{phone}, held: names{phone.name(): {Customer: x}}, want: verdict{customer: x}},
		{why: "a guest with a number of nobody",
			given: []Identity{phone, mail}, want: verdict{create: true, take: []Identity{phone, mail}}},
		{why: "a guest who typed a member's number, and nothing else, is nobody",
			given: []Identity{phone}, held: names{phone.name(): {Customer: x, Member: true}}, want: verdict{}},
		{why: "a guest with a member's number and an address of nobody is found by the address next time",
			given: []Identity{phone, mail}, held: names{phone.name(): member}, want: verdict{create: true, take: []Identity{mail}}},
		{why: "a till's own id leads as a platform's does",
			given: []Identity{till, phone}, held: names{till.name(): member}, want: verdict{customer: x, take: []Identity{phone}}},
		{why: "who is known stays who she is: others' names are not taken, her own are verified",
			known: y, given: []Identity{account, proven(mail), phone}, held: names{account.name(): member, mail.name(): {Customer: y}, phone.name(): member},
			want: verdict{customer: y, prove: []Identity{proven(mail)}, leave: []moved{{account, x}}}},
	} {
		got := decide(tc.known, strongestFirst(tc.given), tc.held)
		if d := cmp.Diff(tc.want, got, cmp.AllowUnexported(verdict{}, moved{}), cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%s: (-want +got)\n%s", tc.why, d)
		}
	}
}

func TestStrongestIdentitiesComeFirstAndOnce(t *testing.T) {
	t.Parallel()
	got := strongestFirst([]Identity{
		{Email, "a@example.com", true}, {Phone, "+886912345678", false}, {POS, "pos:1", false}, {Phone, "+886912345678", true},
		{MemberNo, "", false}, {LINE, "U1", false}, {Email, "b@example.com", false},
	})
	want := []Identity{
		{LINE, "U1", false}, {POS, "pos:1", false}, {Phone, "+886912345678", true}, {Email, "a@example.com", true}, {Email, "b@example.com", false},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
