package receiver

import (
	"fmt"
	"io"
	"net/http"
	"time"

	"starpunk/receiver/indieauth"

	"github.com/VictoriaMetrics/metrics"
)

// Metrics counts the requests that receivers have answered. They outlive a
// Receiver, which is made anew when its configuration is read again. Nil counts
// nothing.
type Metrics struct{ set *metrics.Set }

// NewMetrics returns Metrics that have counted nothing.
func NewMetrics() *Metrics { return &Metrics{metrics.NewSet()} }

// Write writes the counts in the text format of Prometheus.
func (m *Metrics) Write(w io.Writer) { m.set.WritePrometheus(w) }

// answered counts a request. Labels have few values, none of which a client can
// make up.
func (m *Metrics) answered(action string, status int, took time.Duration) {
	if m == nil {
		return
	}
	m.set.GetOrCreateCounter(fmt.Sprintf(`starpunk_requests_total{action=%q,status="%d"}`, action, status)).Inc()
	m.set.GetOrCreatePrometheusHistogram(fmt.Sprintf(`starpunk_request_seconds{action=%q}`, action)).Update(took.Seconds())
}

// published counts something that was written and then seen on the site.
func (m *Metrics) published(took time.Duration) {
	if m != nil {
		m.set.GetOrCreatePrometheusHistogram("starpunk_publish_seconds").Update(took.Seconds())
	}
}

// WriteCounters writes what a verifier has counted in the text format of
// Prometheus.
func WriteCounters(w io.Writer, c indieauth.Counters) {
	for name, n := range map[string]uint64{
		"starpunk_discoveries_total":                      c.Discoveries,
		"starpunk_discovery_failures_total":               c.DiscoveryFailures,
		"starpunk_endpoint_changes_total":                 c.EndpointChanges,
		`starpunk_cache_hits_total{cache="endpoints"}`:    c.EndpointCacheHits,
		`starpunk_cache_hits_total{cache="tokens"}`:       c.TokenCacheHits,
		"starpunk_grace_uses_total":                       c.GraceUses,
		"starpunk_verifications_total":                    c.Verifications,
		"starpunk_verification_failures_total":            c.VerificationFailures,
		"starpunk_verification_retries_total":             c.Retries,
		`starpunk_rate_limited_total{what="requests"}`:    c.RateLimited,
		`starpunk_rate_limited_total{what="discoveries"}`: c.DiscoveryLimited,
	} {
		metrics.WriteCounterUint64(w, name, n)
	}
	for reason, n := range c.Rejections {
		metrics.WriteCounterUint64(w, fmt.Sprintf("starpunk_token_rejections_total{reason=%q}", reason), n)
	}
	for kind, n := range c.Violations {
		metrics.WriteCounterUint64(w, fmt.Sprintf("starpunk_violations_total{kind=%q}", kind), n)
	}
}

// A watched response remembers what is to be counted of it.
type watched struct {
	http.ResponseWriter
	action string
	status int
}

func (w *watched) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap is for [http.ResponseController].
func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// name says what a request that is being answered wants.
func name(w http.ResponseWriter, action string) {
	if w, ok := w.(*watched); ok {
		w.action = action
	}
}

// measure counts what serve answers. Until serve knows better, the action is
// the method.
func (rc *Receiver) measure(serve http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		answer := &watched{ResponseWriter: w, action: methodAction(r), status: http.StatusOK}
		serve(answer, r)
		rc.metrics.answered(answer.action, answer.status, time.Since(start))
	}
}

func methodAction(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return "query"
	case http.MethodOptions:
		return "preflight"
	case http.MethodPost:
		if r.URL.Path == "/micropub/media" {
			return "upload"
		}
		return "post"
	}
	return "other"
}
