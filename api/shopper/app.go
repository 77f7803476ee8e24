package shopper

import (
	"html/template"
	"net/url"
	"strings"

	"homestore/clienteling/team"
	"homestore/referral/tag"
)

// The kinds of phone whose stores differ. What a browser calls itself chooses the link and is kept nowhere.
const (
	iPhone       = "ios"
	android      = "android"
	anotherPhone = ""
)

func phoneOf(userAgent string) string {
	switch {
	case strings.Contains(userAgent, "Android"):
		return android
	case strings.Contains(userAgent, "iPhone"), strings.Contains(userAgent, "iPad"), strings.Contains(userAgent, "iPod"):
		return iPhone
	}
	return anotherPhone
}

// appView is the way into the brand's app, also for who has yet to install it.
type appView struct {
	Links  []appLink
	Copy   string // the address that the app takes at its first start, where the store hands nothing on
	Banner string // Safari's own, which opens the app with the address or leads to the store
}

type appLink struct {
	Text string
	To   template.URL // made of what was checked; html/template lets no intent: pass by itself
}

const (
	appStore  = "https://apps.apple.com/app/id"
	playStore = "https://play.google.com/store/apps/details?id="
)

// appViewOf is nil where there is nothing to lead to.
func appViewOf(apps team.Apps, her visitor, say words) *appView {
	v := &appView{}
	switch her.phone {
	case android:
		if apps.HasAndroid() {
			v.Links = []appLink{{say.OpenApp, openOnAndroid(apps.Android.Package, her.code, her.click)}}
		}
	case iPhone:
		if apps.HasIOS() {
			v.Copy = her.code
		}
		if apps.IOS.Store != "" {
			v.Links = []appLink{{say.AppStore, template.URL(appStore + apps.IOS.Store)}}
			v.Banner = "app-id=" + apps.IOS.Store
			if her.code != "" {
				v.Banner += ", app-argument=" + her.code
			}
		}
	default:
		if apps.IOS.Store != "" {
			v.Links = append(v.Links, appLink{say.AppStore, template.URL(appStore + apps.IOS.Store)})
		}
		if apps.HasAndroid() {
			v.Links = append(v.Links, appLink{say.PlayStore, template.URL(playStoreOf(apps.Android.Package, her.click))})
		}
	}
	if len(v.Links) == 0 && v.Copy == "" {
		return nil
	}
	return v
}

// playStoreOf hands the click id to the app as Google Play's install referrer: the app reads it once, when it first starts.
func playStoreOf(name, click string) string {
	address := playStore + name
	if click != "" {
		address += "&referrer=" + url.QueryEscape(tag.ClickParameter+"="+click)
	}
	return address
}

// openOnAndroid opens the app with the scanned address, or the store where the app is not installed, without a script.
func openOnAndroid(name, code, click string) template.URL {
	fallback := playStoreOf(name, click)
	scheme, rest, hasCode := strings.Cut(code, "://")
	if !hasCode {
		return template.URL(fallback) // a package's form has no sign that means anything in an address
	}
	// the code and the click id are ours, the package was checked, the fallback is escaped
	return template.URL("intent://" + rest + "#Intent;scheme=" + scheme + ";package=" + name +
		";S.browser_fallback_url=" + url.QueryEscape(fallback) + ";end")
}
