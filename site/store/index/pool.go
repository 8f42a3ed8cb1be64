package index

import (
	"context"
	"errors"
	"sync"

	"zombiezen.com/go/sqlite"
)

// poolSize is the largest number of connections of one process.
const poolSize = 4

var errClosed = errors.New("the index is closed")

// A pool has connections to the index. It uses the connection that was returned last:
// that one still has the pages in memory that it read and wrote a moment ago, while all
// others must read the changed pages again. (sqlitex.Pool uses its connections in
// rotation.)
type pool struct {
	open   func() (*sqlite.Conn, error)
	inUse  chan struct{} // holds one value for each connection that is in use
	closed chan struct{}

	mu   sync.Mutex
	free []*sqlite.Conn
}

func newPool(open func() (*sqlite.Conn, error)) *pool {
	return &pool{open: open, inUse: make(chan struct{}, poolSize), closed: make(chan struct{})}
}

// take waits for a connection. When ctx ends, its queries are interrupted. The caller
// returns the connection with put.
func (p *pool) take(ctx context.Context) (*sqlite.Conn, error) {
	select {
	case <-p.closed:
		return nil, errClosed
	default:
	}
	select {
	case p.inUse <- struct{}{}:
	case <-p.closed:
		return nil, errClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	conn, err := p.last()
	if err != nil {
		<-p.inUse
		return nil, err
	}
	if ctx.Done() != nil { // SetInterrupt examines every statement, and starts a goroutine
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

// put returns a connection that was taken with ctx. It has no active query: [Run] reads
// each query to its end.
func (p *pool) put(ctx context.Context, conn *sqlite.Conn) {
	if ctx.Done() != nil {
		conn.SetInterrupt(nil)
	}
	p.mu.Lock()
	p.free = append(p.free, conn)
	p.mu.Unlock()
	<-p.inUse
}

// eachIdle runs f with every connection that is not in use.
func (p *pool) eachIdle(f func(*sqlite.Conn) error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range p.free {
		if err := f(conn); err != nil {
			return err
		}
	}
	return nil
}

// close waits until all connections are returned, and closes them.
func (p *pool) close() (err error) {
	close(p.closed)
	for range poolSize {
		p.inUse <- struct{}{}
	}
	for _, conn := range p.free {
		err = errors.Join(err, conn.Close())
	}
	return err
}
