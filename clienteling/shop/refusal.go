package shop

import "fmt"

// Kind says what sort of "no" a refusal is. api/problem alone knows which HTTP status that becomes.
type Kind string

const (
	Invalid         Kind = "invalid"         // the request cannot be understood or a field is wrong
	Unauthenticated Kind = "unauthenticated" // nobody has said who is asking
	Forbidden       Kind = "forbidden"       // known, and not allowed
	NotFound        Kind = "not_found"       // unknown, or not yours: the same answer
	Gone            Kind = "gone"            // was here, is no longer
	Conflict        Kind = "conflict"        // true now, and so this cannot be
	Unprocessable   Kind = "unprocessable"   // understood, and against a rule
	TooMany         Kind = "too_many"        // slow down
	TooLarge        Kind = "too_large"       // over a limit of size
	Unsupported     Kind = "unsupported"     // an encoding or media type that is not taken
	Unavailable     Kind = "unavailable"     // for the moment; try again
)

// Field is one wrong field of a request and what to do about it.
type Field struct {
	Name string `json:"name"` // path from the root of the body, or the name of a parameter
	Code string `json:"code"` // stable, for programs
	Hint string `json:"hint"` // what to do, for people
}

// Refusal is the only error whose text a caller may read. It is declared as a value by the package that owns the rule and
// compared with errors.Is, which looks at Code alone, so a refusal with fields or another message is still the same one.
type Refusal struct {
	Kind    Kind
	Code    string
	Message string
	Fields  []Field
	// RetryAfter is in whole seconds; 0 means that waiting does not help or that nobody knows.
	RetryAfter int
}

// Refuse declares a refusal. Codes are stable and unique in the whole system.
func Refuse(kind Kind, code, message string) *Refusal {
	return &Refusal{Kind: kind, Code: code, Message: message}
}

func (r *Refusal) Error() string {
	if len(r.Fields) == 0 {
		return r.Code + ": " + r.Message
	}
	return fmt.Sprintf("%s: %s %v", r.Code, r.Message, r.Fields)
}

// Is compares codes.
func (r *Refusal) Is(target error) bool {
	other, ok := target.(*Refusal)
	return ok && other.Code == r.Code
}

// With returns the same refusal naming the fields that are wrong.
func (r *Refusal) With(fields ...Field) *Refusal {
	c := *r
	c.Fields = fields
	return &c
}

// Saying returns the same refusal with a message for this case.
func (r *Refusal) Saying(format string, args ...any) *Refusal {
	c := *r
	c.Message = fmt.Sprintf(format, args...)
	return &c
}

// After returns the same refusal saying when to try again, in seconds.
func (r *Refusal) After(seconds int) *Refusal {
	c := *r
	c.RetryAfter = seconds
	return &c
}

// ErrFields is what a request's Validate returns, with all wrong fields at once.
var ErrFields = Refuse(Unprocessable, "fields_invalid", "Some fields are wrong; each is named with what to do.")

// ErrNotFound is the answer for what does not exist and for what is not yours.
var ErrNotFound = Refuse(NotFound, "not_found", "There is nothing here under this name.")

// Check collects wrong fields, so that a caller hears of many of them at once.
type Check struct{ fields []Field }

// mostFields are enough to mend a request by. An order of 50,000 wrong lines would be answered with 20 MB.
const mostFields = 50

// That notes the field as wrong unless ok.
func (c *Check) That(ok bool, name, code, hint string) {
	if !ok && len(c.fields) < mostFields {
		c.fields = append(c.fields, Field{Name: name, Code: code, Hint: hint})
	}
}

// Err is ErrFields naming the wrong fields, or nil.
func (c *Check) Err() error {
	if len(c.fields) == 0 {
		return nil
	}
	return ErrFields.With(c.fields...)
}
