package main

import (
	"context"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/referral/ledger"
	"homestore/referral/period"
	"homestore/referral/plan"
	"homestore/referral/tag"
)

func lookAtInbox(ctx context.Context, e *examination) error {
	backlogs, err := e.inbox.Backlogs(ctx, e.brand.ID)
	for _, l := range backlogs {
		switch {
		case l.State == order.MessageSetAside:
			e.find("read their notes at GET /v1/integrations/inbox?state=set_aside, mend the cause, replay them",
				"%d messages of platforms were not understood, the oldest of %s", l.Count, l.Oldest.Format(time.DateOnly))
		case l.State == order.MessageReceived && e.now.Sub(l.Oldest) > tooLong:
			e.find("see that a process works: `homestore serve` without --api-only", "%d messages wait since %s", l.Count, l.Oldest.Format(time.RFC3339))
		}
	}
	return err
}

// doublesSince is how far back sales are looked for that two systems tell as two orders, and mostDoubles how many are enough to know.
const (
	doublesSince = 35 * 24 * time.Hour // the open month and what may still be returned of the one before
	mostDoubles  = 100
)

// lookAtSales says it of two orders under one invoice's number, and softly of two that merely look alike.
func lookAtSales(ctx context.Context, e *examination) error {
	var doubles []order.Double
	err := e.pool.Read(ctx, e.brand.ID, func(tx pgx.Tx) (err error) {
		doubles, err = order.Doubles(ctx, tx, e.brand.ID, e.now.Add(-doublesSince), mostDoubles)
		return err
	})
	for _, isNote := range []bool{false, true} {
		some := slices.DeleteFunc(slices.Clone(doubles), func(d order.Double) bool { return (d.Invoice == "") != isNote })
		if len(some) == 0 {
			continue
		}
		e.say(isNote, "let the system that should not have told it cancel its order, and have both tell the invoice's number with the order from now on",
			"%d sales may have been told as two orders, such as %v and %v", len(some), some[0].One, some[0].Other)
	}
	return err
}

func lookAtBook(ctx context.Context, e *examination) error {
	return e.pool.Read(ctx, e.brand.ID, func(tx pgx.Tx) error { return examineBook(ctx, tx, e.brand.ID, e.find) })
}

// examineBook asks what is always true of one brand's book.
func examineBook(ctx context.Context, db postgres.DB, brand shop.BrandID, find func(remedy, format string, args ...any)) error {
	for _, rule := range period.Invariants {
		if rule.OfSchema {
			continue
		}
		if err := askOf(ctx, db, brand, rule, find); err != nil {
			return err
		}
	}
	return nil
}

func askOf(ctx context.Context, db postgres.DB, brand shop.BrandID, rule ledger.Invariant, find func(remedy, format string, args ...any)) error {
	broken, err := rule.Breaks(ctx, db, brand)
	if err == nil && len(broken) > 0 {
		find("stop paying out and look at these: nothing in this program makes such", "ledger %s, %s, is broken by %v", rule.ID, rule.Rule, broken)
	}
	return err
}

// sealedWithin is how old a transfer without a seal may be: the sealer comes every minute.
const sealedWithin = time.Hour

func lookAtSeals(ctx context.Context, e *examination) error {
	return e.pool.Read(ctx, e.brand.ID, func(tx pgx.Tx) error {
		n, err := ledger.Unsealed(ctx, tx, e.brand.ID, e.now.Add(-sealedWithin))
		if n > 0 {
			e.find("see that a process works: `homestore serve` without --api-only", "%d transfers have no seal after %s", n, sealedWithin)
		}
		return err
	})
}

var hostName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$`)

// lookAtAddresses: on this machine http and bare names do; elsewhere phones open neither.
func lookAtAddresses(ctx context.Context, e *examination) error {
	b := e.brand
	host := b.ShortDomain
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if !tag.IsLoopback(b.ShortDomain) && !hostName.MatchString(host) {
		e.find("give the brand the host name that its codes shall begin with", "%q, with which its codes begin, is no host name on the web", b.ShortDomain)
	}
	site, err := url.Parse(b.SiteURL)
	if err != nil || site.Host == "" || site.Scheme != "https" && !tag.IsLoopback(site.Host) {
		e.find("give the brand the https address of its site", "its site %q, where codes lead that lead nowhere else, is no https address", b.SiteURL)
	}
	return e.lookAtSetUp(ctx, func(s setUp) {
		if len(s.StrayHosts) > 0 {
			e.find("allow these hosts, or give the tags another destination: until then they lead to the brand's site",
				"live tags lead to hosts that are not allowed: %s", strings.Join(s.StrayHosts, ", "))
		}
	})
}

// lookAtPlan says it softly of a brand into which nobody was let yet: a file was imported to look at.
func lookAtPlan(ctx context.Context, e *examination) error {
	var plans []plan.Plan
	err := e.pool.Read(ctx, e.brand.ID, func(tx pgx.Tx) (err error) {
		plans, err = plan.List(ctx, tx, e.brand.ID)
		return err
	})
	if _, inForce := plan.InForce(plans, plan.DayOf(e.now, e.brand.Zone())); inForce || err != nil {
		return err
	}
	return e.lookAtSetUp(ctx, func(s setUp) {
		e.say(s.HeadOffice == 0, "draft one at POST /v1/manager/plans, and let a second person of head office approve it, whom `homestore account add` makes", "no commission plan is in force: nobody earns from what is sold today")
	})
}

func lookAtPeople(ctx context.Context, e *examination) error {
	return e.lookAtSetUp(ctx, func(s setUp) {
		if s.HeadOffice == 0 {
			e.note("begin a brand with `homestore seed FILE.json`, which has a person with a password, and only then import its orders", "nobody may sign in for head office")
		}
		if len(s.EmptyStores) > 0 {
			e.note("assign somebody at POST /v1/manager/staff/{id}/assignments, or close them", "nobody works today at %s", strings.Join(s.EmptyStores, ", "))
		}
	})
}

func lookAtKeys(ctx context.Context, e *examination) error {
	return e.lookAtSetUp(ctx, func(s setUp) {
		for _, name := range s.DeadPlatforms {
			e.find("connect it anew, with the secret that its messages are signed with and an open web store of the brand",
				"what the platform %q sends cannot be taken", name)
		}
	})
}

func lookAtSecrets(ctx context.Context, e *examination) error {
	n, err := e.teams.Sealing(ctx, e.brand.ID)
	if n.Former > 0 {
		e.note("keep the former HOMESTORE_SECRET beside the new one until this is gone: a process that works seals them anew within the hour",
			"%d secrets of webhooks and authenticator apps are sealed with a former HOMESTORE_SECRET", n.Former)
	}
	if n.Lost > 0 {
		e.find("give HOMESTORE_SECRET the former secret too, as `new,old`; where it is gone, connect those platforms anew and drop those authenticator apps",
			"%d secrets of webhooks and authenticator apps open with no HOMESTORE_SECRET that is here", n.Lost)
	}
	return err
}

func (e *examination) lookAtSetUp(ctx context.Context, judge func(setUp)) error {
	return e.pool.Read(ctx, e.brand.ID, func(tx pgx.Tx) error {
		s, err := readSetUp(ctx, tx, e.brand.ID, e.brand.Day(e.now))
		if err == nil {
			judge(s)
		}
		return err
	})
}
