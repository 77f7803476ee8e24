package fcm

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"homestore/notify/push"
)

// answering is a server that always says the same.
func answering(status int, header, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if name, value, isSet := strings.Cut(header, ": "); isSet {
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

// errorBodies are the bodies with which Firebase's own SDK is tested, kept beside the repository with other real data.
const errorBodies = "../../../shared/data/fcm/fcm_v1_error_bodies.json"

// verdictOn says what each meaning noted in that file must become.
var verdictOn = map[string]struct {
	verdict push.Verdict
	status  int // with which the live service sends it
}{
	"internal":                       {push.Later, http.StatusInternalServerError},
	"invalid-argument":               {push.OurFault, http.StatusBadRequest},
	"not-found":                      {push.OurFault, http.StatusNotFound}, // not said to be the token
	"resource-exhausted":             {push.Later, http.StatusTooManyRequests},
	"unavailable":                    {push.Later, http.StatusServiceUnavailable},
	"unregistered: drop token":       {push.TokenDead, http.StatusNotFound},
	"sender-id-mismatch: drop token": {push.TokenDead, http.StatusForbidden},
	"quota: back off":                {push.Later, http.StatusTooManyRequests},
	"retry":                          {push.Later, http.StatusServiceUnavailable},
	"caller error":                   {push.OurFault, http.StatusBadRequest},
	"APNs credentials":               {push.OurFault, http.StatusUnauthorized},
}

func TestEachErrorBodyOfFirebaseGetsItsVerdict(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile(errorBodies)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("SKIP: %s is not here", errorBodies)
	}
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Cases   []struct{ Body, Meaning string }
		Success string
	}
	if err := json.Unmarshal(b, &file); err != nil || len(file.Cases) != 14 {
		t.Fatalf("%d cases, %v", len(file.Cases), err)
	}
	for _, c := range file.Cases {
		want, isKnown := verdictOn[c.Meaning]
		if !isKnown {
			t.Errorf("no verdict for %q", c.Meaning)
		}
		for _, status := range []int{want.status, http.StatusInternalServerError} { // the SDK's tests send all with 500
			sender, requests := senderTo(t, answering(status, "", c.Body))
			got := send(t, sender)
			if got.Verdict != want.verdict || requests.Load() != 1 {
				t.Errorf("%s with %d: got %+v after %d requests, want %s", c.Body, status, got, requests.Load(), want.verdict)
			}
			if (got.Verdict == push.Later) != (got.RetryAfter > 0) {
				t.Errorf("%s with %d: %s waits %v", c.Body, status, got.Verdict, got.RetryAfter)
			}
		}
	}
	sender, _ := senderTo(t, answering(http.StatusOK, "", file.Success))
	if got := send(t, sender); got != (push.Outcome{Verdict: push.Sent, MessageID: "projects/test-project/messages/msg_id"}) {
		t.Errorf("success: got %+v", got)
	}
}

func TestAnswersThatAreNotInTheBookGetTheCarefulVerdict(t *testing.T) {
	t.Parallel()
	const fcmError = `"details":[{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"INVALID_ARGUMENT"}]`
	for _, c := range []struct {
		why          string
		status       int
		header, body string
		want         push.Outcome
	}{
		{"the field named is the token", 400, "", `{"error":{"status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"message.token"}]}]}}`,
			push.Outcome{Verdict: push.TokenDead, Reason: "INVALID_ARGUMENT"}},
		{"the text names the token", 400, "", `{"error":{"status":"INVALID_ARGUMENT","message":"` + invalidToken + `",` + fcmError + `}}`,
			push.Outcome{Verdict: push.TokenDead, Reason: "INVALID_ARGUMENT"}},
		{"the field named is ours: no token is dropped", 400, "", `{"error":{"status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"message.data[0].value"}]}]}}`,
			push.Outcome{Verdict: push.OurFault, Reason: "INVALID_ARGUMENT"}},
		{"401: the credentials", 401, "", `{"error":{"status":"UNAUTHENTICATED"}}`, push.Outcome{Verdict: push.OurFault, Reason: "UNAUTHENTICATED"}},
		{"403: the project's rights", 403, "", `{"error":{"status":"PERMISSION_DENIED"}}`, push.Outcome{Verdict: push.OurFault, Reason: "PERMISSION_DENIED"}},
		{"a page of a 404: perhaps a wrong endpoint", 404, "", `<html>`, push.Outcome{Verdict: push.OurFault, Reason: "HTTP_404"}},
		{"quota without a time: a minute", 429, "", `{}`, push.Outcome{Verdict: push.Later, RetryAfter: time.Minute, HoldAll: true, Reason: "HTTP_429"}},
		{"quota until a date", 429, "Retry-After: Sun, 22 Nov 2026 04:02:00 GMT", `{}`, push.Outcome{Verdict: push.Later, RetryAfter: 2 * time.Minute, HoldAll: true, Reason: "HTTP_429"}},
		{"a date that has passed says nothing", 429, "Retry-After: Sun, 22 Nov 2026 03:00:00 GMT", `{}`, push.Outcome{Verdict: push.Later, RetryAfter: time.Minute, HoldAll: true, Reason: "HTTP_429"}},
		{"a wait of a year is cut to an hour", 429, "Retry-After: 31536000", `{}`, push.Outcome{Verdict: push.Later, RetryAfter: time.Hour, HoldAll: true, Reason: "HTTP_429"}},
		{"503 with a time", 503, "Retry-After: 42", `busy`, push.Outcome{Verdict: push.Later, RetryAfter: 42 * time.Second, Reason: "UNAVAILABLE"}},
		{"503 that asks for no wait: still ten seconds", 503, "Retry-After: 0", ``, push.Outcome{Verdict: push.Later, RetryAfter: failureWait, Reason: "UNAVAILABLE"}},
		{"502 of a proxy: FCM may have taken it", 502, "", `<html>`, push.Outcome{Verdict: push.Unknown, Reason: "HTTP_502"}},
		{"504 of a proxy: likewise", 504, "", `{"error":{"status":"DEADLINE_EXCEEDED"}}`, push.Outcome{Verdict: push.Unknown, Reason: "DEADLINE_EXCEEDED"}},
		{"200 that is no JSON", 200, "", `<html>`, push.Outcome{Verdict: push.Unknown, Reason: "NOT_UNDERSTOOD"}},
		{"200 without a name", 200, "", `{}`, push.Outcome{Verdict: push.Unknown, Reason: "NO_MESSAGE_ID"}},
		{"a redirect is not followed", 307, "Location: /elsewhere", ``, push.Outcome{Verdict: push.OurFault, Reason: "HTTP_307"}},
	} {
		sender, requests := senderTo(t, answering(c.status, c.header, c.body))
		if got := send(t, sender); got != c.want || requests.Load() != 1 {
			t.Errorf("%s: got %+v after %d requests, want %+v", c.why, got, requests.Load(), c.want)
		}
	}
}
