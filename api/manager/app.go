package manager

import (
	"context"
	"strings"

	"homestore/api/endpoint"
	"homestore/clienteling/team"
)

// apps are the brand's own; one that is absent is not there.
type apps struct {
	IOS     *iosApp     `json:"ios,omitempty"`
	Android *androidApp `json:"android,omitempty"`
}

type iosApp struct {
	TeamID     string `json:"team_id"`
	BundleID   string `json:"bundle_id"`
	AppStoreID string `json:"app_store_id,omitempty"`
}

type androidApp struct {
	PackageName        string   `json:"package_name"`
	SHA256Fingerprints []string `json:"sha256_fingerprints"`
}

func answerApps(a team.Apps) apps {
	var out apps
	if a.HasIOS() {
		out.IOS = &iosApp{a.IOS.Team, a.IOS.Bundle, a.IOS.Store}
	}
	if a.HasAndroid() {
		out.Android = &androidApp{a.Android.Package, a.Android.Certificates}
	}
	return out
}

func (f *Face) readApps(ctx context.Context, _ endpoint.None) (apps, error) {
	a, err := f.Team.Apps(ctx, endpoint.Actor(ctx).Brand)
	return answerApps(a), err
}

func (f *Face) setApps(ctx context.Context, in apps) (apps, error) {
	var a team.Apps
	if in.IOS != nil {
		a.IOS = team.IOSApp{Team: in.IOS.TeamID, Bundle: in.IOS.BundleID, Store: in.IOS.AppStoreID}
	}
	if in.Android != nil {
		a.Android.Package = in.Android.PackageName
		for _, f := range in.Android.SHA256Fingerprints {
			a.Android.Certificates = append(a.Android.Certificates, strings.ToUpper(f))
		}
	}
	return answerApps(a), f.Team.SetApps(ctx, endpoint.Actor(ctx), a)
}
