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
	now   time.Time
	tag   shop.ID
	twice bool // the platform fetches twice
}

func setupReaders() *readers {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	return &readers{Devices: NewDevices(bytes.Repeat([]byte("k"), 32)), now: now, tag: shop.NewID(now)}
}

// read is a reading by the one phone model in the shop's Wi-Fi.
func (r *readers) read(cookie string) (Device, string) {
	return r.Of(Visit{Tag: r.tag, Cookie: cookie, Network: r.Network(wifi, safari, r.now), FetchesTwice: r.twice}, r.now)
}

func (r *readers) after(d time.Duration) *readers {
	r.now = r.now.Add(d)
	return r
}

func TestADeviceThatKeepsItsCookieStaysItself(t *testing.T) {
	t.Parallel()
	for _, twice := range []bool{false, true} {
		r := setupReaders()
		r.twice = twice
		first, cookie := r.read("")
		for range 1000 {
			if again, other := r.after(time.Minute).read(cookie); again != first || other != "" {
				t.Fatalf("%x, then %x with a new cookie %q", first, again, other)
			}
		}
	}
}

func TestTwoPeopleWithTheSamePhoneOnOneWiFiStayTwo(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		why   string
		apart time.Duration
		twice bool
	}{
		{"at the same moment", 0, false},
		{"one after the other", 20 * time.Second, false},
		{"one after the other, in WeChat", doubleFetch, true},
	} {
		r := setupReaders()
		r.twice = tc.twice
		ann, annsCookie := r.read("")
		bob, bobsCookie := r.after(tc.apart).read("")
		if ann == bob || annsCookie == bobsCookie || annsCookie == "" || bobsCookie == "" {
			t.Errorf("%s: both are %x (cookies %q, %q)", tc.why, ann, annsCookie, bobsCookie)
		}
		if again, _ := r.after(time.Minute).read(bobsCookie); again != bob {
			t.Errorf("%s: bob becomes %x", tc.why, again)
		}
	}
}

func TestTwoFetchesOfOnePlatformAreOneDevice(t *testing.T) {
	t.Parallel()
	r := setupReaders()
	_, herCookie := r.read("") // days ago
	for _, tc := range []struct {
		why           string
		first, second string
	}{
		{"she is new", "", ""},
		{"she has been here", "", herCookie},
		{"the platform comes after her", herCookie, ""},
	} {
		r := setupReaders()
		r.twice = true
		first, gaveFirst := r.read(tc.first)
		second, gaveSecond := r.after(2 * time.Second).read(tc.second)
		if first != second || gaveFirst == gaveSecond {
			t.Errorf("%s: %x and %x, cookies %q and %q", tc.why, first, second, gaveFirst, gaveSecond)
		}
		for _, cookie := range []string{gaveFirst, gaveSecond, tc.first, tc.second} {
			if cookie == "" {
				continue
			}
			if later, _ := r.after(20 * time.Minute).read(cookie); later != first {
				t.Errorf("%s: the session goes on with %x", tc.why, later)
			}
			r.now = r.now.Add(-20 * time.Minute)
		}
	}
}

func TestTwoPeopleOnAPlatformThatFetchesTwiceAreTwo(t *testing.T) {
	t.Parallel()
	r := setupReaders()
	r.twice = true
	var ofAnn, ofBob [2]Device
	for i := range 2 {
		ofAnn[i], _ = r.after(time.Second).read("")
	}
	for i := range 2 {
		ofBob[i], _ = r.after(time.Second).read("")
	}
	if ofAnn[0] != ofAnn[1] || ofBob[0] != ofBob[1] || ofAnn[0] == ofBob[0] {
		t.Errorf("each fetched twice: ann is %x, bob is %x", ofAnn, ofBob)
	}
	other := setupReaders()
	_, annsCookie := other.read("")
	_, bobsCookie := other.read("")
	other.twice = true
	ann, _ := other.after(time.Hour).read(annsCookie)
	if bob, _ := other.after(time.Second).read(bobsCookie); ann == bob {
		t.Error("two cookies are one device")
	}
}

func TestAThousandReadingsWithoutCookiesAreFewDevices(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		every time.Duration
		most  int
	}{
		{10 * time.Millisecond, newDevices + 1},         // in ten seconds
		{time.Second, newDevices + 1 + 1000/60},         // in 16 minutes, one more in each
		{10 * time.Second, newDevices + 1 + 1000*10/60}, // in three hours
		{2 * newDeviceEvery, 1000},                      // a shelf in a busy shop: each may be somebody else
	} {
		r := setupReaders()
		devices := map[Device]bool{}
		for range 1000 {
			device, _ := r.after(tc.every).read("")
			devices[device] = true
		}
		if len(devices) > tc.most || tc.most == 1000 && len(devices) < 1000 {
			t.Errorf("row 11, one each %s: %d devices, want at most %d", tc.every, len(devices), tc.most)
		}
	}
}

func TestACookieThatWeNeverGaveIsNoDevice(t *testing.T) {
	t.Parallel()
	r := setupReaders()
	for _, cookie := range []string{"x", "AAAA", string(bytes.Repeat([]byte("A"), 4000)), "AAAAAAAAAAAAAAAAAAAAA=", "漢"} {
		if _, give := r.after(time.Hour).read(cookie); give == "" {
			t.Errorf("%.20q was taken for one", cookie)
		}
	}
}

// The key of the server is not enough: another process, or this one on another day, cannot make the hash again.
func TestAnAddressIsHashedWithASaltThatNobodyHasTheNextDay(t *testing.T) {
	t.Parallel()
	r := setupReaders()
	today := r.Network(wifi, safari, r.now)
	if r.Network(wifi, safari, r.now.Add(time.Hour)) != today {
		t.Error("differs within the day")
	}
	if setupReaders().Network(wifi, safari, r.now) == today {
		t.Error("whoever has the key makes the same hash")
	}
	if r.Network(wifi, safari, r.now.Add(24*time.Hour)) == today {
		t.Error("the same the next day")
	}
	if r.Network(wifi, safari, r.now.Add(-24*time.Hour)); r.Network(wifi, safari, r.now) == today {
		t.Error("the salt of a day is found again")
	}
}

func TestMemoryForReadersIsBounded(t *testing.T) {
	t.Parallel()
	r := setupReaders()
	for i := range 3 * maxReaders {
		r.Of(Visit{Tag: r.tag, Network: r.Network(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), safari, r.now)}, r.now)
	}
	if n := len(r.Devices.now) + len(r.before); n > 2*maxReaders {
		t.Fatalf("%d readers are remembered", n)
	}
}
