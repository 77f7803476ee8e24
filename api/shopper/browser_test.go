package shopper_test

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// measure is run in the page, also where the page's own scripts are off, and says what a person with weak eyes, a screen reader or a
// small phone would trip over.
//
//go:embed testdata/measure.js
var measure string

// browser is Chromium on a phone of 360 pixels, the narrowest that is still sold.
func browser(t *testing.T) context.Context {
	t.Helper()
	var program string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			program = found
			break
		}
	}
	if program == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("Chromium is not here; make deps installs it in CI")
		}
		t.Skip("Chromium is not here: our pages are not looked at in a browser")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.UserDataDir(t.TempDir()), chromedp.WSURLReadTimeout(time.Minute))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium refuses to be root in its sandbox
	}
	allocated, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, end := chromedp.NewContext(allocated)
	t.Cleanup(end)
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	if err := chromedp.Run(ctx); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return ctx
}

// seen is what the browser asked for and complained of.
type seen struct {
	mu         sync.Mutex
	asked      []string
	complaints []string
}

func (s *seen) listen(ctx context.Context) {
	chromedp.ListenTarget(ctx, func(event any) {
		s.mu.Lock()
		defer s.mu.Unlock()
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			s.asked = append(s.asked, e.Request.URL)
		case *runtime.EventConsoleAPICalled:
			s.complaints = append(s.complaints, fmt.Sprint("console: ", e.Type))
		case *runtime.EventExceptionThrown:
			s.complaints = append(s.complaints, e.ExceptionDetails.Text)
		case *log.EventEntryAdded:
			s.complaints = append(s.complaints, e.Entry.Text)
		}
	})
}

// measured is what measure.js returns.
type measured struct {
	Language string   `json:"language"`
	Width    int      `json:"width"`
	Title    string   `json:"title"`
	Faults   []string `json:"faults"`
	Contrast float64  `json:"contrast"` // the least of any text
}

func TestARealBrowserShowsOurPagesWithOneRequestAndWithoutScripts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.haveApps(t)
	path, click, _ := b.landing(t, nil)
	ctx := browser(t)
	for _, tc := range []struct {
		why, path, lang, scheme string
		scripts                 bool
	}{
		{"landing", path, "zh-TW", "light", true},
		{"landing without scripts", path, "zh-TW", "dark", false},
		{"landing in English", strings.Replace(path, "lang=zh-TW", "lang=en", 1), "en", "dark", true},
		{"landing in English without scripts", strings.Replace(path, "lang=zh-TW", "lang=en", 1), "en", "light", false},
		{"a code that leads nowhere", "/q/nothing?lang=en", "en", "dark", false},
	} {
		page, closePage := chromedp.NewContext(ctx)
		var s seen
		s.listen(page)
		got, picture := look(t, page, b.url+tc.path, tc.scheme, tc.scripts)
		closePage()
		s.mu.Lock()
		if len(s.asked) != 1 {
			t.Errorf("%s: the browser asked for %v", tc.why, s.asked)
		}
		for _, complaint := range s.complaints {
			if !strings.Contains(complaint, "404") { // of the page that is one
				t.Errorf("%s: the browser says %s", tc.why, complaint)
			}
		}
		s.mu.Unlock()
		if got.Language != tc.lang || got.Width > 360 || len(got.Faults) > 0 {
			t.Errorf("%s: %+v", tc.why, got)
		}
		t.Logf("%s: contrast at least %.1f, %d pixels wide", tc.why, got.Contrast, got.Width)
		if strings.HasPrefix(tc.why, "landing") {
			readByTill(t, tc.why, picture, click)
		}
	}
	if n := b.strays.Load(); n > 0 {
		t.Errorf("the browser asked for %d things by itself", n)
	}
}

// look opens the page, unfolds the code for the till as a finger does, and returns what it measures and a picture of it.
func look(t *testing.T, page context.Context, address, scheme string, scripts bool) (got measured, picture []byte) {
	t.Helper()
	var answer []byte
	err := chromedp.Run(page,
		network.Enable(), log.Enable(), runtime.Enable(),
		emulation.SetDeviceMetricsOverride(360, 740, 2, true),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}),
		emulation.SetScriptExecutionDisabled(!scripts),
		emulation.SetUserAgentOverride(androidPhone),
		chromedp.Navigate(address),
		chromedp.ActionFunc(func(ctx context.Context) error {
			var tap struct{ X, Y float64 }
			const summary = `(() => { const s = document.querySelector("summary"); if (!s) return {x: -1, y: -1};
				s.scrollIntoView({block: "center"}); const r = s.getBoundingClientRect(); return {x: r.left + 20, y: r.top + r.height / 2} })()`
			if err := chromedp.Evaluate(summary, &tap).Do(ctx); err != nil || tap.X < 0 {
				return err
			}
			return chromedp.MouseClickXY(tap.X, tap.Y).Do(ctx)
		}),
		chromedp.Evaluate(measure, &answer),
		chromedp.FullScreenshot(&picture, 100),
	)
	if err == nil {
		err = json.Unmarshal(answer, &got)
	}
	if err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	return got, picture
}

// readByTill reads the screen as the scanner of a till does.
func readByTill(t *testing.T, why string, picture []byte, click string) {
	t.Helper()
	if _, err := exec.LookPath("zbarimg"); err != nil && os.Getenv("CI") == "" {
		t.Log("zbarimg is not here: nobody reads the code on the screen; make deps installs it")
		return
	}
	zbar := exec.CommandContext(t.Context(), "zbarimg", "--raw", "--quiet", "-")
	zbar.Stdin = bytes.NewReader(picture)
	text, err := zbar.Output()
	if err != nil || strings.TrimSpace(string(text)) != click {
		t.Errorf("%s: the till reads %q, %v; want %q", why, text, err, click)
	}
}
