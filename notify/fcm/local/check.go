package local

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// maxPayloadBytes and maxTTL are FCM's limits for a message to one phone. They are written here again, not taken from
// notify/push, because this server is the judge of what that package builds.
const (
	maxPayloadBytes = 4096
	maxTTL          = 28 * 24 * time.Hour
	maxTargetBytes  = 4096
)

// durations are written as seconds with up to nine decimals and an s (google.protobuf.Duration).
var duration = regexp.MustCompile(`^[0-9]{1,12}(\.[0-9]{1,9})?s$`)

// check is nil for a message that FCM would take.
func (m *wireMessage) check() *refusal {
	_, target := m.target()
	switch {
	case m.Topic != "" || m.Condition != "":
		return invalid("message", "This local FCM has phones only: no topics, no conditions.")
	case target == "":
		return invalid("message", "Exactly one of token, topic or condition is required")
	case m.Token != "" && m.Fid != "":
		return invalid("message", "Invalid value (oneof): oneof field 'target' is already set.")
	case !isTarget(m.Token):
		return invalid("message.token", "The registration token is not a valid FCM registration token")
	case !isTarget(m.Fid):
		return invalid("message.fid", "The installation id is not a valid Firebase installation id")
	case m.Android.TTL != "" && !isTTL(m.Android.TTL):
		return invalid("message.android.ttl", "Invalid TTL: a duration from 0s to 2419200s.")
	}
	switch strings.ToLower(m.Android.Priority) {
	case "", "normal", "high":
	default:
		return invalid("message.android.priority", "Invalid value at 'message.android.priority' (AndroidMessagePriority)")
	}
	return m.checkPayload()
}

func (m *wireMessage) checkPayload() *refusal {
	size := len(m.Notification.Title) + len(m.Notification.Body)
	for key, value := range m.Data {
		if key == "from" || key == "message_type" || strings.HasPrefix(key, "google.") || strings.HasPrefix(key, "gcm.") {
			return invalid("message.data", "Invalid data payload key: "+key)
		}
		size += len(key) + len(value)
	}
	if size > maxPayloadBytes {
		return invalid("message", "Message is too big: the payload is limited to 4096 bytes.")
	}
	return nil
}

func (m *wireMessage) target() (kind, target string) {
	if m.Fid != "" {
		return "fid", m.Fid
	}
	return "token", m.Token
}

// isTarget takes any printable word, as a phone of ours has whatever token it says. The empty one is judged elsewhere.
func isTarget(s string) bool {
	notPrintable := func(r rune) bool { return r <= ' ' || r > '~' }
	return len(s) <= maxTargetBytes && !strings.ContainsFunc(s, notPrintable)
}

func isTTL(s string) bool {
	if !duration.MatchString(s) {
		return false
	}
	seconds, err := strconv.ParseFloat(strings.TrimSuffix(s, "s"), 64)
	return err == nil && seconds <= maxTTL.Seconds()
}
