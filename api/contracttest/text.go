package contracttest

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"pgregory.net/rapid"
)

// endless is how long a text of no stated length may be drawn: too long for an index of PostgreSQL, short beside a body's limit.
const endless = 20_000

// alphabets are what texts are made of, each one trouble of its own. A text takes one. U+0000 is a fault: nearly all texts would be refused for it.
var alphabets = [][]string{
	strings.Split("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", ""),
	strings.Split("0123456789", ""),
	strings.Split("信義店王小美三人沙發灰林小姐團獎臺灣", ""),
	{"👩‍👩‍👧‍👦", "🇹🇼", "👍🏽", "🛋️", "é", "𠮷", "ﷺ"},                                // several runes to a sign, four bytes to a rune
	{" ", "\t", "\n", "\r\n", "\u00a0", "\u3000", "\u2028", "\u200b", "\ufeff"}, // space, seen and unseen
	{"\x01", "\x1b", "\x7f", "\u0085", "\u202e", "\u200f", "\ufffd", "\uffff", "\U0010ffff"},
	{"'", `"`, `\`, ";", "--", "%", "_", "*", "<script>", "&amp;", "{sku}", "${x}", "../", "\\x00", "=1+1", "@SUM", "|", "/*"},
	{"İ", "ı", "ß", "ſ", "K", "Å", "Å", "ǅ", "ﬀ", "Σ", "ς"}, // another length, or another letter, in another case
}

func (g Generator) text(t *rapid.T, name string, s *openapi3.Schema) string {
	switch s.Format {
	case "uuid":
		return uuids(t, name, g.Now)
	case "date":
		return g.day(t, name)
	case "date-time":
		return g.instant(t, name)
	case "byte":
		return base64.StdEncoding.EncodeToString([]byte(word(t, name, 0, 300)))
	case "uri":
		return "https://" + word(t, name, 1, 20) + ".example.test/"
	}
	if s.Pattern != "" {
		text := rapid.StringMatching(s.Pattern).Draw(t, name)
		if s.MaxLength == nil || len(text) <= int(*s.MaxLength) {
			return text
		}
	}
	least, most := int(s.MinLength), 300
	switch {
	case s.MaxLength != nil:
		most = int(*s.MaxLength)
	case oneIn(t, 12):
		most = endless
	}
	return word(t, name, least, most)
}

// word is short in most draws, and as short or as long as it may be in some.
func word(t *rapid.T, name string, least, most int) string {
	few := min(most, max(least, 1)+11)
	length := rapid.IntRange(least, few)
	switch rapid.IntRange(0, 15).Draw(t, "length of "+name) {
	case 0:
		length = rapid.Just(least)
	case 1:
		length = rapid.Just(most)
	case 2:
		length = rapid.IntRange(least, most)
	}
	// Plain letters in a third: what is odd everywhere comes nowhere.
	alphabet := alphabets[max(0, rapid.IntRange(-3, len(alphabets)-1).Draw(t, "alphabet of "+name))]
	return spell(alphabet, length.Draw(t, "runes of "+name), rapid.Uint64().Draw(t, "seed of "+name))
}

// spell writes that many runes by chance from a seed: text that a database cannot press into less.
func spell(alphabet []string, runes int, seed uint64) string {
	chance := rand.New(rand.NewPCG(seed, 0))
	text := make([]rune, 0, runes+8)
	for len(text) < runes {
		text = append(text, []rune(alphabet[chance.IntN(len(alphabet))])...)
	}
	return string(text[:runes])
}

// uuids are ids that nobody gave out.
func uuids(t *rapid.T, name string, now time.Time) string {
	high, low := rapid.Uint64().Draw(t, name+" high"), rapid.Uint64().Draw(t, name+" low")
	switch rapid.IntRange(0, 5).Draw(t, "version of "+name) {
	case 0:
		high, low = 0, 0
	case 1:
		high, low = ^uint64(0), ^uint64(0)
	case 2: // version 7 of any time until the year 10889
		high = high&^0xf000 | 0x7000
	case 3, 4: // version 7 of today
		high, low = uint64(now.UnixMilli())<<16|high&0x0fff|0x7000, low>>2|1<<63
	}
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", high>>32, high>>16&0xffff, high&0xffff, low>>48, low&0xffffffffffff)
}

func (g Generator) day(t *rapid.T, name string) string {
	if oneIn(t, 6) {
		return rapid.SampledFrom([]string{"0000-01-01", "0001-01-01", "1582-10-10", "1970-01-01", "2024-02-29", "2026-02-30", "9999-12-31"}).Draw(t, name)
	}
	return g.Now.AddDate(0, 0, rapid.IntRange(-800, 800).Draw(t, name)).Format(time.DateOnly)
}

// instant is within a few days of now in most draws, in any zone, down to the nanosecond.
func (g Generator) instant(t *rapid.T, name string) string {
	if oneIn(t, 6) {
		return rapid.SampledFrom([]string{
			"0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00Z", "2016-12-31T23:59:60Z",
			"2026-02-30T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-23:59",
			"2026-01-01T00:00:00-00:00", "2026-01-01T00:00:00+99:99", "2262-04-11T23:47:17Z",
		}).Draw(t, name)
	}
	at := g.Now.Add(time.Duration(rapid.IntRange(-400*24*3600, 24*3600).Draw(t, name)) * time.Second)
	if rapid.Bool().Draw(t, "fraction of "+name) {
		at = at.Add(time.Duration(rapid.IntRange(0, 999_999_999).Draw(t, "nanoseconds of "+name)))
	}
	zone := rapid.SampledFrom([]int{0, 0, 8 * 3600, -5 * 3600, 5*3600 + 45*60, 14 * 3600}).Draw(t, "zone of "+name)
	return at.In(time.FixedZone("", zone)).Format(time.RFC3339Nano)
}
