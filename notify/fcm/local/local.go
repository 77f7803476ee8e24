// Package local is an FCM of our own for development and tests: it speaks HTTP v1 as Google's does, in the shapes that
// the Firebase SDK reads, and shows what each phone got on a page and as JSON.
//
// Always true: what it accepted is in the inbox before the answer leaves, and it keeps the newest 1,000 messages, no more.
// A phone exists by having a token; one that was uninstalled answers UNREGISTERED, as Google's does. It logs nothing, since
// messages and tokens are personal. It checks no credentials and does not validate_only; it is never reachable in production.
package local

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// Server is the local FCM. It is an http.Handler and safe for concurrent use.
type Server struct {
	now   func() time.Time
	inbox *inbox
	mux   *http.ServeMux

	mu          sync.Mutex
	uninstalled map[string]bool
	fault       Fault
	faultsLeft  int
}

// New makes a server with an empty inbox. It listens nowhere: pass it to an http.Server.
func New(now func() time.Time) *Server {
	s := &Server{now: now, inbox: &inbox{}, mux: http.NewServeMux(), uninstalled: map[string]bool{}}
	s.mux.HandleFunc("POST /v1/projects/{project}/messages:send", s.send)
	s.mux.HandleFunc("GET /inbox.json", s.inboxJSON)
	s.mux.HandleFunc("GET /{$}", s.inboxPage)
	return s
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Messages is what the phone with this token or installation id got, newest first; of all phones when it is empty.
func (s *Server) Messages(target string) []Message { return s.inbox.of(target) }

// Accepted counts the messages taken since the start, also those that the inbox has dropped by now.
func (s *Server) Accepted() int { return s.inbox.count() }

// Uninstall removes the app from the phone: from now on its token or installation id is answered with UNREGISTERED.
func (s *Server) Uninstall(target string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.uninstalled[target] = true
}

func (s *Server) isUninstalled(target string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.uninstalled[target]
}

// Fault is a way in which FCM fails.
type Fault string

const (
	QuotaExceeded  Fault = "quota"       // 429 with Retry-After: 7
	Unavailable    Fault = "unavailable" // 503 without a word on when
	Internal       Fault = "internal"    // 500
	CutAfterAccept Fault = "cut"         // takes the message, then breaks the connection before answering
)

// RetryAfterSeconds is what a QuotaExceeded answer says in Retry-After.
const RetryAfterSeconds = 7

// Break makes the next so many sends fail in this way; then all is well again.
func (s *Server) Break(fault Fault, sends int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault, s.faultsLeft = fault, sends
}

// nextFault uses up one failing send; empty when all is well.
func (s *Server) nextFault() Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.faultsLeft == 0 {
		return ""
	}
	s.faultsLeft--
	return s.fault
}

// inboxJSON lists the messages of one phone (?token=, which also takes an installation id), or of all of them.
func (s *Server) inboxJSON(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, http.StatusOK, map[string][]Message{"messages": s.inbox.of(r.URL.Query().Get("token"))})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a reader that hung up is not our trouble
}
