package customer

import (
	"crypto/rand"
	"math/big"
	"strconv"
)

// Member numbers are ten digits: nine at random, so that nobody counts the brand's customers by them or guesses her
// neighbour's, and Damm's check digit, which finds every single wrong digit and every two neighbours swapped.
const memberDigits = 10

// damm is the quasigroup of order 10 of H. M. Damm's thesis (2004).
var damm = [10]string{
	"0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
	"3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
}

// checkDigit of a number, or 0 for a number that ends with its right check digit.
func checkDigit(digits string) byte {
	interim := byte('0')
	for i := range len(digits) {
		interim = damm[interim-'0'][digits[i]-'0']
	}
	return interim
}

func newMemberNo() string {
	n, err := rand.Int(rand.Reader, big.NewInt(900_000_000))
	if err != nil {
		panic(err) // crypto/rand's reader is documented never to fail
	}
	digits := strconv.FormatInt(100_000_000+n.Int64(), 10) // never begins with 0: spreadsheets eat it
	return digits + string(checkDigit(digits))
}

// isMemberNo says whether the text is a number that newMemberNo could have made: what tells a typing mistake from an unknown
// member. Numbers that the brand gave before have forms of their own.
func isMemberNo(s string) bool {
	return len(s) == memberDigits && digitsOf(s) == s && s[0] != '0' && checkDigit(s) == '0'
}
