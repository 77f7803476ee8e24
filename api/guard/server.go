package guard

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/sys/unix"

	"homestore/api/endpoint"
	"homestore/api/problem"
	"homestore/clienteling/shop"
)

// Server is the application and the way it starts and stops.
type Server struct {
	App *fiber.App

	cfg        Config
	isDraining atomic.Bool
}

// Listen opens the address so that the next process may open it too while this one drains: a deploy without a gap.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	shared := net.ListenConfig{Control: func(_, _ string, conn syscall.RawConn) error {
		var failed error
		err := conn.Control(func(fd uintptr) {
			failed = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
		})
		return errors.Join(err, failed)
	}}
	listener, err := shared.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	return listener, nil
}

// Serve answers requests until ctx ends, then drains: readiness fails and answers say `Connection: close` for DrainFor,
// the listener closes, and requests in flight have StopWithin to end. It returns once all of them are answered, so that
// whoever calls can then stop the queue, the pool and the database, in this order.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	served := make(chan error, 1)
	entrance := listener
	if tcp, ok := listener.(*net.TCPListener); ok {
		entrance = &door{TCPListener: tcp}
	}
	go func() { served <- s.App.Listener(entrance) }()
	select {
	case err := <-served:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	s.isDraining.Store(true)
	time.Sleep(s.cfg.DrainFor)
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.StopWithin)
	defer cancel()
	// Shutdown waits for requests; Listener returns as soon as the socket is closed.
	if err := s.App.ShutdownWithContext(stop); err != nil {
		return fmt.Errorf("requests were still in flight after %s: %w", s.cfg.StopWithin, err)
	}
	_ = listener.Close() // closed already, unless we were told to stop before the server had taken it
	return <-served
}

// Fail is Frame.Fail: what an error is to the caller of an answer that has begun already.
func (s *Server) Fail(requestID string, err error) []byte {
	return problem.Late(s.cfg.Log, requestID, err)
}

// Check is one thing without which the program cannot do its work, such as the database.
type Check struct {
	Name string
	Run  func(ctx context.Context) error
}

// checkWithin is how long all checks may take: a probe must answer before its own time-out.
const checkWithin = 2 * time.Second

// ErrNotReady is what a load balancer sees while the program drains or lacks something.
var ErrNotReady = shop.Refuse(shop.Unavailable, "not_ready", "This process takes no requests now.").After(1)

// The probes' paths, as in openapi.yaml.
const (
	livezPath  = "/livez"
	readyzPath = "/readyz"
)

type health struct {
	Status string `json:"status"`
}

// HealthRoutes are /livez, which says that the process runs, and /readyz, which says that it can work. A failed check is
// answered by its name alone.
func (s *Server) HealthRoutes(checks ...Check) []endpoint.Route {
	live := func(context.Context, endpoint.None) (health, error) { return health{Status: "ok"}, nil }
	ready := func(ctx context.Context, _ endpoint.None) (health, error) {
		if s.isDraining.Load() {
			return health{}, ErrNotReady.Saying("This process is stopping.")
		}
		for _, check := range checks {
			if check.Run(ctx) != nil {
				return health{}, ErrNotReady.Saying("Cannot work now: %s.", check.Name)
			}
		}
		return health{Status: "ok"}, nil
	}
	return []endpoint.Route{
		{Method: http.MethodGet, Path: livezPath, Operation: "isAlive", Public: true, Handler: endpoint.Handle(live)},
		{Method: http.MethodGet, Path: readyzPath, Operation: "isReady", Public: true, Within: checkWithin, Handler: endpoint.Handle(ready)},
	}
}
