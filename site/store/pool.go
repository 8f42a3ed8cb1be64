package store

import (
	"context"
	"errors"
	"sync"

	"zombiezen.com/go/sqlite"
)

// poolSize is how many connections to the index one process has at the most.
const poolSize = 4

var errClosed = errors.New("the index is closed")

// A pool hands out connections to the index, first the one that came back last:
// it still has in memory what it read and wrote a moment ago, while every other
// has to read again what that one changed. (sqlitex.Pool hands them out in
// turn.)
type pool struct {
	open   func() (*sqlite.Conn, error)
	places chan struct{} // holds one value for each connection that is in use
	closed chan struct{}

	mu   sync.Mutex
	free []*sqlite.Conn
}

func newPool(open func() (*sqlite.Conn, error)) *pool {
	return &pool{open: open, places: make(chan struct{}, poolSize), closed: make(chan struct{})}
}

// take waits for a connection. When ctx ends, so does what it is doing. The
// caller puts it back.
func (p *pool) take(ctx context.Context) (*sqlite.Conn, error) {
	select {
	case <-p.closed:
		return nil, errClosed
	default:
	}
	select {
	case p.places <- struct{}{}:
	case <-p.closed:
		return nil, errClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	conn, err := p.last()
	if err != nil {
		<-p.places
		return nil, err
	}
	if ctx.Done() != nil { // it looks at every statement, and starts a goroutine
		conn.SetInterrupt(ctx.Done())
	}
	return conn, nil
}

func (p *pool) last() (*sqlite.Conn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.free); n > 0 {
		conn := p.free[n-1]
		p.free = p.free[:n-1]
		return conn, nil
	}
	return p.open()
}

// put takes a connection back that was taken with ctx. Nothing is under way on
// it: [exec] reads every query to its end.
func (p *pool) put(ctx context.Context, conn *sqlite.Conn) {
	if ctx.Done() != nil {
		conn.SetInterrupt(nil)
	}
	p.mu.Lock()
	p.free = append(p.free, conn)
	p.mu.Unlock()
	<-p.places
}

// idle runs f with every connection that is not in use.
func (p *pool) idle(f func(*sqlite.Conn) error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range p.free {
		if err := f(conn); err != nil {
			return err
		}
	}
	return nil
}

// close waits until all connections are back, and closes them.
func (p *pool) close() (err error) {
	close(p.closed)
	for range poolSize {
		p.places <- struct{}{}
	}
	for _, conn := range p.free {
		err = errors.Join(err, conn.Close())
	}
	return err
}
