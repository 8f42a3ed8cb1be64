package daemon

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"starpunk/generator"
	"starpunk/receiver"
	"starpunk/receiver/preview"
	"starpunk/receiver/provider"
	"starpunk/site"
	"starpunk/site/store"
)

const (
	indexEvery   = 5 * time.Second      // how often an idle process checks that its index still exists
	scannedEvery = 5 * time.Millisecond // how often a session checks whether the first scan is complete
)

// An ending is the reason why a session ended.
type ending int

const (
	stopped   ending = iota
	reload           // the changed configuration can be read
	indexLost        // the index was deleted or is damaged, and must be made again
)

// runSession runs with one configuration and one index until one of them has to
// be replaced, or the process stops. resumed is false for the first session of a
// process.
func (d *daemon) runSession(ctx context.Context, cfg *site.Config, resumed bool) (ending, error) {
	if d.Dev {
		if err := d.develop(cfg); err != nil {
			return stopped, err
		}
	}
	s, err := store.Open(ctx, cfg, store.Options{Logger: d.Log, Around: around()})
	if err != nil && ctx.Err() != nil {
		d.Log.Debug("the process was stopped while it opened the index", "error", err)
		return stopped, nil
	}
	if err != nil {
		return stopped, err
	}
	defer s.Close()
	d.metrics.use(s)
	defer d.metrics.use(nil)
	pages, closePages := context.WithCancel(ctx) // pages of the preview that are open in browsers
	defer closePages()
	var opening sync.WaitGroup
	if d.Receive {
		handler, err := d.handler(pages, cfg, s)
		if err != nil {
			return stopped, err
		}
		opening.Go(func() { d.openGate(pages, handler, s) })
	}
	working, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	worked := make(chan error, 1)
	go func() { worked <- d.work(working, cfg, resumed, s) }()

	end, err := d.waitForEnd(ctx, s, worked)
	closePages()
	opening.Wait()
	d.finishRequests(end) // before the work stops: requests that wait for their page need the watcher
	stopWork()
	workErr := ignoreCancel(<-worked)
	if end == indexLost {
		d.Log.Debug("work ended with the index", "error", workErr)
		return end, err
	}
	return end, errors.Join(err, workErr)
}

// waitForEnd returns when the session has to end. The result of the work stays
// in worked.
func (d *daemon) waitForEnd(ctx context.Context, s *store.Store, worked chan error) (ending, error) {
	look := time.NewTicker(indexEvery)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			d.supervisor.notify(notifyStopping)
			return stopped, nil
		case err := <-d.failed:
			return stopped, fmt.Errorf("serve %s: %w", d.listener.Addr(), err)
		case <-look.C:
			s.CheckIndex()
		case <-s.Lost():
			return indexLost, nil
		case err := <-worked:
			worked <- nil
			select {
			case <-s.Lost(): // and therefore the work ended
				return indexLost, nil
			default:
				return stopped, err
			}
		case <-d.hangup:
			if d.canReload() {
				return reload, nil
			}
		case <-d.config.changed:
			if d.canReload() {
				return reload, nil
			}
		}
	}
}

// canReload reports whether the changed configuration can be read, and reports the mistake
// in it if it cannot.
func (d *daemon) canReload() bool {
	if _, err := d.Load(); err != nil {
		d.refuse(err)
		return false
	}
	d.Log.Info("reading the configuration again")
	d.notice.Set("configuration", "")
	d.supervisor.notify(notifyReload)
	return true
}

// develop turns the configuration into that of a preview.
func (d *daemon) develop(cfg *site.Config) error {
	address := cfg.Receiver.Listen
	if d.listener != nil {
		address = d.listener.Addr().String()
	}
	ownMe := cfg.Development(address)
	if !ownMe || !d.Receive || !d.Watch || d.guests != nil {
		return nil
	}
	if d.auth == nil {
		auth, err := provider.New(provider.Options{Base: "http://" + address, Me: cfg.Me, Dev: true, Logger: d.Log})
		if err != nil {
			return err
		}
		d.auth = auth
	}
	if cfg.Links == nil {
		cfg.Links = map[string]any{}
	}
	for rel, address := range d.auth.Links() {
		cfg.Links[rel] = address
	}
	return nil
}

