package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"starpunk/generator"
	"starpunk/receiver"
	"starpunk/receiver/devauth"
	"starpunk/receiver/indieauth"
	"starpunk/receiver/preview"
	"starpunk/site"
	"starpunk/site/store"
)

// finishTime is how long requests may take to finish when the program is told
// to stop.
const finishTime = 15 * time.Second

const (
	indexEvery   = 5 * time.Second // how often a process that has nothing to do looks whether its index is still there
	lossPause    = time.Second     // before an index is opened that was lost soon after it was made; twice as long each time
	lossPauseMax = time.Minute
)

// An ending is why a session ended.
type ending int

const (
	stopped   ending = iota
	reload           // SIGHUP asks for another configuration, which can be read
	indexLost        // it was deleted or found damaged, and is to be made again
)

// A daemon is a process that runs until it is told to stop.
type daemon struct {
	role
	dev      bool
	explicit bool // the address was given by --listen
	log      *slog.Logger
	out      io.Writer
	load     func() (*site.Config, error)

	supervisor *supervisor
	metrics    metricsPage

	gate     receiver.Gate
	listener net.Listener
	auth     *devauth.Provider // nil without --dev, or when me has endpoints of its own
	verifier *indieauth.Verifier
	guests   *preview.Guests // of a preview on a private address; else nil
}

// run runs until ctx ends: then requests finish, the build finishes, and nil
// is returned. SIGHUP reads the configuration again.
func (d *daemon) run(ctx context.Context) error {
	relaxCollector()
	cfg, err := d.load()
	if err != nil {
		return err
	}
	d.log.Info("starting", "version", release, "site", cfg.Root)
	defer d.log.Info("stopped", "version", release, "site", cfg.Root)
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)

	failed := make(chan error, 1)
	if d.receive {
		server, err := d.listen(cfg)
		if err != nil {
			return err
		}
		go func() { failed <- server.Serve(d.listener) }()
		defer d.shutdown(server)
		defer d.finishRequests(stopped) // those that wait for a session that does not come
	}
	if cfg.Metrics.Listen != "" {
		server, err := d.metrics.serve(cfg.Metrics.Listen, d.log)
		if err != nil {
			return err
		}
		defer d.shutdown(server)
	}
	living, die := context.WithCancel(context.WithoutCancel(ctx))
	defer die()
	go d.supervisor.watch(living, d.alive)
	for losses, again := 0, false; ; again = true {
		start, given := time.Now(), *cfg // a session may change it
		end, err := d.session(ctx, cfg, again, hangup, failed)
		if end == stopped || err != nil {
			return err
		}
		next, err := d.load()
		switch {
		case err == nil:
			cfg = next
		case end == indexLost:
			d.log.Error("configuration was not read again; it stays as it was", "error", err)
			cfg = &given
		default:
			return err
		}
		if end != indexLost || time.Since(start) > lossPauseMax {
			losses = 0
			continue
		}
		losses++
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(min(lossPause<<min(losses-1, 10), lossPauseMax)):
		}
	}
}

// relaxCollector lets garbage grow to twice of what is alive, which are a few
// megabytes: a post makes as much again, and collecting it was a tenth of its
// processor time. GOGC in the environment goes before.
func relaxCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(200)
	}
}

// alive says whether the process can still do its work: a receiver whether it
// answers.
func (d *daemon) alive(ctx context.Context) error {
	if !d.receive {
		return nil
	}
	_, _, err := askHealth(ctx, d.listener.Addr().String())
	return err
}

// listen opens the address. Until a session is ready it answers that it is not.
func (d *daemon) listen(cfg *site.Config) (*http.Server, error) {
	l, err := net.Listen("tcp", cfg.Receiver.Listen)
	if err != nil {
		return nil, listenError(cfg.Receiver.Listen, "receiver.listen", err)
	}
	if err := d.checkPreview(cfg.Receiver.Listen, l.Addr()); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	d.listener = l
	d.gate.Passes = needsNoIndex
	return receiver.NewServer(&d.gate, cfg.Receiver.PublishWait.Duration, d.log), nil
}

// needsNoIndex reports whether a request is answered without the index: those for
// pages and for sign-in. To verify a token, the process may send such requests to
// itself.
func needsNoIndex(r *http.Request) bool {
	return !strings.HasPrefix(r.URL.Path, "/micropub") && r.URL.Path != "/health"
}

// checkPreview refuses to show a preview to the world. It is for this machine, or on
// an explicit private address for devices in the same network whose users know a
// code.
func (d *daemon) checkPreview(listen string, addr net.Addr) error {
	if !d.dev || isLoopback(addr) {
		return nil
	}
	own, err := netip.ParseAddrPort(addr.String())
	if err == nil && own.Addr().Unmap().IsPrivate() && d.explicit && d.watch {
		d.guests = preview.NewGuests(d.log)
		return nil
	}
	key := "receiver.listen"
	if d.explicit {
		key = "--listen"
	}
	msg := fmt.Sprintf("%s %s: a preview is for this machine; use --listen 127.0.0.1:%d", key, listen, own.Port())
	if d.watch {
		msg += ", or for your phone this machine's address in your network, such as 192.168.1.7"
	}
	return errors.New(msg)
}

