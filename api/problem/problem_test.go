package problem

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5/pgconn"

	"homestore/clienteling/shop"
)

func TestEveryErrorIsOneStatus(t *testing.T) {
	t.Parallel()
	tests := []struct {
		err     error
		status  int
		code    string
		isKnown bool
		why     string
	}{
		{shop.Refuse(shop.Gone, "tag_retired", "x"), 410, "tag_retired", true, "a refusal is what the caller may be told"},
		{fmt.Errorf("scan: %w", shop.Refuse(shop.Conflict, "c", "x")), 409, "c", true, "also wrapped"},
		{shop.Refuse(shop.Kind("new"), "n", "x"), 500, "internal", false, "a kind without a status is our mistake"},
		{errors.New("boom"), 500, "internal", false, "any other error says nothing"},
		{fiber.NewError(404, "Cannot GET /phone/0912345678"), 404, "not_found", true, "the router's 404 is everybody's"},
		{fiber.ErrMethodNotAllowed, 405, "method_not_allowed", true, "the router's 405"},
		{fiber.ErrRequestEntityTooLarge, 413, "body_too_large", true, "the server's 413"},
		{fiber.ErrRequestHeaderFieldsTooLarge, 431, "headers_too_large", true, "the server's 431"},
		{fiber.ErrBadGateway, 400, "request_malformed", true, "the caller's connection broke: not our error"},
		{fiber.ErrTeapot, 400, "request_malformed", true, "whatever else Fiber refuses"},
		{fiber.ErrInternalServerError, 500, "internal", false, "and whatever it fails at"},
		{&pgconn.PgError{Code: "57P01"}, 503, "database_away", false, "the database is shutting down"},
		{fmt.Errorf("credit: %w", &pgconn.PgError{Code: "22P02"}), 500, "internal", false, "the database is there and says no"},
		{fmt.Errorf("read: %w", context.DeadlineExceeded), 503, "deadline_exceeded", false, "out of time"},
		{context.Canceled, 503, "deadline_exceeded", false, "the program stops"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			refusal, status, isKnown := Of(tt.err)
			if status != tt.status || refusal.Code != tt.code || isKnown != tt.isKnown {
				t.Errorf("%d %s %v, want %d %s %v", status, refusal.Code, isKnown, tt.status, tt.code, tt.isKnown)
			}
		})
	}
}

func TestEveryKindHasAStatus(t *testing.T) {
	t.Parallel()
	for kind, want := range map[shop.Kind]int{
		shop.Invalid: 400, shop.Unauthenticated: 401, shop.Forbidden: 403, shop.NotFound: 404, shop.Gone: 410, shop.Conflict: 409,
		shop.Unprocessable: 422, shop.TooMany: 429, shop.TooLarge: 413, shop.Unsupported: 415, shop.Unavailable: 503,
	} {
		if statusOf[kind] != want {
			t.Errorf("%s is %d, want %d", kind, statusOf[kind], want)
		}
	}
}

func TestALogKeepsIDsAndLosesPeople(t *testing.T) {
	t.Parallel()
	const id = "0190163d-8694-739b-aea5-966c26f8ad91"
	tests := []struct {
		err  error
		want string
		why  string
	}{
		{errors.New("credit order " + id + ": no plan"), "credit order " + id + ": no plan", "ids are what one searches by"},
		{errors.New("send to 0912-345-678 failed"), "send to [removed] failed", "a phone"},
		{errors.New("send to +886 912 345 678: no"), "send to [removed]: no", "a phone with its country"},
		{errors.New(`parse "amy.chen@example.com"`), `parse "[removed]"`, "an e-mail address"},
		{errors.New("verify eyJhbGci.eyJzdWIi.c2ln: expired"), "verify [removed]: expired", "a token"},
		{errors.New("read 404 of 12 rows"), "read 404 of 12 rows", "small numbers stay"},
		{fmt.Errorf("bind: %w", &pgconn.PgError{Severity: "ERROR", Code: "22P02", Message: `invalid input syntax for type uuid: "Lin"`, Detail: "Lin"}),
			"bind: SQLSTATE 22P02 table= column= constraint= routine=", "what PostgreSQL quotes"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			if got := Scrub(tt.err); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
	if strings.Contains(ScrubText("a"+id), "[removed]") {
		t.Error("an id after a letter was taken for a number")
	}
}
