package faults

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// caller is a connection as a proxy has it to what it stands before. No request is ever sent twice, so each one that breaks is
// seen: http.Client would try some of them again by itself.
type caller struct {
	address string
	isKept  bool // used until an answer closes it; else one for each request
	conn    net.Conn
	from    *bufio.Reader
}

// heard is an answer.
type heard struct {
	status int
	header http.Header
	body   []byte
}

func (c *caller) ask(req *http.Request) (heard, error) {
	if c.conn == nil {
		conn, err := net.DialTimeout("tcp", c.address, slowestAnswer)
		if err != nil {
			return heard{}, err
		}
		c.conn, c.from = conn, bufio.NewReader(conn)
	}
	req.Close = !c.isKept
	got, isLast, err := c.exchange(req)
	if err != nil || isLast || req.Close {
		c.hangUp()
	}
	return got, err
}

func (c *caller) exchange(req *http.Request) (got heard, isLast bool, err error) {
	if err := c.conn.SetDeadline(time.Now().Add(2 * slowestAnswer)); err != nil {
		return got, false, err
	}
	if err := req.Write(c.conn); err != nil {
		return got, false, fmt.Errorf("send: %w", err)
	}
	resp, err := http.ReadResponse(c.from, req)
	if err != nil {
		return got, false, fmt.Errorf("wait for the answer: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return heard{resp.StatusCode, resp.Header, body}, resp.Close, err
}

func (c *caller) hangUp() {
	if c.conn != nil {
		c.conn.Close()
		c.conn = nil
	}
}
