package receiver

import (
	"fmt"
	"io"
	"net/http"
	"time"

	"starpunk/receiver/indieauth"
	"starpunk/site"

	"github.com/VictoriaMetrics/metrics"
)

// Metrics counts the requests that receivers have answered. It outlives a
// Receiver, which is replaced when the configuration is read again. A nil
// *Metrics counts nothing.
type Metrics struct{ set *metrics.Set }

// NewMetrics returns Metrics with all counts at zero.
func NewMetrics() *Metrics { return &Metrics{metrics.NewSet()} }

// Write writes the counts in the text format of Prometheus.
func (m *Metrics) Write(w io.Writer) { m.set.WritePrometheus(w) }

// countRequest counts a request. Its labels have few values, which a client
// cannot choose freely.
func (m *Metrics) countRequest(action string, status int, took time.Duration) {
	if m == nil {
		return
	}
	m.set.GetOrCreateCounter(fmt.Sprintf(`starpunk_requests_total{action=%q,status="%d"}`, action, status)).Inc()
	m.set.GetOrCreatePrometheusHistogram(fmt.Sprintf(`starpunk_request_seconds{action=%q}`, action)).Update(took.Seconds())
}

// countPublished counts a change that became visible on the site.
func (m *Metrics) countPublished(took time.Duration) {
	if m != nil {
		m.set.GetOrCreatePrometheusHistogram("starpunk_publish_seconds").Update(took.Seconds())
	}
}

// WriteCounters writes the counts of a verifier in the text format of
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

// A measuredWriter is a ResponseWriter that stores the action and the status
// for the metrics.
type measuredWriter struct {
	http.ResponseWriter
	action string
	status int
}

func (w *measuredWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap supports [http.ResponseController].
func (w *measuredWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// setAction sets the action of the request that w answers.
func setAction(w http.ResponseWriter, action string) {
	if w, ok := w.(*measuredWriter); ok {
		w.action = action
	}
}

// measure counts the requests that serve answers. The action is derived from
// the method unless serve sets it.
func (rc *Receiver) measure(serve http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		response := &measuredWriter{ResponseWriter: w, action: methodAction(r), status: http.StatusOK}
		serve(response, r)
		rc.metrics.countRequest(response.action, response.status, time.Since(start))
	}
}

func methodAction(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return "query"
	case http.MethodOptions:
		return "preflight"
	case http.MethodPost:
		if r.URL.Path == site.MediaPath {
			return "upload"
		}
		return "post"
	}
	return "other"
}
