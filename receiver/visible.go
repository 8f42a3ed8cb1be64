package receiver

import (
	"context"
	"time"

	"starpunk/site"
	"starpunk/site/store"
)

// How often a request checks whether its effect is visible.
const (
	pollOther = 5 * time.Millisecond   // another process builds the site
	pollOwn   = 100 * time.Millisecond // this process builds the site and notifies waiters
)

// A check reports whether one effect of a request is visible on the site.
type check func(context.Context) (bool, error)

// isLive returns a check for the page, the lists and the feeds of a note.
func (rc *Receiver) isLive(file string, hash store.Hash) check {
	return func(ctx context.Context) (bool, error) { return rc.store.Live(ctx, file, hash) }
}

// isRemoved returns a check for the removal of the output that a file had at an
// address.
func (rc *Receiver) isRemoved(file, address string) check {
	return func(ctx context.Context) (bool, error) { return rc.store.Gone(ctx, file, address) }
}

// isCopied returns a check for the copy of an upload in the output.
func (rc *Receiver) isCopied(path string) check {
	return func(ctx context.Context) (bool, error) { return rc.store.Uploads.Copied(ctx, path) }
}

// hasNoPage reports whether a note has no page at present.
func (rc *Receiver) hasNoPage(n *site.Note) bool {
	return n.Visibility == site.Private || !rc.cfg.Preview && rc.isHidden(n)
}

// isHidden reports whether only tokens with one of [hiddenScopes] may read a note.
func (rc *Receiver) isHidden(n *site.Note) bool {
	return n.Draft || n.Visibility == site.Private || n.Published.Unix() > rc.now().Unix() || n.OutOfTime(rc.now())
}

// wait waits until all checks succeed, and reports whether they did. It waits no
// longer than receiver.publish_wait, and not at all without checks or if no
// process builds the site.
func (rc *Receiver) wait(ctx context.Context, checks ...check) bool {
	return rc.waitFrom(ctx, nil, checks...)
}

// waitFrom is like [Receiver.wait], for effects that cannot be visible before
// published is closed. published comes from [store.Store.Published] and was taken
// before the change was written; nil means that they may be visible already.
func (rc *Receiver) waitFrom(ctx context.Context, published <-chan struct{}, checks ...check) bool {
	if len(checks) == 0 {
		return true
	}
	building, err := rc.store.Building()
	if err != nil {
		rc.log.Error("change is saved, but cannot determine when its page is written", "error", err)
	}
	if !building {
		return false
	}
	start := time.Now()
	ctx, cancel := context.WithTimeout(ctx, rc.cfg.Receiver.PublishWait.Duration)
	defer cancel()
	interval := pollOther
	if rc.store.BuildsItself() {
		interval = pollOwn
	} else {
		published = nil // it is closed only for builds of this process
	}
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for look := published == nil; ; look = true {
		if look {
			published = rc.store.Published() // before the checks, so that no wake-up is missed
			visible, err := allSucceed(ctx, checks)
			if err != nil && ctx.Err() == nil {
				rc.log.Error("change is saved, but cannot determine when its page is written", "error", err)
			}
			if visible {
				rc.metrics.countPublished(time.Since(start))
			}
			if visible || err != nil {
				return visible
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

func allSucceed(ctx context.Context, checks []check) (bool, error) {
	for _, c := range checks {
		if ok, err := c(ctx); err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}
