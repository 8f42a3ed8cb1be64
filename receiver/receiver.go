package receiver

import (
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"starpunk/receiver/indieauth"
	"starpunk/site"
	"starpunk/site/store"
)

// Options configure a Receiver. Config, Store and Verifier are required.
type Options struct {
	Config   *site.Config
	Store    *store.Store
	Verifier *indieauth.Verifier
	Logger   *slog.Logger     // nil means no log
	Now      func() time.Time // nil means time.Now; must be the clock of the store
	Metrics  *Metrics         // nil means that nothing is counted
}

// A Receiver is the Micropub endpoint of one site. It is safe for concurrent
// use.
type Receiver struct {
	cfg      *site.Config
	store    *store.Store
	verifier *indieauth.Verifier
	log      *slog.Logger
	now      func() time.Time
	proxies  []netip.Prefix
	metrics  *Metrics
}

// New returns a Receiver that is ready to serve.
func New(o Options) *Receiver {
	rc := &Receiver{
		cfg: o.Config, store: o.Store, verifier: o.Verifier, log: o.Logger, now: o.Now, metrics: o.Metrics,
		proxies: o.Config.Receiver.ProxyPrefixes(),
	}
	if rc.log == nil {
		rc.log = slog.New(slog.DiscardHandler)
	}
	if rc.now == nil {
		rc.now = time.Now
	}
	return rc
}

// Handler returns a handler for /micropub, /micropub/media and /health. It
// answers 404 for any other path.
func (rc *Receiver) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc(site.MicropubPath, rc.measure(rc.handle(rc.serveMicropub)))
	mux.HandleFunc(site.MediaPath, rc.measure(rc.handle(rc.serveMedia)))
	mux.HandleFunc("GET "+healthPath, rc.serveHealth)
	return mux
}

// methods of both endpoints. HEAD is answered like GET, without the body.
const methods = "GET, HEAD, POST, OPTIONS"

func (rc *Receiver) serveMicropub(w http.ResponseWriter, r *http.Request) error {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return rc.serveQuery(w, r)
	case http.MethodPost:
		return rc.servePost(w, r)
	case http.MethodOptions:
		servePreflight(w)
		return nil
	}
	return errMethod(w)
}

func (rc *Receiver) servePost(w http.ResponseWriter, r *http.Request) error {
	if err := rc.checkReady(); err != nil {
		return err
	}
	in := &incoming{rc: rc, w: w, r: r, scopes: createScopes}
	defer in.close()
	req, tok, err := rc.accept(r, in)
	if err != nil {
		return err
	}
	action, ok := map[string]struct {
		scopes []string
		do     func(http.ResponseWriter, *http.Request, *request, *indieauth.Token) error
	}{
		"create":   {createScopes, rc.create},
		"update":   {updateScopes, rc.update},
		"delete":   {deleteScopes, rc.delete},
		"undelete": {undeleteScopes, rc.undelete},
	}[req.Action]
	if !ok {
		return unknownValue("action", req.Action, "create, update, delete or undelete")
	}
	setAction(w, req.Action)
	if err := requireScope(tok, action.scopes); err != nil {
		return err
	}
	return action.do(w, r, req, tok)
}

// checkReady returns an error until the index is complete.
func (rc *Receiver) checkReady() error {
	if rc.store.Scanned() {
		return nil
	}
	return errUnavailable("The site is reading its notes. Please try again in a moment.")
}

// servePreflight answers a browser that checks which requests a web app may
// send (Fetch Standard, "CORS protocol"). It requires no token, because the
// answer is always the same.
func servePreflight(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Allow", methods)
	h.Set("Access-Control-Allow-Methods", methods)
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
	h.Set("Access-Control-Max-Age", "86400")
	w.WriteHeader(http.StatusNoContent)
}

// handle adds the common headers to a response, and sends and logs the error of
// a request, once. The log gets the path without the query, and nothing of the
// body.
func (rc *Receiver) handle(serve func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id := rand.Text()
		h := w.Header()
		h.Set("X-Request-Id", id)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Access-Control-Expose-Headers", "Location, Link")
		body := r.Body
		err := oneAuthorization(r)
		if err == nil {
			err = serve(w, r)
		}
		if err == nil {
			return
		}
		e := asError(err)
		if e.Status == http.StatusRequestEntityTooLarge {
			drain(w, body)
		}
		rc.log.Log(r.Context(), e.level(), "request failed", "request", id, "method", r.Method, "path", r.URL.Path,
			"client", rc.client(r).String(), "status", e.Status, "error", e.Code, "reason", e.Error())
		e.send(w)
	}
}

// Limits for the rest of a request that is refused as too large.
const (
	drainBytes   = 16 << 20
	drainTimeout = 5 * time.Second
)

// drain reads the rest of a body, within limits, before the request is refused
// as too large. Otherwise a proxy that is still sending finds its connection
// reset, never reads the response, and reports a bad gateway to the client.
func drain(w http.ResponseWriter, body io.Reader) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(drainTimeout)) // without support, the deadline of the server applies
	_, _ = io.CopyN(io.Discard, body, drainBytes)                                   // an error does not change the response
}