// listenError words the failure to listen on an address, which the
// configuration has under key.
func listenError(address, key string, err error) error {
	if errors.Is(err, syscall.EADDRNOTAVAIL) {
		return fmt.Errorf("listen on %s (%s): this machine does not have that address", address, key)
	}
	if !errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("listen on %s (%s): %w", address, key, err)
	}
	if key == "receiver.listen" {
		return fmt.Errorf("%s is used by another program; stop it, or use --listen %s", address, nextPort(address))
	}
	return fmt.Errorf("%s (%s) is used by another program; stop it", address, key)
}

// nextPort returns an address with the port after the one that it has.
func nextPort(address string) string {
	host, port, _ := net.SplitHostPort(address)
	n, err := strconv.Atoi(port)
	if err != nil || n >= 1<<16-1 {
		return "127.0.0.1:0"
	}
	return net.JoinHostPort(host, strconv.Itoa(n+1))
}

func isLoopback(addr net.Addr) bool {
	ap, err := netip.ParseAddrPort(addr.String())
	return err == nil && ap.Addr().IsLoopback()
}

func (d *daemon) shutdown(server *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), finishTime)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		d.log.Warn("some connections did not close in time", "error", err)
	}
}

// finishRequests waits for the requests under way. Those that come during a
// reload wait for the next session.
func (d *daemon) finishRequests(end ending) {
	ctx, cancel := context.WithTimeout(context.Background(), finishTime)
	defer cancel()
	shut := d.gate.Close
	if end == reload {
		shut = d.gate.Hold
	}
	if err := shut(ctx); err != nil {
		d.log.Warn("some requests did not finish in time", "error", err)
	}
}

// session runs with one configuration and one index, until it says why not any
// longer. again says that it is not the first.
func (d *daemon) session(ctx context.Context, cfg *site.Config, again bool, hangup <-chan os.Signal, failed <-chan error) (end ending, err error) {
	if d.dev {
		if err := d.develop(cfg); err != nil {
			return stopped, err
		}
	}
	s, err := store.Open(ctx, cfg, store.Options{Logger: d.log, Around: around()})
	if err != nil {
		return stopped, err
	}
	defer s.Close()
	d.metrics.now(s)
	defer d.metrics.now(nil)
	pages, closePages := context.WithCancel(ctx) // that are open in browsers
	defer closePages()
	var opening sync.WaitGroup
	if d.receive {
		handler, err := d.mount(pages, cfg, s)
		if err != nil {
			return stopped, err
		}
		opening.Go(func() { d.open(pages, handler, s) })
	}
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan error, 1)
	go func() { done <- d.work(work, cfg, again, s) }()
	defer func() {
		closePages()
		opening.Wait()
		d.finishRequests(end) // those that wait for their page need the watcher
		stop()
		workErr := ignoreCancel(<-done)
		if end == indexLost {
			d.log.Debug("work ends with the index", "error", workErr)
			return
		}
		err = errors.Join(err, workErr)
	}()
	look := time.NewTicker(indexEvery)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			d.supervisor.tell(notifyStopping)
			return stopped, nil
		case err := <-failed:
			return stopped, fmt.Errorf("serve %s: %w", d.listener.Addr(), err)
		case <-look.C:
			s.LookAtIndex()
		case <-s.Lost():
			return indexLost, nil
		case err := <-done:
			done <- nil
			select {
			case <-s.Lost(): // which is why
				return indexLost, nil
			default:
				return stopped, err
			}
		case <-hangup:
			if _, err := d.load(); err != nil {
				d.log.Error("configuration was not read again; it stays as it was", "error", err)
				continue
			}
			d.log.Info("configuration is read again")
			d.supervisor.tell(notifyReload)
			return reload, nil
		}
	}
}

