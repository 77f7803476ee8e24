package tag

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"homestore/clienteling/shop"
)

// ErrDestination refuses a destination that is not a plain https address on a host which the brand allows.
var ErrDestination = shop.Refuse(shop.Unprocessable, "tag_destination_refused",
	"A destination is an https address on one of the brand's allowed hosts.")

// ClickParameter is the query parameter under which a scan hands its click id on.
const ClickParameter = "hs_click"

// placeholders may stand in the path and query of a destination. An unknown one is refused when the tag is made, not
// printed into an address when it is scanned.
var placeholders = []string{"sku", "reference", "lang", "code", "store", "placement", "label", "batch"}

// maxDestination keeps the redirect within what every phone and proxy takes as one header line.
const maxDestination = 1500

// Hosts are the hosts to which a brand's tags may lead: www.brand.tw, or host:port, compared whole.
type Hosts []string

// CheckDestination is ErrDestination unless the template leads to an allowed host whatever is filled in. It compares
// text before it parses, since what browsers and Go make of a malformed address differs, and that gap is the attack.
func (h Hosts) CheckDestination(template string) error {
	rest, secure := strings.CutPrefix(template, "https://")
	if !secure {
		var plain bool
		if rest, plain = strings.CutPrefix(template, "http://"); !plain {
			return ErrDestination.Saying("A destination begins with https://, in lower case.")
		}
	}
	if len(template) > maxDestination || strings.IndexFunc(template, isUnsafe) >= 0 {
		return ErrDestination.Saying("A destination has at most %d characters, all of them plain ASCII without spaces, quotes or backslashes.", maxDestination)
	}
	authority := rest
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		authority = rest[:end]
	}
	if authority == "" || !slices.Contains(h, authority) || (!secure && !IsLoopback(authority)) {
		return ErrDestination.Saying("The host %q is not one that the brand allows.", authority)
	}
	path, query, _ := strings.Cut(rest[len(authority):], "?")
	if strings.Contains(path, "//") || hidesControl(template) {
		return ErrDestination.Saying("A destination has no empty path segment and no encoded control character or backslash.")
	}
	if err := checkPlaceholders(rest[len(authority):]); err != nil {
		return err
	}
	return checkParsed(template, authority, query)
}

// checkParsed asks a second opinion: net/url must have found the same host, and nothing beside it.
func checkParsed(template, authority, query string) error {
	u, err := url.Parse(template)
	if err != nil || u.Host != authority || u.User != nil || u.Opaque != "" {
		return ErrDestination
	}
	query, _, _ = strings.Cut(query, "#")
	if values, err := url.ParseQuery(query); err != nil || values.Has(ClickParameter) {
		return ErrDestination.Saying("The query of a destination is well formed and leaves %s to Homestore.", ClickParameter)
	}
	return nil
}

func isUnsafe(r rune) bool {
	return r <= ' ' || r >= 0x7F || strings.ContainsRune("\\\"'<>^`|", r)
}

// hidesControl finds percent-encoded characters below space, DEL and the backslash: a server behind the allowed host that
// decodes once too often would see a new header or a new host.
func hidesControl(s string) bool {
	for i := strings.IndexByte(s, '%'); i >= 0; {
		if i+2 < len(s) {
			hex := strings.ToLower(s[i+1 : i+3])
			if hex[0] == '0' || hex[0] == '1' || hex == "7f" || hex == "5c" {
				return true
			}
		}
		next := strings.IndexByte(s[i+1:], '%')
		if next < 0 {
			return false
		}
		i += 1 + next
	}
	return false
}

func checkPlaceholders(s string) error {
	for {
		before, after, found := strings.Cut(s, "{")
		if strings.Contains(before, "}") {
			return ErrDestination.Saying("A } in the destination has no {.")
		}
		if !found {
			return nil
		}
		name, rest, closed := strings.Cut(after, "}")
		if !closed || !slices.Contains(placeholders, name) {
			return ErrDestination.Saying("A destination may have {%s}.", strings.Join(placeholders, "}, {"))
		}
		s = rest
	}
}

// IsLoopback says whether host or host:port is this machine: there, and only there, a redirect may be without TLS.
func IsLoopback(host string) bool {
	if ap, err := netip.ParseAddrPort(host); err == nil {
		return ap.Addr().IsLoopback()
	}
	name, _, _ := strings.Cut(host, ":")
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.IsLoopback()
	}
	return name == "localhost"
}

// Fill puts the values in their places, escaped, and adds the click id when there is one, before any fragment. The host
// is never touched: placeholders stand behind it, and a value cannot leave its segment or its parameter.
func Fill(template string, values map[string]string, click string) string {
	front, fragment, hasFragment := strings.Cut(template, "#")
	path, query, hasQuery := strings.Cut(front, "?")
	var b strings.Builder
	b.Grow(len(template) + len(ClickParameter) + len(click) + 32)
	fill(&b, path, values, escapeSegment)
	if hasQuery {
		b.WriteByte('?')
		fill(&b, query, values, url.QueryEscape)
	}
	if click != "" {
		switch {
		case !hasQuery:
			b.WriteByte('?')
		case query != "":
			b.WriteByte('&')
		}
		b.WriteString(ClickParameter + "=" + url.QueryEscape(click))
	}
	if hasFragment {
		b.WriteByte('#')
		fill(&b, fragment, values, url.QueryEscape)
	}
	return b.String()
}

// escapeSegment is url.PathEscape that also hides dots: a product called ".." must not climb out of its folder.
func escapeSegment(s string) string {
	if strings.Trim(s, ".") == "" {
		return strings.ReplaceAll(s, ".", "%2E")
	}
	return url.PathEscape(s)
}

func fill(b *strings.Builder, template string, values map[string]string, escape func(string) string) {
	for {
		before, after, found := strings.Cut(template, "{")
		b.WriteString(before)
		if !found {
			return
		}
		name, rest, _ := strings.Cut(after, "}")
		b.WriteString(escape(values[name]))
		template = rest
	}
}

// QRText is what a label's QR code says: https://GO.BRAND.TW/Q/CODE. All but the scheme is upper case, which a QR code
// packs into 5.5 bits a letter; the scheme is not, because some Android readers do not know HTTPS://. A short domain on
// this machine (the demo brand's) is reached without TLS.
func QRText(shortDomain string, code Code) string {
	scheme := "https://"
	if IsLoopback(shortDomain) {
		scheme = "http://"
	}
	return scheme + strings.ToUpper(shortDomain) + "/Q/" + string(code)
}
