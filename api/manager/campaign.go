package manager

import (
	"context"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/notify/campaign"
	"homestore/notify/delivery"
)

// audience says who is addressed: exactly one of the three.
type audience struct {
	All       bool      `json:"all,omitempty"`
	HomeStore shop.ID   `json:"home_store,omitzero"`
	Customers []shop.ID `json:"customers,omitempty"`
}

type campaignAnswer struct {
	ID          shop.ID        `json:"id"`
	Name        string         `json:"name"`
	Offer       shop.ID        `json:"offer"`
	Audience    audience       `json:"audience"`
	Emergency   bool           `json:"emergency"`
	State       campaign.State `json:"state"`
	ScheduledAt time.Time      `json:"scheduled_at,omitzero"` // absent: it is started by hand
	StartedAt   time.Time      `json:"started_at,omitzero"`
	FinishedAt  time.Time      `json:"finished_at,omitzero"`
	CreatedAt   time.Time      `json:"created_at"`
}

func answerCampaign(_ context.Context, c campaign.Campaign) campaignAnswer {
	return campaignAnswer{
		ID: c.ID, Name: c.Name, Offer: c.Offer, Audience: audience(c.Audience), Emergency: c.Emergency, State: c.State,
		ScheduledAt: c.ScheduledAt.UTC(), StartedAt: c.StartedAt.UTC(), FinishedAt: c.FinishedAt.UTC(), CreatedAt: c.CreatedAt.UTC(),
	}
}

func (f *Face) listCampaigns(ctx context.Context, in endpoint.Paging) (endpoint.List[campaignAnswer], error) {
	page, err := in.Page()
	if err != nil {
		return endpoint.List[campaignAnswer]{}, err
	}
	campaigns, next, err := f.Campaigns.List(ctx, endpoint.Actor(ctx), page)
	return listOf(ctx, campaigns, next, answerCampaign), err
}

type createCampaignRequest struct {
	Name        string    `json:"name"`
	Offer       shop.ID   `json:"offer"`
	Audience    audience  `json:"audience"`
	ScheduledAt time.Time `json:"scheduled_at"`
	Emergency   bool      `json:"emergency"`
}

func (f *Face) createCampaign(ctx context.Context, in createCampaignRequest) (campaignAnswer, error) {
	created, err := f.Campaigns.Create(ctx, endpoint.Actor(ctx), campaign.Draft{
		ID: endpoint.CreationID(ctx), Name: in.Name, Offer: in.Offer, Audience: campaign.Audience(in.Audience), ScheduledAt: in.ScheduledAt, Emergency: in.Emergency,
	})
	return campaignOr(ctx, created, err)
}

func (f *Face) startCampaign(ctx context.Context, in byID) (campaignAnswer, error) {
	started, err := f.Campaigns.Start(ctx, endpoint.Actor(ctx), in.ID)
	return campaignOr(ctx, started, err)
}

func (f *Face) stopCampaign(ctx context.Context, in byID) (campaignAnswer, error) {
	stopped, err := f.Campaigns.Stop(ctx, endpoint.Actor(ctx), in.ID)
	return campaignOr(ctx, stopped, err)
}

func campaignOr(ctx context.Context, c campaign.Campaign, err error) (campaignAnswer, error) {
	if err != nil {
		return campaignAnswer{}, err
	}
	return answerCampaign(ctx, c), nil
}

// readCampaignAnswer is a campaign with what became of it so far: customers = intended + lost.
type readCampaignAnswer struct {
	Campaign  campaignAnswer       `json:"campaign"`
	Customers int                  `json:"customers"`
	Intended  int                  `json:"intended"`
	Lost      map[delivery.Why]int `json:"lost"`     // customers by why they were left out
	Messages  messagesAnswer       `json:"messages"` // a customer with two phones has two
	Redeemed  int                  `json:"redeemed"` // codes that the campaign gave and somebody used
}

type messagesAnswer struct {
	Waiting int                  `json:"waiting"`
	Sent    int                  `json:"sent"` // accepted by Firebase, which is not yet that somebody saw it
	Opened  int                  `json:"opened"`
	Dead    int                  `json:"dead"`
	Failed  int                  `json:"failed"`
	Unknown int                  `json:"unknown"`
	Expired int                  `json:"expired"`
	Dropped int                  `json:"dropped"`
	Why     map[delivery.Why]int `json:"why"` // of the last five
}

func (f *Face) readCampaign(ctx context.Context, in byID) (readCampaignAnswer, error) {
	c, funnel, err := f.Campaigns.Find(ctx, endpoint.Actor(ctx), in.ID)
	if err != nil {
		return readCampaignAnswer{}, err
	}
	m := funnel.Messages
	return readCampaignAnswer{
		Campaign: answerCampaign(ctx, c), Customers: funnel.Counts.Audience, Intended: funnel.Counts.Intended, Lost: countsOr(funnel.Counts.Lost),
		Messages: messagesAnswer{m.Waiting, m.Sent, m.Opened, m.Dead, m.Failed, m.Unknown, m.Expired, m.Dropped, countsOr(m.Why)},
		Redeemed: funnel.Redeemed,
	}, nil
}

// countsOr writes no counts as {}, never null.
func countsOr(counts map[delivery.Why]int) map[delivery.Why]int {
	if counts == nil {
		return map[delivery.Why]int{}
	}
	return counts
}
