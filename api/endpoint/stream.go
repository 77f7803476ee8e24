package endpoint

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"runtime/debug"
	"time"

	"github.com/gofiber/fiber/v2"
)

// NDJSON is what a stream is sent as: each line is one JSON object.
const NDJSON = "application/x-ndjson"

const (
	// repeatAfter is how long a stream is silent before its last line is told again. Fiber does not notice that a client has hung
	// up until it is written to.
	repeatAfter = time.Second
	// lineWithin is how long a client may take to read a line: as long as the frame gives for a whole answer elsewhere.
	lineWithin = 7 * time.Second
)

// Stream makes the handler of an act that says how it goes on while it works: each value that it tells is a line of JSON, sent at
// once. What goes wrong before the first line is answered like any other refusal. After it the status has been sent, so what goes
// wrong is the last line, {"problem": …}, in the words of any other answer.
//
// The act runs beside the handler, which is over when the first line is there, and in a context of its own. That ends with the
// route's deadline, when the client hangs up or reads too slowly, and when the program is told to stop; the act is then waited for
// by nobody, so it must heed its context. In may not take a raw body, which lives as long as the handler. The routes' Frame needs
// Fail.
func Stream[In, Line any](act func(ctx context.Context, in In, tell func(Line)) error) fiber.Handler {
	shape := shapeOf[In]()
	if shape.raw != nil {
		panic(fmt.Sprintf("endpoint: a stream of %T outlives its raw body", act))
	}
	return func(c *fiber.Ctx) error {
		var in In
		if err := shape.read(c, &in); err != nil {
			return err
		}
		s := newStream(c)
		go s.run(func() error { return act(s.ctx, in, func(line Line) { s.tell(line) }) })
		first, isThere := <-s.lines
		if !isThere && s.failed != nil {
			s.cancel()
			return s.failed
		}
		c.Set(fiber.HeaderContentType, NDJSON)
		c.Status(statusOfRoute(c)).Context().SetBodyStreamWriter(func(w *bufio.Writer) { s.write(w, first) })
		return nil
	}
}

// stream is one under way.
type stream struct {
	ctx    context.Context
	cancel context.CancelFunc
	conn   net.Conn
	lines  chan []byte // closed when the act is over
	failed error       // why it was; to be read after that
	fail   func(error) []byte
}

func newStream(c *fiber.Ctx) *stream {
	// Not the request's own context, which ends with the handler.
	deadline, _ := c.UserContext().Deadline()
	ctx, cancel := context.WithDeadline(context.WithoutCancel(c.UserContext()), deadline)
	stops := c.Context().Done() // of the server, not of the request
	go func() {
		select {
		case <-stops:
			cancel()
		case <-ctx.Done():
		}
	}()
	requestID, route := RequestID(ctx), RouteOf(c)
	return &stream{
		ctx: ctx, cancel: cancel, conn: c.Context().Conn(), lines: make(chan []byte),
		fail: func(err error) []byte { return route.fail(requestID, err) },
	}
}

// run runs the act. Here nothing else stands between a panic and the process.
func (s *stream) run(act func() error) {
	defer close(s.lines)
	defer func() {
		if r := recover(); r != nil {
			s.failed = Panicked(r)
		}
	}()
	s.failed = act()
}

// tell waits until the line before has been taken, so that a slow client slows the act down and no line is lost.
func (s *stream) tell(line any) {
	text, err := json.Marshal(line)
	if err != nil {
		panic(fmt.Errorf("encode a line %T: %w", line, err)) // it is of our own making
	}
	select {
	case s.lines <- text:
	case <-s.ctx.Done():
	}
}

// write sends lines until the act is over or the client gone. It runs after the handler, where a panic would end the process: it
// does nothing but write.
func (s *stream) write(w *bufio.Writer, line []byte) {
	defer s.end()
	silence := time.NewTicker(repeatAfter)
	defer silence.Stop()
	for line != nil {
		if s.send(w, line) != nil {
			return
		}
		silence.Reset(repeatAfter)
		select {
		case line = <-s.lines: // nil: the act is over
		case <-silence.C:
		}
	}
	if s.failed != nil {
		_ = s.send(w, fmt.Appendf(nil, `{"problem":%s}`, s.fail(s.failed)))
	}
}

func (s *stream) send(w *bufio.Writer, line []byte) error {
	if err := s.conn.SetWriteDeadline(time.Now().Add(lineWithin)); err != nil {
		return err
	}
	_, _ = w.Write(line)
	_ = w.WriteByte('\n')
	return w.Flush() // with the first error of the two before
}

// end tells the act that nobody listens, and takes what it may be waiting to tell.
func (s *stream) end() {
	s.cancel()
	for range s.lines {
	}
}

// Panicked is a panic as an error, with the stack of where it is taken. The stack has no values, which the text of a panic may
// have: problem scrubs that.
func Panicked(value any) error { return errPanic{value: value, stack: string(debug.Stack())} }

type errPanic struct {
	value any
	stack string
}

func (e errPanic) Error() string { return fmt.Sprint("panic: ", e.value) }
func (e errPanic) Stack() string { return e.stack }
