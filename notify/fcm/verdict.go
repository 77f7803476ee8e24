package fcm

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"firebase.google.com/go/v4/errorutils"
	"firebase.google.com/go/v4/messaging"

	"homestore/notify/push"
)

// What Google asks of senders: after a 429 without Retry-After wait a minute, after a 5xx or a failed connection at
// least ten seconds before the first repeat.
const (
	quotaWait   = 60 * time.Second
	failureWait = 10 * time.Second
)

// maxWait bounds a Retry-After that makes no sense: a delivery is given up after an hour anyway.
const maxWait = time.Hour

// invalidToken is how FCM's documentation says that the token, not the message, is wrong; some answers have this text alone.
const invalidToken = "The registration token is not a valid FCM registration token"

// judge is the verdict on what the SDK returned. FCM's own code in the details wins over the general status.
func judge(name string, err error, now time.Time) push.Outcome {
	if err == nil && name != "" {
		return push.Outcome{Verdict: push.Sent, MessageID: name}
	}
	resp := errorutils.HTTPResponse(err)
	switch {
	case err == nil:
		return push.Outcome{Verdict: push.Unknown, Reason: "NO_MESSAGE_ID"}
	case resp == nil: // a 2xx that is no JSON, or an error from before the transport: nothing is known of it
		return push.Outcome{Verdict: push.Unknown, Reason: "NOT_UNDERSTOOD"}
	case resp.StatusCode == statusCut:
		return push.Outcome{Verdict: push.Unknown, Reason: "CONNECTION_CUT"}
	case resp.StatusCode == statusNotSent:
		return push.Outcome{Verdict: push.Later, RetryAfter: failureWait, Reason: "NOT_CONNECTED"}
	}
	a := readAnswer(resp)
	switch {
	case messaging.IsUnregistered(err), messaging.IsSenderIDMismatch(err), a.blamesTarget():
		return push.Outcome{Verdict: push.TokenDead, Reason: a.reason()}
	case messaging.IsQuotaExceeded(err), errorutils.IsResourceExhausted(err), resp.StatusCode == http.StatusTooManyRequests:
		return push.Outcome{Verdict: push.Later, RetryAfter: wait(resp.Header, quotaWait, now), HoldAll: true, Reason: a.reason()}
	case messaging.IsThirdPartyAuthError(err), messaging.IsInvalidArgument(err), errorutils.IsInvalidArgument(err), errorutils.IsNotFound(err):
		// A 404 without UNREGISTERED may mean that the project is unknown; dropping all tokens for a wrong project id could
		// not be made good.
		return ourFault(a.reason())
	case errorutils.IsUnavailable(err), messaging.IsUnavailable(err), errorutils.IsInternal(err), messaging.IsInternal(err),
		resp.StatusCode == statusUnavailable:
		return push.Outcome{Verdict: push.Later, RetryAfter: wait(resp.Header, failureWait, now), Reason: a.reason()}
	case resp.StatusCode >= 500: // 502 and 504 come from something before FCM, which may have passed the message on
		return push.Outcome{Verdict: push.Unknown, Reason: a.reason()}
	}
	return ourFault(a.reason())
}

// answer is what can be read of an error in the shape of Google's APIs.
type answer struct {
	httpStatus int
	Error      struct {
		Status  string `json:"status"`
		Message string `json:"message"`
		Details []struct {
			ErrorCode       string `json:"errorCode"`
			FieldViolations []struct {
				Field string `json:"field"`
			} `json:"fieldViolations"`
		} `json:"details"`
	} `json:"error"`
}

func readAnswer(resp *http.Response) answer {
	a := answer{httpStatus: resp.StatusCode}
	if body, err := io.ReadAll(resp.Body); err == nil {
		_ = json.Unmarshal(body, &a) // what is no JSON has a status all the same
	}
	return a
}

// blamesTarget says whether an INVALID_ARGUMENT is about the address, not about the message.
func (a answer) blamesTarget() bool {
	if a.Error.Status != "INVALID_ARGUMENT" {
		return false
	}
	for _, d := range a.Error.Details {
		for _, v := range d.FieldViolations {
			if v.Field == "message.token" || v.Field == "message.fid" {
				return true
			}
		}
	}
	return a.Error.Message == invalidToken
}

// reasons are the codes that are passed on; whatever else a server writes may quote the message.
var reasons = []string{
	"UNREGISTERED", "SENDER_ID_MISMATCH", "QUOTA_EXCEEDED", "UNAVAILABLE", "INTERNAL", "INVALID_ARGUMENT",
	"THIRD_PARTY_AUTH_ERROR", "APNS_AUTH_ERROR", "RESOURCE_EXHAUSTED", "NOT_FOUND", "PERMISSION_DENIED", "UNAUTHENTICATED",
	"DEADLINE_EXCEEDED", "FAILED_PRECONDITION",
}

// reason is FCM's own code, else the general status, else the HTTP status.
func (a answer) reason() string {
	for _, d := range a.Error.Details {
		if slices.Contains(reasons, d.ErrorCode) {
			return d.ErrorCode
		}
	}
	if slices.Contains(reasons, a.Error.Status) {
		return a.Error.Status
	}
	if a.httpStatus == statusUnavailable {
		return "UNAVAILABLE"
	}
	return "HTTP_" + strconv.Itoa(a.httpStatus)
}

// wait reads Retry-After, in seconds or as a date; unsaid when there is none that lies ahead.
func wait(header http.Header, unsaid time.Duration, now time.Time) time.Duration {
	said := header.Get("Retry-After")
	if seconds, err := strconv.Atoi(said); err == nil && seconds > 0 {
		return time.Duration(min(seconds, int(maxWait.Seconds()))) * time.Second
	}
	if at, err := http.ParseTime(said); err == nil && at.After(now) {
		return min(at.Sub(now).Round(time.Second), maxWait)
	}
	return unsaid
}
