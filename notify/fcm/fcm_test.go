package fcm

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"homestore/notify/fcm/local"
	"homestore/notify/push"
)

var (
	noon  = time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)
	phone = push.Target{Kind: push.Token, Value: "cXv1:APA91b-phone"}
)

// bundle is a sender with the real SDK, and the server that it talks to.
type bundle struct {
	sender   *Sender
	fcm      *local.Server
	requests *atomic.Int64 // that reached the server
}

func setup(t *testing.T) bundle {
	t.Helper()
	server := local.New(func() time.Time { return noon })
	sender, requests := senderTo(t, server)
	return bundle{sender, server, requests}
}

// senderTo lets a sender talk to a handler, and counts the requests.
func senderTo(t *testing.T, handler http.Handler) (*Sender, *atomic.Int64) {
	t.Helper()
	requests := &atomic.Int64{}
	listening := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		handler.ServeHTTP(w, r)
	}))
	sender, err := New(t.Context(), Config{ProjectID: "demo", Endpoint: listening.URL + "/v1", Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		sender.Close()
		listening.Close()
	})
	return sender, requests
}

func offer() push.Message {
	return push.Message{
		Kind: "offer", Title: "檯燈 8 折", Body: "到週日為止", Data: map[string]string{"type": "offer", "offer_id": "7"},
		CollapseKey: "offer", Tag: "delivery-1", TTL: 10 * time.Hour, Priority: push.Normal,
	}
}

func send(t *testing.T, s *Sender) push.Outcome {
	t.Helper()
	outcome, err := s.Send(t.Context(), offer(), phone)
	if (err != nil) != (outcome.Verdict == push.OurFault) {
		t.Errorf("verdict %s with error %v", outcome.Verdict, err)
	}
	return outcome
}

func TestAcceptedMessageReachesThePhoneWhole(t *testing.T) {
	t.Parallel()
	b := setup(t)
	outcome := send(t, b.sender)
	got := b.fcm.Messages(phone.Value)
	if outcome.Verdict != push.Sent || len(got) != 1 || outcome.MessageID != got[0].Name {
		t.Fatalf("outcome %+v, inbox %v", outcome, got)
	}
	m := got[0]
	if m.Title != "檯燈 8 折" || m.Body != "到週日為止" || m.Data["offer_id"] != "7" || m.TTL != "36000s" ||
		m.Priority != "normal" || m.CollapseKey != "offer" || m.Tag != "delivery-1" || m.TargetKind != "token" {
		t.Errorf("the phone got %+v", m)
	}
}

func TestInstallationIDIsSentToAsOne(t *testing.T) {
	t.Parallel()
	b := setup(t)
	outcome, err := b.sender.Send(t.Context(), offer(), push.Target{Kind: push.InstallationID, Value: "fZ3kq0xTQ0e"})
	got := b.fcm.Messages("fZ3kq0xTQ0e")
	if err != nil || outcome.Verdict != push.Sent || len(got) != 1 || got[0].TargetKind != "fid" {
		t.Errorf("outcome %+v, %v, inbox %v", outcome, err, got)
	}
}

func TestUninstalledAppMakesTheTokenDead(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.fcm.Uninstall(phone.Value)
	if got := send(t, b.sender); got != (push.Outcome{Verdict: push.TokenDead, Reason: "UNREGISTERED"}) {
		t.Errorf("got %+v", got)
	}
}

func TestQuotaHoldsTheWholeSenderForAsLongAsFCMSays(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.fcm.Break(local.QuotaExceeded, 1)
	want := push.Outcome{Verdict: push.Later, RetryAfter: local.RetryAfterSeconds * time.Second, HoldAll: true, Reason: "QUOTA_EXCEEDED"}
	if got := send(t, b.sender); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := send(t, b.sender); got.Verdict != push.Sent {
		t.Errorf("afterwards got %+v", got)
	}
}

func TestUnavailableIsToldAtOnceWithoutRetriesOfTheSDK(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.fcm.Break(local.Unavailable, 1) // a retry would succeed, and be seen as Sent
	want := push.Outcome{Verdict: push.Later, RetryAfter: failureWait, Reason: "UNAVAILABLE"}
	if got := send(t, b.sender); got != want || b.requests.Load() != 1 || b.fcm.Accepted() != 0 {
		t.Errorf("got %+v after %d requests", got, b.requests.Load())
	}
}

