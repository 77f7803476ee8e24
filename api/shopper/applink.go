package shopper

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

// Where phones look for whose app opens a domain's links. Apple and Google ask by themselves, and follow no redirect.
const (
	ApplePath  = "/.well-known/apple-app-site-association"
	GooglePath = "/.well-known/assetlinks.json"
)

// appleLinks is what an iPhone is told: the app opens what is scanned, in the case of print and as people type it.
type appleLinks struct {
	AppLinks struct {
		Details []appleDetail `json:"details"`
	} `json:"applinks"`
}

type appleDetail struct {
	AppIDs     []string         `json:"appIDs"`
	Components []appleComponent `json:"components"`
}

type appleComponent struct {
	Path    string `json:"/"`
	Comment string `json:"comment"`
}

// googleLink is what Android is told; which paths the app opens stands in the app itself.
type googleLink struct {
	Relation []string     `json:"relation"`
	Target   googleTarget `json:"target"`
}

type googleTarget struct {
	Namespace    string   `json:"namespace"`
	PackageName  string   `json:"package_name"`
	Certificates []string `json:"sha256_cert_fingerprints"`
}

// appleFile and googleFile answer for the brand whose short domain was asked; shop.ErrNotFound when it has no such app.
func (f *Face) appleFile(c *fiber.Ctx) error {
	apps, err := f.appsAt(c)
	if err != nil {
		return err
	}
	if !apps.HasIOS() {
		return shop.ErrNotFound
	}
	var file appleLinks
	file.AppLinks.Details = []appleDetail{{
		AppIDs:     []string{apps.IOS.Team + "." + apps.IOS.Bundle},
		Components: []appleComponent{{"/Q/*", "as printed"}, {"/q/*", "as typed"}},
	}}
	return sendLinks(c, file)
}

func (f *Face) googleFile(c *fiber.Ctx) error {
	apps, err := f.appsAt(c)
	if err != nil {
		return err
	}
	if !apps.HasAndroid() {
		return shop.ErrNotFound
	}
	return sendLinks(c, []googleLink{{
		Relation: []string{"delegate_permission/common.handle_all_urls"},
		Target:   googleTarget{"android_app", apps.Android.Package, apps.Android.Certificates},
	}})
}

func (f *Face) appsAt(c *fiber.Ctx) (team.Apps, error) {
	brand := f.brandOf(c)
	if brand.ID == 0 {
		return team.Apps{}, shop.ErrNotFound
	}
	return f.Team.Apps(c.UserContext(), brand.ID)
}

func sendLinks(c *fiber.Ctx, file any) error {
	body, err := json.Marshal(file)
	if err != nil {
		return fmt.Errorf("write %s: %w", c.Path(), err)
	}
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	c.Set(fiber.HeaderCacheControl, "public, max-age=300") // an app that was just added shall not wait long
	return c.Status(http.StatusOK).Send(body)
}
