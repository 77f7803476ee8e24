// Package endpoint makes a typed function of a face into an HTTP handler: decoding, validation, deadline, roles,
// idempotency and the answer happen here, once.
//
// It is always true that a handler runs with a decoded and validated input, an actor of one of its route's roles, and a
// context with a deadline; that a JSON body names no field which the input does not have; and that of two requests with
// one Idempotency-Key at most one runs at a time. Package endpoint writes no error answer: it returns the error, and
// api/problem is the application's error handler. Who the actor is, and the middleware before a route, are api/guard's.
package endpoint

import (
	"context"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"

	"github.com/gofiber/fiber/v2"
)

// Validator is an input that checks its own shape, all fields at once (shop.Check).
type Validator interface{ Validate() error }

// Prefilled is an input whose absent fields have a meaning of their own: it is filled with that before the request is read.
type Prefilled interface{ Prefill() }

// None is the output of a handler that answers 204 with no body, and the input of one that takes nothing.
type None struct{}

// File is the output of a handler that answers something other than JSON: a picture, a print sheet, an export, a page.
type File struct {
	ContentType string
	Name        string // suggested name of a download; empty: shown in place
	Body        []byte
}

// Handle makes the handler. In is a struct whose fields say where they come from: `path:"id"`, `query:"limit"`,
// `header:"X-Name"`, `json:"name"` for the body, or on a []byte `body:"raw"` for its exact bytes and `body:"csv"` or `body:"yaml"`
// for those of a file. It panics on a struct that cannot be decoded, when the program starts.
func Handle[In, Out any](act func(context.Context, In) (Out, error)) fiber.Handler {
	shape := shapeOf[In]()
	return func(c *fiber.Ctx) error {
		var in In
		if err := shape.read(c, &in); err != nil {
			return err
		}
		out, err := act(c.UserContext(), in)
		if err != nil {
			return err
		}
		return send(c, out)
	}
}

// HandleAnew is Handle for an act whose answer says what the caller may see at that moment (Route.ShowsAnew). What is kept of it
// under the Idempotency-Key is what the act did, in which nothing says who somebody is; whoever sends the request again gets what
// show makes of that then.
func HandleAnew[In, Done, Out any](act func(context.Context, In) (Done, error), show func(context.Context, Done) (Out, error)) fiber.Handler {
	shape := shapeOf[In]()
	return func(c *fiber.Ctx) error {
		var done Done
		if kept, isAgain := c.Locals(doneLocal).([]byte); isAgain {
			if err := json.Unmarshal(kept, &done); err != nil {
				return fmt.Errorf("read what was done, %T: %w", done, err)
			}
		} else {
			var in In
			err := shape.read(c, &in)
			if err != nil {
				return err
			}
			if done, err = act(c.UserContext(), in); err != nil {
				return err
			}
			if kept, err = json.Marshal(done); err != nil {
				return fmt.Errorf("encode what was done, %T: %w", done, err)
			}
			c.Locals(doneLocal, kept)
		}
		out, err := show(c.UserContext(), done)
		if err != nil {
			return err
		}
		return send(c, out)
	}
}

// read makes a request an input that is valid, or says what is wrong with it.
func (s shape) read(c *fiber.Ctx, in any) error {
	if p, ok := in.(Prefilled); ok {
		p.Prefill()
	}
	if err := s.decode(c, in); err != nil {
		return err
	}
	if v, ok := in.(Validator); ok {
		return v.Validate()
	}
	return nil
}

func send(c *fiber.Ctx, out any) error {
	switch out := out.(type) {
	case None:
		return c.SendStatus(http.StatusNoContent)
	case File:
		c.Set(fiber.HeaderContentType, out.ContentType)
		if out.Name != "" {
			c.Set(fiber.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": out.Name}))
		}
		return c.Status(statusOfRoute(c)).Send(out.Body)
	}
	body, err := json.Marshal(out)
	if err != nil {
		return fmt.Errorf("encode the answer %T: %w", out, err)
	}
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	return c.Status(statusOfRoute(c)).Send(body)
}
