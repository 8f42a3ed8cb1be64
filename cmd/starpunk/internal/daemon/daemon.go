package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"starpunk/receiver"
	"starpunk/receiver/indieauth"
	"starpunk/receiver/preview"
	"starpunk/receiver/provider"
	"starpunk/site"
)

const (
	finishTime   = 15 * time.Second // how long requests may take to finish when the process stops
	lossPause    = time.Second      // before a session whose predecessor soon lost its index; doubled for each loss
	lossPauseMax = time.Minute
)

// Options describe a process. All fields but Dev and ListenFlag are required; one
// of Receive and Watch must be set.
type Options struct {
	Receive    bool // run the Micropub endpoint
	Watch      bool // build the site; with Receive, also serve it
	Dev        bool // preview of a site without a domain
	ListenFlag bool // the address to listen on is from --listen

	Folder string // the site's
	// Load reads the configuration from the folder. It is called at the start and for each
	// reload.
	Load func() (*site.Config, error)
	// NewVerifier returns the verifier for a configuration.
	NewVerifier func(*site.Config) (*indieauth.Verifier, error)

	Release string // version of this source tree
	Version string // Release with the revision of the build
	Log     *slog.Logger
	Out     io.Writer // receives the addresses and codes of a preview
}

// A daemon is a running process.
type daemon struct {
	Options
	supervisor *supervisor
	metrics    metricsPage

	gate      receiver.Gate
	listener  net.Listener
	auth      *provider.Provider // nil if another server is the provider
	authOf    providerKey        // the configuration of auth, outside of a preview
	verifier  *indieauth.Verifier
	announced string          // the addresses of the preview that were shown
	guests    *preview.Guests // of a preview on a private address; otherwise nil

	config *configFile
	hangup chan os.Signal
	notice *preview.Notice // shows mistakes in the configuration and the layouts
	failed chan error      // receives the error of the server that ended
}

// Run runs until ctx ends. Then requests and the build finish, and Run returns
// nil. It reads the configuration again when its file changes, and after SIGHUP.
func Run(ctx context.Context, o Options) error {
	relaxCollector()
	config := newConfigFile(o.Folder, o.Log) // before it is read, so that no change is missed
	cfg, err := o.Load()
	if err != nil {
		return err
	}
	o.Log.Info("starting", "version", o.Release, "site", cfg.Root)
	defer o.Log.Info("stopped", "version", o.Release, "site", cfg.Root)
	d := &daemon{
		Options: o, supervisor: newSupervisor(o.Log),
		metrics: metricsPage{version: o.Version, requests: receiver.NewMetrics()},
		config:  config, notice: &preview.Notice{},
		hangup: make(chan os.Signal, 1), failed: make(chan error, 1),
	}
	signal.Notify(d.hangup, syscall.SIGHUP)
	defer signal.Stop(d.hangup)
	if d.Receive {
		server, err := d.listen(cfg)
		if err != nil {
			return err
		}
		go func() { d.failed <- server.Serve(d.listener) }()
		defer d.shutdown(server)
		defer d.finishRequests(stopped) // requests that wait for a session after the last one
	}
	if cfg.Metrics.Listen != "" {
		server, err := d.metrics.serve(cfg.Metrics.Listen, d.Log)
		if err != nil {
			return err
		}
		defer d.shutdown(server)
	}
	living, die := context.WithCancel(context.WithoutCancel(ctx))
	defer die()
	go d.supervisor.watch(living, d.alive)
	go config.follow(living)
	return d.runSessions(ctx, cfg)
}

// relaxCollector lets garbage grow to twice the size of the live heap, which is a
// few megabytes. A post allocates as much again, and collecting it was a tenth of
// its processor time. GOGC in the environment takes precedence.
func relaxCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(200)
	}
}

// alive returns an error if the process cannot do its work: if a receiver does
// not answer.
func (d *daemon) alive(ctx context.Context) error {
	if !d.Receive {
		return nil
	}
	_, _, err := Health(ctx, d.listener.Addr().String())
	return err
}

// runSessions runs one session after the other, until ctx ends or one fails.
func (d *daemon) runSessions(ctx context.Context, cfg *site.Config) error {
	losses := 0
	for resumed := false; ; resumed = true {
		start, given := time.Now(), *cfg // the session of a preview changes it
		end, err := d.runSession(ctx, cfg, resumed)
		if end == stopped || err != nil {
			return err
		}
		if cfg, err = d.reload(end, &given); err != nil {
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

// reload returns the configuration of the next session. If it cannot be read, a
// session that lost its index is followed by one with the same configuration.
func (d *daemon) reload(end ending, last *site.Config) (*site.Config, error) {
	cfg, err := d.Load()
	if err != nil && end == indexLost {
		d.refuse(err)
		return last, nil
	}
	if err == nil {
		d.warnOfListeners(cfg, last)
	}
	return cfg, err
}

// warnOfListeners logs the changed addresses that a running process does not use.
func (d *daemon) warnOfListeners(cfg, last *site.Config) {
	for _, a := range []struct{ key, now, before string }{
		{"receiver.listen", cfg.Receiver.Listen, last.Receiver.Listen},
		{"metrics.listen", cfg.Metrics.Listen, last.Metrics.Listen},
	} {
		if a.now != a.before {
			d.Log.Warn("this key needs a new start: the process still listens on the previous address", "key", a.key, "address", a.now)
		}
	}
}

// refuse reports the mistake in a changed configuration, also on the pages of a preview.
func (d *daemon) refuse(err error) {
	d.Log.Error("cannot read the changed configuration; the previous one stays in use", "error", err)
	d.notice.Set("configuration", fmt.Sprintf("%v\nThe previous configuration stays in use.", err))
}

func (d *daemon) shutdown(server *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), finishTime)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		d.Log.Warn("some connections did not close in time", "error", err)
	}
}

// finishRequests waits for the requests under way. Requests that arrive during a
// reload wait for the next session.
func (d *daemon) finishRequests(end ending) {
	ctx, cancel := context.WithTimeout(context.Background(), finishTime)
	defer cancel()
	shut := d.gate.Close
	if end == reload {
		shut = d.gate.Hold
	}
	if err := shut(ctx); err != nil {
		d.Log.Warn("some requests did not finish in time", "error", err)
	}
}

func ignoreCancel(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
