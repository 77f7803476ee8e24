package guard

import (
	"errors"
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
	conn, err := d.TCPListener.Accept()
	if !d.isClosing.Load() || err == nil {
		return conn, err
	}
	conn, err = d.acceptQueued()
	if err == nil {
		return conn, nil
	}
	return nil, errors.Join(net.ErrClosed, d.TCPListener.Close())
}

// acceptQueued asks the kernel itself, since net's Accept gives nothing more after its deadline. Between its "no more" and
// the close there are microseconds, where a wait for another time-out would be milliseconds.
func (d *door) acceptQueued() (net.Conn, error) {
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
	return net.FileConn(file)
}
