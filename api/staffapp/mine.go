package staffapp

import (
	"context"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/notify/device"
	"homestore/notify/push"
	"homestore/referral/ledger"
	"homestore/referral/plan"
	"homestore/referral/report"
)

// myPart is what a role earned by one kind of transfers.
type myPart struct {
	Kind  ledger.TransferKind `json:"kind"`
	Role  plan.Role           `json:"role"`
	Minor int64               `json:"minor"`
}

// myMoney is one currency's.
type myMoney struct {
	balance
	CarriedMinor int64    `json:"carried_minor"`
	TodayMinor   int64    `json:"today_minor"`
	MonthMinor   int64    `json:"month_minor"`
	Parts        []myPart `json:"parts"` // of the month, which they add up to
}

type myTarget struct {
	Currency      shop.Currency `json:"currency"`
	TargetMinor   int64         `json:"target_minor"`
	AchievedMinor int64         `json:"achieved_minor"`
	AchievedBP    int64         `json:"achieved_bp"`
	Roles         []roleTarget  `json:"roles"` // by which the plan pays
}

type roleTarget struct {
	Role          plan.Role `json:"role"`
	AchievedMinor int64     `json:"achieved_minor"`
	AchievedBP    int64     `json:"achieved_bp"`
}

type earningsResponse struct {
	Day    string    `json:"day"`
	Month  string    `json:"month"`
	Money  []myMoney `json:"money"`
	Target *myTarget `json:"target,omitempty"` // absent: she has none this month
}

func (f *Face) earnings(ctx context.Context, _ endpoint.None) (earningsResponse, error) {
	mine, err := f.Reports.Mine(ctx, endpoint.Actor(ctx), f.Now())
	if err != nil {
		return earningsResponse{}, err
	}
	out := earningsResponse{Day: mine.Day.Format(time.DateOnly), Month: mine.Month.Format("2006-01"), Money: make([]myMoney, len(mine.Money))}
	for i, m := range mine.Money {
		out.Money[i] = myMoney{
			balance: balanceOf(m.Balance), CarriedMinor: m.Carried, TodayMinor: m.Today, MonthMinor: m.Month, Parts: []myPart{},
		}
		for _, p := range m.Parts {
			out.Money[i].Parts = append(out.Money[i].Parts, myPart{p.Kind, p.Role, p.Minor})
		}
	}
	if t := mine.Target; t != nil {
		out.Target = &myTarget{t.Currency, t.Minor, t.Achieved, t.BP, []roleTarget{}}
		for _, in := range t.Roles {
			out.Target.Roles = append(out.Target.Roles, roleTarget{in.Role, in.Achieved, in.BP})
		}
	}
	return out, nil
}

func balanceOf(b report.Balance) balance {
	return balance{Currency: b.Currency, PendingMinor: b.Pending, PayableMinor: b.Payable, StatedMinor: b.Stated, PaidMinor: b.Paid}
}

type registerRequest struct {
	TargetKind string `json:"target_kind"` // token, or fid; empty: token
	Target     string `json:"target"`
	Platform   string `json:"platform"`
	Language   string `json:"language"` // of the app; empty: that of the request
}

func (r *registerRequest) Validate() error {
	var c shop.Check
	if r.TargetKind == "" {
		r.TargetKind = string(push.Token)
	}
	target := push.Target{Kind: push.TargetKind(r.TargetKind), Value: r.Target}
	c.That(target.Check() == nil, "target", push.ErrNoTarget.Code, push.ErrNoTarget.Message)
	return c.Err()
}

// myDevice never says the address: who holds it could send to it.
type myDevice struct {
	ID           shop.ID         `json:"id"`
	Platform     device.Platform `json:"platform"`
	Language     shop.Language   `json:"language"`
	RegisteredAt time.Time       `json:"registered_at"`
	SeenAt       time.Time       `json:"seen_at"`
	Live         bool            `json:"live"` // messages go to it
}

func (f *Face) register(ctx context.Context, in registerRequest) (myDevice, error) {
	language := shop.Language(in.Language)
	if language == "" {
		language = endpoint.Language(ctx)
	}
	d, err := f.Devices.RegisterStaff(ctx, endpoint.Actor(ctx), device.Registration{
		Target:   push.Target{Kind: push.TargetKind(in.TargetKind), Value: in.Target},
		Platform: device.Platform(in.Platform), Language: language,
	})
	if err != nil {
		return myDevice{}, err
	}
	return myDevice{ID: d.ID, Platform: d.Platform, Language: d.Language, RegisteredAt: d.RegisteredAt.UTC(), SeenAt: d.SeenAt.UTC(), Live: true}, nil
}
