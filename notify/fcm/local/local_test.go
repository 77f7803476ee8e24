package local

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)

type bundle struct {
	server *Server
	url    string
}

func setup(t *testing.T) bundle {
	t.Helper()
	server := New(func() time.Time { return noon })
	listening := httptest.NewServer(server)
	t.Cleanup(listening.Close)
	return bundle{server, listening.URL}
}

type answer struct {
	status int
	header http.Header
	Name   string `json:"name"`
	Error  struct {
		Code    int    `json:"code"`
		Status  string `json:"status"`
		Details []struct {
			Type            string `json:"@type"`
			ErrorCode       string `json:"errorCode"`
			FieldViolations []struct {
				Field string `json:"field"`
			} `json:"fieldViolations"`
		} `json:"details"`
	} `json:"error"`
}

func (b bundle) post(t *testing.T, body string) answer {
	t.Helper()
	resp, err := http.Post(b.url+"/v1/projects/demo/messages:send", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	a := answer{status: resp.StatusCode, header: resp.Header}
	if err := json.NewDecoder(resp.Body).Decode(&a); err != nil {
		t.Fatal(err)
	}
	return a
}

// blame is the FCM code and the field that the answer names.
func (a answer) blame() (code, field string) {
	for _, d := range a.Error.Details {
		switch {
		case d.Type == typeFCMError:
			code = d.ErrorCode
		case d.Type == typeBadRequest && len(d.FieldViolations) > 0:
			field = d.FieldViolations[0].Field
		}
	}
	return code, field
}

func (b bundle) get(t *testing.T, path string) string {
	t.Helper()
	resp, err := http.Get(b.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %d, %v", path, resp.StatusCode, err)
	}
	return string(text)
}

const hello = `{"message":{"token":"phone-1","notification":{"title":"您好","body":"第一行\n第二行"},"data":{"type":"offer"},` +
	`"android":{"ttl":"3600s","priority":"normal","collapse_key":"offer","notification":{"tag":"t1","icon":"bell"}}}}`

func TestAcceptedMessageIsInTheInboxOfItsPhone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.post(t, hello)
	if a.status != http.StatusOK || !strings.HasPrefix(a.Name, "projects/demo/messages/") {
		t.Fatalf("answer %d %q", a.status, a.Name)
	}
	if got := b.server.Messages("phone-2"); len(got) != 0 {
		t.Errorf("another phone got %v", got)
	}
	var list struct{ Messages []Message }
	if err := json.Unmarshal([]byte(b.get(t, "/inbox.json?token=phone-1")), &list); err != nil {
		t.Fatal(err)
	}
	if len(list.Messages) != 1 {
		t.Fatalf("inbox has %d messages", len(list.Messages))
	}
	m := list.Messages[0]
	if m.Name != a.Name || m.Title != "您好" || m.Data["type"] != "offer" || m.TTL != "3600s" || m.Tag != "t1" ||
		m.CollapseKey != "offer" || m.Priority != "normal" || m.TargetKind != "token" || !m.ReceivedAt.Equal(noon) {
		t.Errorf("inbox has %+v", m)
	}
}

func TestEmptyInboxIsAnEmptyList(t *testing.T) {
	t.Parallel()
	if got := setup(t).get(t, "/inbox.json?token=nobody"); strings.TrimSpace(got) != `{"messages":[]}` {
		t.Errorf("got %s", got)
	}
}

func TestMessageThatGoogleWouldRefuseIsRefusedAlike(t *testing.T) {
	t.Parallel()
	b := setup(t)
	long := strings.Repeat("a", 4090)
	for _, c := range []struct {
		why, body, code, field string
	}{
		{"no JSON", `hello`, "", ""},
		{"no message", `{}`, "INVALID_ARGUMENT", "message"},
		{"nobody to send to", `{"message":{}}`, "INVALID_ARGUMENT", "message"},
		{"two targets", `{"message":{"token":"a","fid":"b"}}`, "INVALID_ARGUMENT", "message"},
		{"a topic", `{"message":{"topic":"news"}}`, "INVALID_ARGUMENT", "message"},
		{"a token that is none", `{"message":{"token":"a b"}}`, "INVALID_ARGUMENT", "message.token"},
		{"an installation id that is none", `{"message":{"fid":"a\nb"}}`, "INVALID_ARGUMENT", "message.fid"},
		{"a misspelt field", `{"message":{"token":"a","notificaton":{}}}`, "", "message"},
		{"a number in data", `{"message":{"token":"a","data":{"n":12}}}`, "", "message.data"},
		{"FCM's own key", `{"message":{"token":"a","data":{"google.x":"1"}}}`, "INVALID_ARGUMENT", "message.data"},
		{"a TTL in minutes", `{"message":{"token":"a","android":{"ttl":"5m"}}}`, "INVALID_ARGUMENT", "message.android.ttl"},
		{"a TTL over four weeks", `{"message":{"token":"a","android":{"ttl":"2419201s"}}}`, "INVALID_ARGUMENT", "message.android.ttl"},
		{"a priority that is none", `{"message":{"token":"a","android":{"priority":"urgent"}}}`, "INVALID_ARGUMENT", "message.android.priority"},
		{"4,097 bytes", `{"message":{"token":"a","notification":{"title":"` + long + `"},"data":{"k":"123456"}}}`, "INVALID_ARGUMENT", "message"},
		{"validation only", `{"validate_only":true,"message":{"token":"a"}}`, "INVALID_ARGUMENT", "validate_only"},
		{"a body of 70 kB", `{"message":{"token":"` + strings.Repeat("a", 70<<10) + `"}}`, "", ""},
	} {
		a := b.post(t, c.body)
		code, field := a.blame()
		if a.status != http.StatusBadRequest || a.Error.Code != a.status || a.Error.Status != "INVALID_ARGUMENT" || code != c.code || field != c.field {
			t.Errorf("%s: got %d %s, code %q, field %q", c.why, a.status, a.Error.Status, code, field)
		}
	}
	if b.server.Accepted() != 0 {
		t.Errorf("%d were accepted", b.server.Accepted())
	}
}