func ignoreCancel(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// develop turns the configuration into that of a preview.
func (d *daemon) develop(cfg *site.Config) error {
	address := cfg.Receiver.Listen
	if d.listener != nil {
		address = d.listener.Addr().String()
	}
	ownMe := cfg.Development(address)
	if !ownMe || !d.receive || !d.watch || d.guests != nil {
		return nil
	}
	if d.auth == nil {
		auth, err := devauth.New(devauth.Options{Base: "http://" + address, Me: cfg.Me, Logger: d.log})
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

// scanLook is how often is looked whether the files were compared with the index.
const scanLook = 5 * time.Millisecond

// open lets requests through to the handler of a session. Those that waited for it
// need the notes to be known, as they were before the reload.
func (d *daemon) open(ctx context.Context, handler http.Handler, s *store.Store) {
	for d.gate.Held() && !s.Scanned() {
		select {
		case <-ctx.Done():
			return
		case <-time.After(scanLook):
		}
	}
	d.gate.Open(handler)
}

// mount makes the handler of a session. ctx ends before the session does.
func (d *daemon) mount(ctx context.Context, cfg *site.Config, s *store.Store) (http.Handler, error) {
	verifier, err := newVerifier(cfg, d.dev)
	if err != nil {
		return nil, err
	}
	d.verifier = verifier
	d.metrics.verifier.Store(verifier)
	r := receiver.New(receiver.Options{Config: cfg, Store: s, Verifier: verifier, Logger: d.log, Metrics: d.metrics.requests})
	mux := http.NewServeMux()
	if d.guests == nil {
		mux.Handle("/micropub", r.Handler())
		mux.Handle("/micropub/media", r.Handler())
	}
	mux.Handle("/health", r.Handler())
	if d.auth != nil {
		mux.Handle(devauth.Prefix, d.auth.Handler())
	}
	if d.watch {
		pages := preview.New(cfg.Build.Output, d.log)
		if d.dev {
			pages = preview.NewLive(ctx, cfg.Build.Output, d.log)
		}
		if d.guests != nil {
			pages = d.guests.Handler(pages)
		}
		mux.Handle("/", pages)
	}
	if d.dev {
		return preview.OnlyHost(d.listener.Addr(), d.log, mux), nil
	}
	return mux, nil
}

// work builds the site for as long as ctx lives; without a watcher it only
// learns which notes there are. A site that can't be built ends a process that
// was just started, but none that ran already.
func (d *daemon) work(ctx context.Context, cfg *site.Config, again bool, s *store.Store) error {
	if !d.watch {
		if err := s.Scan(ctx); err != nil {
			return err
		}
		d.banner(cfg)
		d.examine(ctx, cfg)
		<-ctx.Done()
		return nil
	}
	if building, err := s.Building(); err == nil && building {
		d.log.Info("another process is building this site; waiting to take over")
		if err := s.Scan(ctx); err != nil { // the receiver need not wait for that
			return err
		}
		again = true // when its turn comes
	}
	lock, err := s.LockBuild(ctx)
	if err != nil {
		return err
	}
	defer lock.Unlock()
	g, err := generator.New(cfg, s, generator.Options{Logger: d.log, Version: release, GoOn: again})
	if err != nil {
		return err
	}
	d.metrics.generator.Store(g)
	var background sync.WaitGroup
	defer background.Wait()
	return g.Watch(ctx, func() {
		d.banner(cfg)
		background.Go(func() { d.examine(ctx, cfg) })
	})
}

// examine looks at the owner's live profile page and logs what keeps apps from
// posting. It is no reason not to run: the page may be on its way.
func (d *daemon) examine(ctx context.Context, cfg *site.Config) {
	if !d.receive {
		return
	}
	for _, f := range d.verifier.Examine(ctx, cfg.Receiver.URL+"micropub").Findings {
		if f.Fix != "" && ctx.Err() == nil {
			d.log.Warn("profile page: "+f.Text, "me", cfg.Me, "step", f.Step, "remedy", f.Fix)
		}
	}
}

// banner tells the supervisor that all is ready, and the person at the keyboard
// what runs where.
func (d *daemon) banner(cfg *site.Config) {
	d.supervisor.tell(notifyReady)
	switch {
	case d.dev && d.receive && d.watch:
		d.devBanner(cfg)
	case d.receive:
		d.log.Info("ready", "listen", d.listener.Addr().String(), "micropub", cfg.Receiver.URL+"micropub", "me", cfg.Me)
	default:
		d.log.Info("ready", "output", cfg.Build.Output)
	}
}

func (d *daemon) devBanner(cfg *site.Config) {
	fmt.Fprintf(d.out, `
  %s is at %s

  Posts go to the real notes in %s;
  the preview itself is built apart, with drafts and future notes.
`, cfg.Title, cfg.URL, cfg.ContentDir())
	if d.guests != nil {
		fmt.Fprintf(d.out, "\n  Devices in the same network see it with this code: %s\n  Apps cannot post to it.\n\n", d.guests.Code())
		return
	}
	if d.auth == nil {
		fmt.Fprintf(d.out, "\n  Tokens come from the endpoints of %s.\n\n", cfg.Me)
		return
	}
	token := d.auth.Issue(cfg.URL, "create", "update", "delete", "undelete", "media")
	fmt.Fprintf(d.out, `
  Apps sign in with %s and this code: %s
  Or post a note from here:

  curl -i -H "Authorization: Bearer %s" --data-urlencode "content=Hello from my own site." %smicropub

`, cfg.Me, d.auth.Code(), token, cfg.URL)
}
