package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"homestore/clienteling/shop"
)

func (j *journey) signInStaff(ctx context.Context) error {
	var made struct {
		Code string `json:"code"`
	}
	if err := j.post(ctx, j.hq, "/v1/manager/devices", map[string]any{"store": j.stores["XINYI"], "name": "信義平板"}, http.StatusCreated, &made); err != nil {
		return err
	}
	var enrolled struct {
		DeviceSecret string `json:"device_secret"`
	}
	body := map[string]any{"brand": j.Brand.Slug, "code": made.Code}
	if err := j.post(ctx, "", "/v1/sign-in/device", body, http.StatusOK, &enrolled); err != nil {
		return err
	}
	amy := j.Staff[3]
	var in signedIn
	body = map[string]any{"brand": j.Brand.Slug, "employee_no": amy.No, "pin": amy.PIN, "device_secret": enrolled.DeviceSecret}
	if err := j.post(ctx, "", "/v1/sign-in/staff", body, http.StatusOK, &in); err != nil {
		return err
	}
	j.staff = in.AccessToken
	j.say("%s %s is signed in as %s", amy.No, amy.Name, in.Actor.Role)
	return nil
}

func (j *journey) visit(ctx context.Context) error {
	var code struct {
		Code string `json:"code"`
	}
	if err := j.post(ctx, j.member, "/v1/member/code", nil, http.StatusOK, &code); err != nil {
		return err
	}
	var shown struct {
		Visit struct {
			Until time.Time `json:"until"`
		} `json:"visit"`
		Customer struct {
			ID      shop.ID `json:"id"`
			Details *struct {
				Name      string `json:"name"`
				Phone     string `json:"phone"`
				Purchases []struct {
					Channel  string `json:"channel"`
					Store    party  `json:"store"`
					Paid     int64  `json:"paid_minor"`
					Refunded int64  `json:"refunded_minor"`
					Lines    []struct {
						Name string `json:"name"`
					} `json:"lines"`
				} `json:"purchases"`
			} `json:"details"`
		} `json:"customer"`
	}
	if err := j.post(ctx, j.staff, "/v1/staff/visits", map[string]any{"member_code": code.Code}, http.StatusCreated, &shown); err != nil {
		return err
	}
	d := shown.Customer.Details
	if d == nil || shown.Customer.ID != j.customer {
		return fmt.Errorf("the card shows nothing of her")
	}
	zone, err := time.LoadLocation(j.Brand.TimeZone)
	if err != nil {
		return err
	}
	j.say("%s, %s; her history is open to Amy until %s in Taipei", d.Name, d.Phone, shown.Visit.Until.In(zone).Format("15:04"))
	channels := map[string]int{}
	for _, p := range d.Purchases {
		channels[p.Channel]++
		j.say("%-6s %-9s %s: %d, refunded %d", p.Channel, p.Store.Code, p.Lines[0].Name, p.Paid, p.Refunded)
	}
	// The same code again is a screenshot.
	if err := j.post(ctx, j.staff, "/v1/staff/visits", map[string]any{"member_code": code.Code}, http.StatusUnprocessableEntity, nil); err != nil {
		return fmt.Errorf("a used member code: %w", err)
	}
	j.say("the same code a second time is refused")
	return must(channels["online"] == 2 && channels["till"] == 1, "she has bought %v", channels)
}

func (j *journey) sendOffer(ctx context.Context) error {
	now := time.Now().UTC()
	body := map[string]any{
		"kind":  "coupon",
		"title": map[string]string{"zh-TW": "雲朵沙發會員禮", "en": "A gift for your Cloud sofa"},
		"body":  map[string]string{"zh-TW": "憑券購買抱枕第二件半價。", "en": "Second cushion at half price with this coupon."},
		"terms": map[string]string{"zh-TW": "限本人使用一次。", "en": "Once, for you alone."},
		"link":  "", "starts_at": now.Add(-time.Minute).Format(time.RFC3339), "ends_at": now.AddDate(0, 0, 14).Format(time.RFC3339),
	}
	var made struct {
		ID shop.ID `json:"id"`
	}
	if err := j.post(ctx, j.hq, "/v1/manager/offers", body, http.StatusCreated, &made); err != nil {
		return err
	}
	if err := j.post(ctx, j.hq, "/v1/manager/offers/"+made.ID.String()+"/approve", nil, http.StatusOK, nil); err != nil {
		return err
	}
	to := "/v1/staff/customers/" + j.customer.String() + "/offers"
	if err := j.post(ctx, j.staff, to, map[string]any{"offer": made.ID}, http.StatusCreated, nil); err != nil {
		return err
	}
	// Once more, under another key: she gets it once.
	if err := j.post(ctx, j.staff, to, map[string]any{"offer": made.ID}, http.StatusConflict, nil); err != nil {
		return fmt.Errorf("the same offer again: %w", err)
	}
	return j.readInbox(ctx)
}

// readInbox waits for the message on her phone, at most a quarter of a minute.
func (j *journey) readInbox(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	var inbox struct {
		Messages []struct {
			Title string `json:"title"`
			Body  string `json:"body"`
		} `json:"messages"`
	}
	for {
		_, err := j.call(ctx, call{method: http.MethodGet, url: j.local + "/inbox.json?token=" + url.QueryEscape(j.target)}, http.StatusOK, &inbox)
		if err != nil {
			return fmt.Errorf("wait for the message: %w", err)
		}
		if len(inbox.Messages) > 0 {
			break
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("no message came to her phone within 15 seconds")
		case <-time.After(100 * time.Millisecond):
		}
	}
	m := inbox.Messages[0]
	j.say("on her phone: %s / %s", m.Title, m.Body)
	return must(len(inbox.Messages) == 1 && m.Title == "雲朵沙發會員禮", "the inbox holds %+v", inbox.Messages)
}