func TestPayloadOf4096BytesIsTaken(t *testing.T) {
	t.Parallel()
	b := setup(t)
	body := `{"message":{"token":"a","notification":{"title":"` + strings.Repeat("a", 4090) + `"},"data":{"k":"12345"}}}`
	if a := b.post(t, body); a.status != http.StatusOK {
		t.Errorf("got %d", a.status)
	}
}

func TestUninstalledPhoneIsUnregistered(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.server.Uninstall("phone-1")
	a := b.post(t, hello)
	if code, _ := a.blame(); a.status != http.StatusNotFound || a.Error.Status != "NOT_FOUND" || code != "UNREGISTERED" {
		t.Errorf("got %d %s %s", a.status, a.Error.Status, code)
	}
}

func TestBrokenServiceFailsForSoManySendsOnly(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fault      Fault
		status     int
		code       string
		retryAfter string
	}{
		{QuotaExceeded, http.StatusTooManyRequests, "QUOTA_EXCEEDED", "7"},
		{Unavailable, http.StatusServiceUnavailable, "UNAVAILABLE", ""},
		{Internal, http.StatusInternalServerError, "INTERNAL", ""},
	} {
		b := setup(t)
		b.server.Break(c.fault, 2)
		for range 2 {
			a := b.post(t, hello)
			if code, _ := a.blame(); a.status != c.status || code != c.code || a.header.Get("Retry-After") != c.retryAfter {
				t.Errorf("%s: got %d %s, Retry-After %q", c.fault, a.status, code, a.header.Get("Retry-After"))
			}
		}
		if a := b.post(t, hello); a.status != http.StatusOK {
			t.Errorf("after %s: got %d", c.fault, a.status)
		}
		if b.server.Accepted() != 1 {
			t.Errorf("%s: %d accepted", c.fault, b.server.Accepted())
		}
	}
}

func TestCutComesAfterTheMessageWasTaken(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.server.Break(CutAfterAccept, 1)
	resp, err := http.Post(b.url+"/v1/projects/demo/messages:send", "application/json", strings.NewReader(hello))
	if err == nil {
		resp.Body.Close()
		t.Fatalf("got an answer: %d", resp.StatusCode)
	}
	if b.server.Accepted() != 1 {
		t.Errorf("%d accepted", b.server.Accepted())
	}
}

func TestInboxKeepsTheNewestThousand(t *testing.T) {
	t.Parallel()
	b := &inbox{}
	for i := range inboxSize + 5 {
		b.put(Message{Name: fmt.Sprint(i), Target: "p"})
	}
	got := b.of("p")
	if len(got) != inboxSize || got[0].Name != "1004" || got[inboxSize-1].Name != "5" || b.count() != inboxSize+5 {
		t.Errorf("%d messages from %s to %s, %d taken", len(got), got[0].Name, got[len(got)-1].Name, b.count())
	}
}

func TestPageShowsPhonesAndIsSafeFromTheirTexts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if got := b.get(t, "/"); !strings.Contains(got, "還沒有訊息") {
		t.Errorf("the empty inbox does not say so")
	}
	b.post(t, hello)
	b.post(t, `{"message":{"fid":"second-phone","notification":{"title":"<script>alert(1)</script>","body":"x"}}}`)
	all := b.get(t, "/")
	for _, want := range []string{"您好", "<p>第二行</p>", "phone-1", "second-phone", "&lt;script&gt;", `http-equiv="refresh"`} {
		if !strings.Contains(all, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(all, "<script") {
		t.Error("a message ran as a script")
	}
	if one := b.get(t, "/?token=phone-1"); !strings.Contains(one, "您好") || strings.Contains(one, "second-phone") {
		t.Error("the page of one phone shows another, or not its own")
	}
}
