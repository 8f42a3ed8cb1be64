package daemon

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"starpunk/generator"
	"starpunk/receiver"
	"starpunk/receiver/indieauth"
	"starpunk/site/store"

	"github.com/VictoriaMetrics/metrics"
)

// queueTime is how long a page of metrics waits for the length of the queue.
const queueTime = 2 * time.Second

// A metricsPage is the page that Prometheus reads: the counters of the parts that
// the process runs.
type metricsPage struct {
	version   string
	requests  *receiver.Metrics
	verifier  atomic.Pointer[indieauth.Verifier]
	generator atomic.Pointer[generator.Generator]

	reading sync.Mutex   // while the store is in use
	store   *store.Store // nil: closed
}

// use makes the page read from s, or from no store if s is nil.
func (p *metricsPage) use(s *store.Store) {
	p.reading.Lock()
	defer p.reading.Unlock()
	p.store = s
}

// serve opens the listener of metrics.listen.
func (p *metricsPage) serve(address string, log *slog.Logger) (*http.Server, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, listenError(address, "metrics.listen", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		var page bytes.Buffer
		p.write(r.Context(), &page)
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		_, _ = page.WriteTo(w) // fails if the client has closed the connection
	})
	server := receiver.NewServer(mux, 0, log)
	go func() { _ = server.Serve(l) }() // returns at the shutdown
	log.Info("metrics", "listen", l.Addr().String())
	return server, nil
}

func (p *metricsPage) write(ctx context.Context, w io.Writer) {
	metrics.WriteGaugeUint64(w, fmt.Sprintf("starpunk_info{version=%q}", p.version), 1)
	p.requests.Write(w)
	if v := p.verifier.Load(); v != nil {
		receiver.WriteCounters(w, v.Counters())
	}
	if g := p.generator.Load(); g != nil {
		writeBuilds(w, g.Counters())
	}
	p.writeStore(ctx, w)
	metrics.WriteProcessMetrics(w)
}

func writeBuilds(w io.Writer, c generator.Counters) {
	for name, n := range map[string]int64{
		"starpunk_builds_total":               c.Builds,
		"starpunk_build_failures_total":       c.BuildFailures,
		"starpunk_files_written_total":        c.Written,
		"starpunk_files_removed_total":        c.Removed,
		"starpunk_watch_overflows_total":      c.WatchOverflows,
		"starpunk_build_after_runs_total":     c.AfterRuns,
		"starpunk_build_after_failures_total": c.AfterFailures,
	} {
		metrics.WriteCounterUint64(w, name, uint64(n))
	}
	metrics.WriteCounterFloat64(w, "starpunk_build_seconds_total", c.BuildTime.Seconds())
	if !c.LastGood.IsZero() {
		metrics.WriteGaugeUint64(w, "starpunk_last_good_build_timestamp_seconds", uint64(c.LastGood.Unix()))
	}
}

// writeStore writes how the index was opened, and how long the queue is.
func (p *metricsPage) writeStore(ctx context.Context, w io.Writer) {
	p.reading.Lock()
	defer p.reading.Unlock()
	if p.store == nil {
		return
	}
	o := p.store.Opening()
	migrated := uint64(0)
	if o.Migrated {
		migrated = 1
	}
	metrics.WriteGaugeFloat64(w, "starpunk_index_open_seconds", o.Took.Seconds())
	metrics.WriteGaugeUint64(w, "starpunk_index_open_retries", uint64(o.Retries))
	metrics.WriteGaugeUint64(w, "starpunk_index_migrated", migrated)
	ctx, cancel := context.WithTimeout(ctx, queueTime)
	defer cancel()
	if notes, lists, err := p.store.Left(ctx); err == nil {
		metrics.WriteGaugeUint64(w, `starpunk_queue{kind="notes"}`, uint64(notes))
		metrics.WriteGaugeUint64(w, `starpunk_queue{kind="lists"}`, uint64(lists))
	}
}