func TestBreakAfterAcceptanceIsUnknownAndNeverSentAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	send(t, b.sender) // a connection that is used again is where transports like to retry
	b.fcm.Break(local.CutAfterAccept, 1)
	want := push.Outcome{Verdict: push.Unknown, Reason: "CONNECTION_CUT"}
	if got := send(t, b.sender); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if b.requests.Load() != 2 || b.fcm.Accepted() != 2 {
		t.Errorf("%d requests, %d accepted", b.requests.Load(), b.fcm.Accepted())
	}
}

func TestManySendsAtOnceEachArriveOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const sends = 200
	var all sync.WaitGroup
	for i := range sends {
		all.Go(func() {
			to := push.Target{Kind: push.Token, Value: fmt.Sprintf("phone-%d", i)}
			if outcome, err := b.sender.Send(t.Context(), offer(), to); err != nil || outcome.Verdict != push.Sent {
				t.Errorf("%d: %+v, %v", i, outcome, err)
			}
		})
	}
	all.Wait()
	for i := range sends {
		if got := len(b.fcm.Messages(fmt.Sprintf("phone-%d", i))); got != 1 {
			t.Errorf("phone %d got %d messages", i, got)
		}
	}
}

func TestWhatFCMWouldRefuseIsNotSent(t *testing.T) {
	t.Parallel()
	b := setup(t)
	endless := offer()
	endless.TTL = 0
	if outcome, err := b.sender.Send(t.Context(), endless, phone); err == nil || outcome.Verdict != push.OurFault {
		t.Errorf("without TTL: %+v, %v", outcome, err)
	}
	broken := push.Target{Kind: push.Token, Value: "a\nb"}
	if outcome, err := b.sender.Send(t.Context(), offer(), broken); err != nil || outcome.Verdict != push.TokenDead {
		t.Errorf("to a broken token: %+v, %v", outcome, err)
	}
	if b.requests.Load() != 0 {
		t.Errorf("%d requests were made", b.requests.Load())
	}
}

func TestAppleHearsTheSameEndUrgencyAndTag(t *testing.T) {
	t.Parallel()
	m := offer()
	headers := wire(m, phone, noon).APNS.Headers
	if headers["apns-expiration"] != "1795356000" || headers["apns-priority"] != "5" || headers["apns-collapse-id"] != "delivery-1" {
		t.Errorf("headers %v", headers)
	}
	m.Priority = push.High
	if got := wire(m, phone, noon).APNS.Headers["apns-priority"]; got != "10" {
		t.Errorf("high priority is %s at Apple", got)
	}
}

func TestErrorsAndOutcomesCarryNothingPersonal(t *testing.T) {
	t.Parallel()
	sender, _ := senderTo(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"error":{"status":"Bad %[1]s","message":"%[1]s","details":[{"errorCode":"%[1]s"}]}}`, phone.Value+" 檯燈")
	}))
	outcome, err := sender.Send(t.Context(), offer(), phone)
	if text := fmt.Sprintf("%+v %v", outcome, err); strings.Contains(text, "APA91b") || strings.Contains(text, "檯燈") {
		t.Errorf("leaked: %s", text)
	}
	if outcome.Verdict != push.OurFault || outcome.Reason != "HTTP_400" {
		t.Errorf("got %+v", outcome)
	}
}

func TestIncompleteConfigurationIsRefused(t *testing.T) {
	t.Parallel()
	for why, config := range map[string]Config{
		"no place to send to":              {ProjectID: "demo"},
		"no project":                       {Endpoint: "http://127.0.0.1:1/v1"},
		"an endpoint without scheme":       {ProjectID: "demo", Endpoint: "127.0.0.1:1"},
		"an endpoint of another protocol":  {ProjectID: "demo", Endpoint: "ftp://127.0.0.1/v1"},
		"credentials in clear on the wire": {ProjectID: "demo", Endpoint: "http://fcm.example/v1", CredentialsFile: "key.json"},
		"credentials that are not there":   {ProjectID: "demo", CredentialsFile: "no-such-file.json"},
	} {
		if _, err := New(context.Background(), config); err == nil {
			t.Errorf("taken: %s", why)
		}
	}
}