// openGate passes requests to the handler of a session. Requests that waited for
// it during a reload need a complete index, as they had before the reload.
func (d *daemon) openGate(ctx context.Context, handler http.Handler, s *store.Store) {
	for d.gate.Held() && !s.Scanned() {
		select {
		case <-ctx.Done():
			return
		case <-time.After(scannedEvery):
		}
	}
	d.gate.Open(handler)
}

// handler returns the handler of a session. ctx ends before the session does.
func (d *daemon) handler(ctx context.Context, cfg *site.Config, s *store.Store) (http.Handler, error) {
	verifier, err := d.NewVerifier(cfg)
	if err != nil {
		return nil, err
	}
	d.verifier = verifier
	d.metrics.verifier.Store(verifier)
	r := receiver.New(receiver.Options{Config: cfg, Store: s, Verifier: verifier, Logger: d.Log, Metrics: d.metrics.requests})
	mux := http.NewServeMux()
	if d.guests == nil {
		mux.Handle(site.MicropubPath, r.Handler())
		mux.Handle(site.MediaPath, r.Handler())
	}
	mux.Handle("/health", r.Handler())
	if !d.Dev {
		if err := d.provide(cfg); err != nil {
			return nil, err
		}
	}
	if d.auth != nil {
		mux.Handle(provider.Prefix, d.auth.Handler())
		mux.Handle(provider.MetadataPath, d.auth.Handler())
	}
	if d.Watch {
		pages := preview.New(cfg.Build.Output, d.Log)
		if d.Dev {
			pages = preview.NewLive(ctx, cfg.Build.Output, d.notice, d.Log)
		}
		if d.guests != nil {
			pages = d.guests.Handler(pages)
		}
		mux.Handle("/", pages)
	}
	if d.Dev {
		return preview.OnlyHost(d.listener.Addr(), d.Log, mux), nil
	}
	return mux, nil
}

// work builds the site until ctx ends. Without a watcher it only brings the index
// up to date. If the site cannot be built, the first session of a process fails,
// and a resumed one continues and tries again.
func (d *daemon) work(ctx context.Context, cfg *site.Config, resumed bool, s *store.Store) error {
	if !d.Watch {
		if err := s.Scan(ctx); err != nil {
			return err
		}
		d.announce(cfg)
		d.examine(ctx, cfg)
		<-ctx.Done()
		return nil
	}
	if building, err := s.Building(); err == nil && building {
		d.Log.Info("another process is building this site; waiting to take over")
		if err := s.Scan(ctx); err != nil { // now, because the receiver needs no lock
			return err
		}
		resumed = true // when this process takes over
	}
	lock, err := s.LockBuild(ctx)
	if err != nil {
		return err
	}
	defer lock.Unlock()
	g, err := generator.New(cfg, s, generator.Options{
		Logger: d.Log, Version: d.Release, Retry: resumed,
		Stuck: func(reason string) { d.notice.Set("site", reason) },
	})
	if err != nil {
		return err
	}
	d.notice.Set("site", "") // of the session before
	d.metrics.generator.Store(g)
	var background sync.WaitGroup
	defer background.Wait()
	return g.Watch(ctx, func() {
		d.announce(cfg)
		background.Go(func() { d.examine(ctx, cfg) })
	})
}

// examine fetches the owner's live profile page and logs each problem that keeps
// apps from posting. The process runs in any case: the page may not be published
// yet.
func (d *daemon) examine(ctx context.Context, cfg *site.Config) {
	if !d.Receive {
		return
	}
	for _, f := range d.verifier.Examine(ctx, cfg.MicropubEndpoint()).Findings {
		if f.Fix != "" && ctx.Err() == nil {
			d.Log.Warn("profile page: "+f.Text, "me", cfg.Me, "step", f.Step, "remedy", f.Fix)
		}
	}
}
