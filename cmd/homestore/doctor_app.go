package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/api/shopper"
	"homestore/clienteling/team"
	"homestore/referral/tag"
)

// What a phone's maker does to a domain's app-link file: it waits some seconds, and reads no more than this.
const (
	fileWithin = 5 * time.Second
	fileAtMost = 128 << 10
)

const setApps = "say which apps there are at PUT /v1/manager/apps"

// lookAtAppLinks fetches the files by which phones open the brand's codes in its app, as Apple and Google do. Nobody asks this
// machine by the name that it has for itself.
func lookAtAppLinks(ctx context.Context, e *examination) error {
	var apps team.Apps
	err := e.pool.Read(ctx, e.brand.ID, func(tx pgx.Tx) (err error) {
		apps, err = team.AppsOf(ctx, tx, e.brand.ID)
		return err
	})
	switch {
	case err != nil:
		return err
	case !apps.HasIOS() && !apps.HasAndroid():
		e.note(setApps, "no app opens the brand's codes: they open in the browser")
		return nil
	}
	if err := apps.Check(); err != nil {
		e.find(setApps, "what phones are told of the brand's apps is malformed: %v", err)
	}
	if tag.IsLoopback(e.brand.ShortDomain) {
		return nil
	}
	if apps.HasIOS() {
		e.lookAtFile(ctx, shopper.ApplePath, apps.IOS.Team+"."+apps.IOS.Bundle)
	}
	if apps.HasAndroid() {
		e.lookAtFile(ctx, shopper.GooglePath, apps.Android.Package)
	}
	return nil
}

func (e *examination) lookAtFile(ctx context.Context, path, app string) {
	address := "https://" + e.brand.ShortDomain + path
	if err := e.fetchFile(ctx, address, app); err != nil {
		e.find("let the short domain lead to this Homestore, with a certificate that phones trust and without a redirect",
			"phones do not learn from %s that %s opens the brand's codes: %v", address, app, err)
	}
}

func (e *examination) fetchFile(ctx context.Context, address, app string) error {
	ctx, cancel := context.WithTimeout(ctx, fileWithin)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	answer, err := e.web.RoundTrip(request) // follows no redirect, as those who fetch it do not
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, fileAtMost))
	kind, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	switch {
	case err != nil:
		return err
	case answer.StatusCode != http.StatusOK:
		return fmt.Errorf("it answers %s", answer.Status)
	case kind != "application/json":
		return fmt.Errorf("it is %q, not application/json", kind)
	case !strings.Contains(string(body), `"`+app+`"`):
		return errors.New("it names another app, or none")
	}
	return nil
}
