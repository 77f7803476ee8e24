package customer

import (
	"net/mail"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"homestore/clienteling/shop"
)

// Kind says in which system an identity is a name.
type Kind string

const (
	MemberNo Kind = "member_no" // given by the brand, or by Homestore at joining
	OIDC     Kind = "oidc"      // subject of the brand's identity provider, as issuer:subject
	LINE     Kind = "line"      // LINE user id
	WebShop  Kind = "web_shop"  // account of a web shop, as source:id
	POS      Kind = "pos"       // customer of a point-of-sale system, as source:id
	Phone    Kind = "phone"     // E.164
	Email    Kind = "email"     // lower case
)

// strength is the order in which identities are believed: what a system calls its own account, then what a person has
// proven to hold.
var strength = []Kind{MemberNo, OIDC, LINE, WebShop, POS, Phone, Email}

// Identity is what some system calls a customer. Value is as Normalise returns it.
type Identity struct {
	Kind  Kind
	Value string
	// Verified says that whoever brings a phone number or address vouches for her holding it: a code was sent there and came
	// back. Ids of systems are vouched for by the system that sent them, whatever is said here.
	Verified bool
}

// isContact is true for what anybody can write into a form.
func (k Kind) isContact() bool { return k == Phone || k == Email }

// vouched says whether the identity may lead to a customer.
func (i Identity) vouched() bool { return i.Verified || !i.Kind.isContact() }

// Refusals of identities.
var (
	ErrPhone    = shop.Refuse(shop.Unprocessable, "phone_invalid", "This is not a telephone number that exists. Give it with the country code, such as +886 912 345 678.")
	ErrEmail    = shop.Refuse(shop.Unprocessable, "email_invalid", "This is not an e-mail address, such as name@example.com.")
	ErrIdentity = shop.Refuse(shop.Unprocessable, "identity_invalid", "An id of another system is 1 to 200 characters; of a shop, point of sale or identity provider as source:id.")
)

// Normalise is the one spelling of a value under which it is kept and looked up. Phone numbers are read as people of the
// region ("TW") write them; ErrPhone, ErrEmail and ErrIdentity can come back.
func Normalise(kind Kind, value, region string) (string, error) {
	value = strings.TrimSpace(value)
	switch kind {
	case Phone:
		return normalisePhone(value, region)
	case Email:
		return normaliseEmail(value)
	case MemberNo:
		value = strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(value))
	case WebShop, POS, OIDC:
		// The last colon: an issuer is an address and has colons of its own.
		if at := strings.LastIndexByte(value, ':'); at < 1 || at == len(value)-1 {
			return "", ErrIdentity
		}
	case LINE:
	default:
		return "", ErrIdentity
	}
	if value == "" || !isPlainText(value, 200) {
		return "", ErrIdentity
	}
	return value, nil
}

// normaliseEmail folds the whole address to lower case: mail systems that tell A@x from a@x apart are not met in shops,
// people who write both are.
func normaliseEmail(value string) (string, error) {
	value = strings.ToLower(value)
	a, err := mail.ParseAddress(value)
	if err != nil || a.Address != value || len(value) > 254 || !isPlainText(value, 254) {
		return "", ErrEmail
	}
	return value, nil
}

// isPlainText says whether s may be kept: valid UTF-8 (PostgreSQL refuses NUL and half characters), no control characters.
func isPlainText(s string, most int) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= most && !strings.ContainsFunc(s, unicode.IsControl)
}

// strongestFirst is the identities without empty ones and doubles, in the order in which they are believed. Of a double the
// vouched one stays.
func strongestFirst(identities []Identity) []Identity {
	out := slices.DeleteFunc(slices.Clone(identities), func(i Identity) bool { return i.Value == "" })
	slices.SortStableFunc(out, func(a, b Identity) int {
		if a.vouched() != b.vouched() {
			if a.vouched() {
				return -1
			}
			return 1
		}
		return slices.Index(strength, a.Kind) - slices.Index(strength, b.Kind)
	})
	seen := map[name]bool{}
	return slices.DeleteFunc(out, func(i Identity) bool {
		double := seen[i.name()]
		seen[i.name()] = true
		return double
	})
}

// name is an identity without what is said about it: its key.
type name struct {
	Kind  Kind
	Value string
}

func (i Identity) name() name { return name{i.Kind, i.Value} }
