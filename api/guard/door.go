package guard

import (
	"errors"
	"io"
	"net"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// door is a listener that lets in who has come when it closes. The kernel finishes handshakes by itself and queues the
// connections; closing the socket would reset those that nobody has accepted yet, while their clients already send.
type door struct {
	*net.TCPListener
	isClosing atomic.Bool
}

// Close tells whoever is in Accept that this is the last call. The socket is closed there, once the queue is empty.
func (d *door) Close() error {
	d.isClosing.Store(true)
	return d.SetDeadline(time.Unix(1, 0)) // wakes Accept, which no longer waits
}

// Accept returns the next connection; after Close those that had queued, then net.ErrClosed.
func (d *door) Accept() (net.Conn, error) {
	conn, err := d.AcceptTCP()
	if err != nil && d.isClosing.Load() {
		if conn, err = d.acceptQueued(); err != nil {
			return nil, errors.Join(net.ErrClosed, d.TCPListener.Close())
		}
	}
	if err != nil {
		return nil, err
	}
	return &visitor{TCPConn: conn}, nil
}

// acceptQueued asks the kernel itself, since net's Accept gives nothing more after its deadline. Between its "no more" and
// the close there are microseconds, where a wait for another time-out would be milliseconds.
func (d *door) acceptQueued() (*net.TCPConn, error) {
	raw, err := d.SyscallConn()
	if err != nil {
		return nil, err
	}
	var fd int
	var refused error
	accept := func(listener uintptr) {
		fd, _, refused = unix.Accept(int(listener))
		for errors.Is(refused, unix.ECONNABORTED) || errors.Is(refused, unix.EINTR) { // somebody hung up while she queued; a signal
			fd, _, refused = unix.Accept(int(listener))
		}
	}
	if err := raw.Control(accept); err != nil {
		return nil, err
	}
	if refused != nil {
		return nil, refused
	}
	unix.CloseOnExec(fd)
	file := os.NewFile(uintptr(fd), "") // a copy is made of it, which does not block
	defer file.Close()
	conn, err := net.FileConn(file)
	if err != nil {
		return nil, err
	}
	return conn.(*net.TCPConn), nil
}

// seeOutFor is how long somebody who was refused may go on sending: time for our answer to reach her and for her to read it.
const seeOutFor = 500 * time.Millisecond

// visitor is a connection that is not slammed. The kernel resets a connection that is closed while there is unread data, and
// most clients then report the reset and never read why they were refused.
type visitor struct {
	*net.TCPConn
	isRefused atomic.Bool // before all that she sent was read
}

// refused notes that not all that was sent will be read.
func refused(conn net.Conn) {
	if v, ok := conn.(*visitor); ok {
		v.isRefused.Store(true)
	}
}

// Close lets somebody who was refused finish, and throws away what she sends.
func (v *visitor) Close() error {
	if v.isRefused.Load() && v.CloseWrite() == nil && v.SetReadDeadline(time.Now().Add(seeOutFor)) == nil {
		_, _ = io.Copy(io.Discard, v.TCPConn) // until she has closed too, or the time is up
	}
	return v.TCPConn.Close()
}
