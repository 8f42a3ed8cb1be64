package receiver

import (
	"context"
	"time"

	"starpunk/site"
)

// How often a request looks whether what it did can be seen.
const (
	livePoll    = 5 * time.Millisecond   // where another process builds the site
	ownLivePoll = 100 * time.Millisecond // where this one does, and notifies of it
)

// hidden says whether a note is to have no page for now.
func (rc *Receiver) hidden(n *site.Note) bool {
	return n.Visibility == site.Private || !rc.cfg.Preview && (n.Draft || n.Published.Unix() > rc.now().Unix() || n.OutOfTime(rc.now()))
}

// wait waits until what was written can be seen on the site, or no longer, as
// done tells; but no longer than the configuration says, and not at all if
// nobody builds the site.
func (rc *Receiver) wait(ctx context.Context, done func(context.Context) (bool, error)) bool {
	return rc.waitFrom(ctx, nil, done)
}

// waitFrom is wait for what can't be seen before published is closed, which
// [store.Store.Published] returned before it was written; nil: it may be seen now.
func (rc *Receiver) waitFrom(ctx context.Context, published <-chan struct{}, done func(context.Context) (bool, error)) bool {
	building, err := rc.store.Building()
	if err != nil {
		rc.log.Error("note is saved, but it is not known when its page is written", "error", err)
	}
	if !building {
		return false
	}
	start := time.Now()
	ctx, cancel := context.WithTimeout(ctx, rc.cfg.Receiver.PublishWait.Duration)
	defer cancel()
	poll := livePoll
	if rc.store.BuildsItself() {
		poll = ownLivePoll
	} else {
		published = nil // it is closed for what this process builds
	}
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for look := published == nil; ; look = true {
		if look {
			published = rc.store.Published()
			is, err := done(ctx)
			if err != nil && ctx.Err() == nil {
				rc.log.Error("note is saved, but it is not known when its page is written", "error", err)
			}
			if is {
				rc.metrics.published(time.Since(start))
			}
			if is || err != nil {
				return is
			}
		}
		select {
		case <-ctx.Done():
			return false
		case <-published:
		case <-tick.C:
		}
	}
}
