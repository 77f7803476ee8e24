package push

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"homestore/clienteling/shop"
)

func TestMessageThatFCMWouldRefuseIsRefusedHere(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why    string
		change func(*Message)
		want   error
	}{
		{"as built", func(*Message) {}, nil},
		{"no title: phones show an empty line", func(m *Message) { m.Title = "" }, ErrMalformed},
		{"silent, with words that nobody would see", func(m *Message) { m.IsSilent = true }, ErrMalformed},
		{"silent, and waking the phone", func(m *Message) { m.IsSilent, m.Title, m.Body, m.Priority = true, "", "", High }, ErrMalformed},
		{"silent", func(m *Message) { m.IsSilent, m.Title, m.Body = true, "", "" }, nil},
		{"no TTL: FCM would keep it for four weeks", func(m *Message) { m.TTL = 0 }, ErrMalformed},
		{"longer than FCM keeps anything", func(m *Message) { m.TTL = MaxTTL + time.Second }, ErrMalformed},
		{"exactly four weeks", func(m *Message) { m.TTL = MaxTTL }, nil},
		{"a priority that is none", func(m *Message) { m.Priority = "urgent" }, ErrMalformed},
		{"data of another type", func(m *Message) { m.Kind = "credit" }, ErrMalformed},
		{"FCM's own key", func(m *Message) { m.Data["from"] = "x" }, ErrMalformed},
		{"FCM's own prefix", func(m *Message) { m.Data["google.c.a.e"] = "1" }, ErrMalformed},
		{"a key that only begins alike", func(m *Message) { m.Data["fromage"] = "brie" }, nil},
		{"4,096 bytes", func(m *Message) { pad(m, MaxPayloadBytes) }, nil},
		{"4,097 bytes", func(m *Message) { pad(m, MaxPayloadBytes+1) }, ErrTooLarge},
	} {
		m, err := lampOffer().Message(shop.English, noon)
		if err != nil {
			t.Fatal(err)
		}
		c.change(&m)
		if got := m.Check(); !errors.Is(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.why, got, c.want)
		}
	}
}

func pad(m *Message, size int) {
	m.Body += strings.Repeat("&", size-len(m.Payload())) // "&" would be six bytes if it were escaped for HTML
}

func TestOfferLivesUntilItsLastMomentOnly(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why    string
		showBy time.Time
		want   time.Duration
		err    error
	}{
		{"until quiet hours", noon.Add(10 * time.Hour), 10 * time.Hour, nil},
		{"whole seconds: what FCM counts", noon.Add(90*time.Second + 700*time.Millisecond), 90 * time.Second, nil},
		{"an offer of a year lives four weeks at FCM", noon.AddDate(1, 0, 0), MaxTTL, nil},
		{"over now", noon, 0, ErrTooLate},
		{"over yesterday", noon.AddDate(0, 0, -1), 0, ErrTooLate},
		{"never said: nothing may live for ever", time.Time{}, 0, ErrTooLate},
	} {
		o := lampOffer()
		o.ShowBy = c.showBy
		m, err := o.Message(shop.English, noon)
		if !errors.Is(err, c.err) || m.TTL != c.want {
			t.Errorf("%s: got %v, %v; want %v, %v", c.why, m.TTL, err, c.want, c.err)
		}
	}
}

func TestFirstMarketingMessageSaysHowToRefuse(t *testing.T) {
	t.Parallel()
	for language, words := range map[shop.Language]string{shop.TraditionalChinese: "通知設定關閉", shop.English: "Turn them off"} {
		for _, isFirst := range []bool{true, false} {
			o := lampOffer()
			o.IsFirst = isFirst
			m, err := o.Message(language, noon)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(m.Body, words) != isFirst {
				t.Errorf("first message %v in %s: %q", isFirst, language, m.Body)
			}
		}
	}
}

func TestOfferWithTextsThatAreTooLongIsRefused(t *testing.T) {
	t.Parallel()
	o := lampOffer()
	o.Body = shop.Text{shop.TraditionalChinese: strings.Repeat("折", 1400)} // 4,200 bytes in UTF-8
	if _, err := o.Message(shop.TraditionalChinese, noon); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v", err)
	}
}

