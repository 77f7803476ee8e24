package local

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// maxRequestBytes is far above the largest message that is taken (4,096 bytes of payload and a token as long).
const maxRequestBytes = 64 << 10

// request is the body of messages:send. Raw parts are taken as they are: phones of ours show none of them.
type request struct {
	ValidateOnly bool         `json:"validate_only"`
	Message      *wireMessage `json:"message"`
}

type wireMessage struct {
	Token        string            `json:"token"`
	Fid          string            `json:"fid"`
	Topic        string            `json:"topic"`
	Condition    string            `json:"condition"`
	Data         map[string]string `json:"data"`
	Notification wireNotification  `json:"notification"`
	Android      wireAndroid       `json:"android"`
	APNS         json.RawMessage   `json:"apns"`
	Webpush      json.RawMessage   `json:"webpush"`
	FCMOptions   json.RawMessage   `json:"fcm_options"`
}

type wireNotification struct {
	Title string `json:"title"`
	Body  string `json:"body"`
	Image string `json:"image"`
}

type wireAndroid struct {
	CollapseKey  string            `json:"collapse_key"`
	Priority     string            `json:"priority"`
	TTL          string            `json:"ttl"`
	Package      string            `json:"restricted_package_name"`
	Data         map[string]string `json:"data"`
	Notification json.RawMessage   `json:"notification"`
	FCMOptions   json.RawMessage   `json:"fcm_options"`
	DirectBoot   bool              `json:"direct_boot_ok"`
	Constrained  bool              `json:"bandwidth_constrained_ok"`
	Satellite    bool              `json:"restricted_satellite_ok"`
}

// tag reads the one part of Android's notification that is shown here; its many others are nobody's business.
func (a wireAndroid) tag() string {
	var notification struct {
		Tag string `json:"tag"`
	}
	if len(a.Notification) > 0 {
		_ = json.Unmarshal(a.Notification, &notification) // well-formed by now; a tag that is no text is no tag
	}
	return notification.Tag
}

// send takes one message, in the order in which Google's FCM looks: can it be read, is it right, is the service well, is
// the phone there.
func (s *Server) send(w http.ResponseWriter, r *http.Request) {
	wire, refused := read(http.MaxBytesReader(w, r.Body, maxRequestBytes))
	if refused == nil {
		refused = wire.check()
	}
	if refused != nil {
		refused.write(w)
		return
	}
	kind, target := wire.target()
	fault := s.nextFault()
	switch {
	case fault == QuotaExceeded:
		refuseQuota.write(w)
	case fault == Unavailable:
		refuseUnavailable.write(w)
	case fault == Internal:
		refuseInternal.write(w)
	case s.isUninstalled(target):
		refuseUnregistered.write(w)
	default:
		m := wire.received(kind, target)
		m.Name, m.ReceivedAt = newName(r.PathValue("project")), s.now().UTC()
		s.inbox.put(m)
		if fault == CutAfterAccept {
			panic(http.ErrAbortHandler) // net/http closes the connection without an answer, and without a log line
		}
		writeJSON(w, http.StatusOK, map[string]string{"name": m.Name})
	}
}

// read decodes strictly: like Google's, an unknown field is an error, which finds spelling mistakes.
func read(body io.Reader) (*wireMessage, *refusal) {
	var in request
	decoder := json.NewDecoder(body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&in); err != nil {
		return nil, unreadable(err)
	}
	switch {
	case in.Message == nil:
		return nil, invalid("message", "Message is not set.")
	case in.ValidateOnly:
		return nil, invalid("validate_only", "This local FCM delivers what it takes; it does not validate only.")
	}
	return in.Message, nil
}

// unreadable names the field; never the value, which is personal.
func unreadable(err error) *refusal {
	var wrongType *json.UnmarshalTypeError
	if errors.As(err, &wrongType) {
		return &refusal{httpStatus: http.StatusBadRequest, status: "INVALID_ARGUMENT", field: wrongType.Field,
			message: fmt.Sprintf("Invalid value at '%s', a JSON %s", wrongType.Field, wrongType.Value)}
	}
	name, isUnknown := strings.CutPrefix(err.Error(), "json: unknown field ")
	if isUnknown {
		return &refusal{httpStatus: http.StatusBadRequest, status: "INVALID_ARGUMENT", field: "message",
			message: "Invalid JSON payload received. Unknown name " + name + ": Cannot find field."}
	}
	return &refusal{httpStatus: http.StatusBadRequest, status: "INVALID_ARGUMENT", message: "Invalid JSON payload received."}
}

func (m *wireMessage) received(kind, target string) Message {
	return Message{
		TargetKind: kind, Target: target,
		Title: m.Notification.Title, Body: m.Notification.Body, Data: m.Data,
		TTL: m.Android.TTL, Priority: m.Android.Priority, CollapseKey: m.Android.CollapseKey, Tag: m.Android.tag(),
	}
}

// newName is a message name in FCM's form.
func newName(project string) string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // documented never to fail
	return "projects/" + project + "/messages/" + hex.EncodeToString(b[:])
}
