package local

import (
	_ "embed"
	"html/template"
	"net/http"
	"strings"
	"time"
)

//go:embed page.html
var pageHTML string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"short": short,
	"ago":   func(now, at time.Time) string { return now.Sub(at).Truncate(time.Second).String() },
	"stamp": func(at time.Time) string { return at.Format(time.RFC3339) },
	"lines": func(s string) []string { return strings.Split(s, "\n") },
}).Parse(pageHTML))

// refreshSeconds is how soon the page shows a new message by itself. Reloading folds the details again, so the page of
// one phone shows them unfolded.
const refreshSeconds = 5

// inboxPage shows each phone with its messages. ?token= shows one phone.
func (s *Server) inboxPage(w http.ResponseWriter, r *http.Request) {
	target := r.URL.Query().Get("token")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'") // texts of others are shown here
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_ = page.Execute(w, map[string]any{ // the template is fixed and tested; what is left is a reader that hung up
		"Phones": byPhone(s.inbox.of(target)), "Now": s.now(), "Refresh": refreshSeconds,
		"OnlyOne": target != "", "Accepted": s.inbox.count(), "Kept": inboxSize,
	})
}

// short makes a token recognisable on a page without filling it.
func short(target string) string {
	if len(target) <= 20 {
		return target
	}
	return target[:10] + "…" + target[len(target)-6:]
}