func TestRepeatOfAMessageReplacesTheFirstOnTheScreen(t *testing.T) {
	t.Parallel()
	offer, err := lampOffer().Message(shop.English, noon)
	if err != nil {
		t.Fatal(err)
	}
	credit, err := staffCredit().Message(shop.English, noon)
	if err != nil {
		t.Fatal(err)
	}
	if offer.Tag != deliveryID.String() || credit.Tag != creditID.String() {
		t.Errorf("tags %q and %q", offer.Tag, credit.Tag)
	}
}

func TestCreditSaysHowMuchAndWhy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why         string
		change      func(*Credit)
		language    shop.Language
		title, body string
		err         error
	}{
		{"her customer bought", func(*Credit) {}, shop.TraditionalChinese, "您賺得 TWD 600", "您的顧客下單了。", nil},
		{"in English", func(*Credit) {}, shop.English, "You earned TWD 600", "A customer of yours placed an order.", nil},
		{"cents where there are some", func(c *Credit) { c.Currency, c.Amount = "HKD", 12345 }, shop.English, "You earned HKD 123.45", "A customer of yours placed an order.", nil},
		{"her QR code sold", func(c *Credit) { c.Role = "display_staff" }, shop.English, "You earned TWD 600", "Somebody scanned your QR code, and bought.", nil},
		{"a store's credit goes to nobody's phone", func(c *Credit) { c.Role = "home_store" }, shop.English, "", "", ErrMalformed},
		{"nothing is no news", func(c *Credit) { c.Amount = 0 }, shop.English, "", "", ErrMalformed},
		{"taken back: seen in the statement", func(c *Credit) { c.Amount = -5 }, shop.English, "", "", ErrMalformed},
		{"a currency without a book", func(c *Credit) { c.Currency = "XXX" }, shop.English, "", "", ErrMalformed},
		{"the day is over", func(c *Credit) { c.ShowBy = noon }, shop.English, "", "", ErrTooLate},
	} {
		notice := staffCredit()
		c.change(&notice)
		m, err := notice.Message(c.language, noon)
		if m.Title != c.title || m.Body != c.body || !errors.Is(err, c.err) {
			t.Errorf("%s: got %q, %q, %v", c.why, m.Title, m.Body, err)
		}
	}
}

func TestCreditAtNightSaysNothingAndWakesNobody(t *testing.T) {
	t.Parallel()
	m, err := nightCredit().Message(shop.English, noon)
	if err != nil || !m.IsSilent || m.Title+m.Body != "" || m.Priority != Normal || m.Data["amount_minor"] != "600" {
		t.Errorf("%+v, %v", m, err)
	}
	if bytes.Contains(m.Payload(), []byte("notification")) {
		t.Errorf("%s", m.Payload())
	}
}

func TestTargetIsCheckedBeforeItIsKept(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why    string
		target Target
		want   error
	}{
		{"a token", Target{Token, "cXv1:APA91b-_x"}, nil},
		{"an installation id", Target{InstallationID, "fZ3kq0xTQ0e"}, nil},
		{"no kind", Target{"", "cXv1:APA91b"}, ErrNoTarget},
		{"a kind nobody knows", Target{"topic", "news"}, ErrNoTarget},
		{"nothing", Target{Token, ""}, ErrNoTarget},
		{"a line break would reach a header or a log", Target{Token, "abc\ndef"}, ErrNoTarget},
		{"as long as a token may be", Target{Token, strings.Repeat("a", MaxTargetBytes)}, nil},
		{"longer than any token", Target{Token, strings.Repeat("a", MaxTargetBytes+1)}, ErrNoTarget},
	} {
		if err := c.target.Check(); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.why, err, c.want)
		}
	}
}

func TestTargetIsNeverPrinted(t *testing.T) {
	t.Parallel()
	target := Target{Token, "canary-token"}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("send", "to", target)
	for _, text := range []string{target.String(), fmt.Sprintf("%v %+v %#v %s", target, target, target, target), log.String()} {
		if strings.Contains(text, "canary") {
			t.Errorf("the address is in %q", text)
		}
	}
}
