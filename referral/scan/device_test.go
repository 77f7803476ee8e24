package scan

import (
	"bytes"
	"net/netip"
	"testing"
	"time"

	"homestore/clienteling/shop"
)

var wifi = netip.MustParseAddr("203.0.113.7") // of a shop

type readers struct {
	*Devices
	now time.Time
	tag shop.ID
}

func setupReaders() *readers {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	return &readers{Devices: NewDevices(bytes.Repeat([]byte("k"), 32)), now: now, tag: shop.NewID(now)}
}

func (r *readers) read(cookie string) (Device, string) {
	return r.Of(cookie, r.tag, r.Network(wifi, safari, r.now), r.now)
}

func TestADeviceThatKeepsItsCookieStaysItself(t *testing.T) {
	t.Parallel()
	r := setupReaders()
	first, cookie := r.read("")
	for range 1000 {
		r.now = r.now.Add(time.Minute)
		if again, other := r.read(cookie); again != first || other != "" {
			t.Fatalf("%x, then %x with a new cookie %q", first, again, other)
		}
	}
}

func TestTwoPeopleWithTheSamePhoneOnOneWiFiStayTwo(t *testing.T) {
	t.Parallel()
	r := setupReaders()
	ann, annsCookie := r.read("")
	r.now = r.now.Add(20 * time.Second)
	bob, bobsCookie := r.read("")
	if ann == bob || annsCookie == bobsCookie || bobsCookie == "" {
		t.Fatalf("both are %x (cookies %q, %q)", ann, annsCookie, bobsCookie)
	}
}

func TestAnAddressThatIsFetchedTwiceIsOneDevice(t *testing.T) {
	t.Parallel()
	r := setupReaders()
	first, cookie := r.read("")
	r.now = r.now.Add(2 * time.Second)
	second, other := r.read("")
	if first != second || cookie == "" || other != "" {
		t.Fatalf("%x and %x, cookies %q and %q", first, second, cookie, other)
	}
}

func TestAThousandReadingsWithoutCookiesAreFewDevices(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		why   string
		every time.Duration
		most  int
	}{
		{"row 11: as fast as a script can", 10 * time.Millisecond, 1},
		{"patiently, so that each could be another person", 10 * time.Second, newDevices + 1},
	} {
		r := setupReaders()
		devices := map[Device]bool{}
		for range 1000 {
			r.now = r.now.Add(tc.every)
			device, _ := r.read("")
			devices[device] = true
		}
		if len(devices) > tc.most {
			t.Errorf("%s: %d devices, want at most %d", tc.why, len(devices), tc.most)
		}
	}
}

func TestACookieThatWeNeverGaveIsNoDevice(t *testing.T) {
	t.Parallel()
	r := setupReaders()
	for _, cookie := range []string{"x", "AAAA", string(bytes.Repeat([]byte("A"), 4000)), "AAAAAAAAAAAAAAAAAAAAA=", "漢"} {
		r.now = r.now.Add(time.Hour)
		if _, give := r.read(cookie); give == "" {
			t.Errorf("%.20q was taken for one", cookie)
		}
	}
}

func TestAnAddressIsNotRecognisedTheNextDay(t *testing.T) {
	t.Parallel()
	r := setupReaders()
	today := r.Network(wifi, safari, r.now)
	if r.Network(wifi, safari, r.now.Add(time.Hour)) != today {
		t.Error("differs within the day")
	}
	if r.Network(wifi, safari, r.now.Add(24*time.Hour)) == today {
		t.Error("the same the next day")
	}
}

func TestMemoryForReadersIsBounded(t *testing.T) {
	t.Parallel()
	r := setupReaders()
	for i := range 3 * maxReaders {
		r.Of("", r.tag, r.Network(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), safari, r.now), r.now)
	}
	if n := len(r.Devices.now) + len(r.before); n > 2*maxReaders {
		t.Fatalf("%d readers are remembered", n)
	}
}
