package receiver

import (
	"context"
	"time"

	"starpunk/site"
)

// livePoll is how often a request looks whether what it did can be seen, where
// another process builds the site. From its own it hears.
const livePoll = 5 * time.Millisecond

// hidden says whether a note is to have no page for now.
func (rc *Receiver) hidden(n *site.Note) bool {
	return n.Visibility == site.Private || !rc.cfg.Preview && (n.Draft || n.Published.Unix() > rc.now().Unix() || n.OutOfTime(rc.now()))
}

// wait waits until what was written can be seen on the site, or no longer, as
// done tells; but no longer than the configuration says, and not at all if
// nobody builds the site.
func (rc *Receiver) wait(ctx context.Context, done func(context.Context) (bool, error)) bool {
	building, err := rc.store.Building()
	if err != nil {
		rc.log.Error("note is saved, but nobody can tell when its page will be there", "error", err)
	}
	if !building {
		return false
	}
	start := time.Now()
	ctx, cancel := context.WithTimeout(ctx, rc.cfg.Receiver.PublishWait.Duration)
	defer cancel()
	tick := time.NewTicker(livePoll)
	defer tick.Stop()
	for {
		published := rc.store.Published()
		is, err := done(ctx)
		if err != nil && ctx.Err() == nil {
			rc.log.Error("note is saved, but nobody can tell when its page will be there", "error", err)
		}
		if is {
			rc.metrics.published(time.Since(start))
		}
		if is || err != nil {
			return is
		}
		select {
		case <-ctx.Done():
			return false
		case <-published:
		case <-tick.C:
		}
	}
}
