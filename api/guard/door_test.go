package guard

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"
)

// Clients who have connected, as far as they know, are answered although the listener was closed before anybody accepted them.
func TestADoorThatClosesLetsInWhoHasQueued(t *testing.T) {
	t.Parallel()
	listener, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &door{TCPListener: listener.(*net.TCPListener)}
	const queued = 20
	var clients []net.Conn
	for range queued {
		client, err := net.Dial("tcp", d.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		clients = append(clients, client)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	for range queued {
		conn, err := d.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, "come in"); err != nil {
			t.Error(err)
		}
		conn.Close()
	}
	if _, err := d.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("after the last: %v", err)
	}
	for _, client := range clients {
		if b, err := io.ReadAll(client); err != nil || string(b) != "come in" {
			t.Errorf("%q, %v", b, err)
		}
	}
	if conn, err := net.Dial("tcp", d.Addr().String()); err == nil {
		conn.Close()
		t.Error("the door is still open")
	}
}

func TestADoorThatClosesEndsTheWaitForTheNext(t *testing.T) {
	t.Parallel()
	listener, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &door{TCPListener: listener.(*net.TCPListener)}
	ended := make(chan error)
	go func() {
		_, err := d.Accept()
		ended <- err
	}()
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
}

// An ordinary client that sends far more than is taken reads why it is refused, and no "connection reset by peer".
func TestWhoSendsTooMuchReadsWhy(t *testing.T) {
	t.Parallel()
	listener, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error)
	go func() {
		stopped <- New(Config{Log: slog.New(slog.DiscardHandler), DrainFor: time.Millisecond}).Serve(ctx, listener)
	}()
	for range 20 {
		for _, isChunked := range []bool{true, false} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+listener.Addr().String()+"/", io.LimitReader(neverEnding{}, 20<<20))
			if err != nil {
				t.Fatal(err)
			}
			if !isChunked {
				req.ContentLength = 20 << 20
			}
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatalf("chunked %t: %v", isChunked, err)
			}
			resp.Body.Close()
			if resp.StatusCode != http.StatusRequestEntityTooLarge {
				t.Errorf("chunked %t: %d", isChunked, resp.StatusCode)
			}
		}
	}
	stop()
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

type neverEnding struct{}

func (neverEnding) Read(b []byte) (int, error) { return len(b), nil }
