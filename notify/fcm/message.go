package fcm

import (
	"strconv"
	"time"

	"firebase.google.com/go/v4/messaging"

	"homestore/notify/push"
)

// wire is the message as FCM wants it. Apple's and Google's phones get the same: one end, one urgency, one tag.
func wire(m push.Message, to push.Target, now time.Time) *messaging.Message {
	out := &messaging.Message{
		Notification: &messaging.Notification{Title: m.Title, Body: m.Body},
		Data:         m.Data,
		Android: &messaging.AndroidConfig{
			TTL:          &m.TTL,
			Priority:     string(m.Priority),
			CollapseKey:  m.CollapseKey,
			Notification: &messaging.AndroidNotification{Tag: m.Tag, ChannelID: m.Kind},
		},
		APNS: &messaging.APNSConfig{
			Headers: appleHeaders(m, now),
			Payload: &messaging.APNSPayload{Aps: &messaging.Aps{ThreadID: m.Kind, Sound: "default"}},
		},
	}
	if m.IsSilent {
		out.Notification, out.Android.Notification = nil, nil
		out.APNS.Payload.Aps = &messaging.Aps{ContentAvailable: true}
	}
	if to.Kind == push.InstallationID {
		out.Fid = to.Value
	} else {
		out.Token = to.Value //nolint:staticcheck // deprecated for the installation id, which the apps in use do not send yet
	}
	return out
}

// appleHeaders says to APNs what Android's part says to FCM: without an expiration Apple keeps a message for 30 days.
func appleHeaders(m push.Message, now time.Time) map[string]string {
	headers := map[string]string{
		"apns-priority":   "5", // may wait for the phone to wake
		"apns-expiration": strconv.FormatInt(now.Add(m.TTL).Unix(), 10),
	}
	if m.Priority == push.High {
		headers["apns-priority"] = "10"
	}
	if m.IsSilent {
		headers["apns-push-type"] = "background" // Apple drops one that says nothing of itself
	}
	if m.Tag != "" {
		headers["apns-collapse-id"] = m.Tag
	}
	return headers
}
