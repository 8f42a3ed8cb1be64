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

// Options are what a Receiver works with. Config, Store and Verifier are
// required.
type Options struct {
	Config   *site.Config
	Store    *store.Store
	Verifier *indieauth.Verifier
	Logger   *slog.Logger     // nil: silent
	Now      func() time.Time // nil: time.Now. It must be the store's
	Metrics  *Metrics         // nil: nothing is counted
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

// Handler serves /micropub, /micropub/media and /health, and knows no other
// path.
func (rc *Receiver) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/micropub", rc.measure(rc.edge(rc.serveMicropub)))
	mux.HandleFunc("/micropub/media", rc.measure(rc.edge(rc.serveMedia)))
	mux.HandleFunc("GET /health", rc.serveHealth)
	return mux
}

// methods of both endpoints; HEAD is answered as GET, without the body.
const methods = "GET, HEAD, POST, OPTIONS"

func (rc *Receiver) serveMicropub(w http.ResponseWriter, r *http.Request) error {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return rc.serveQuery(w, r)
	case http.MethodPost:
		return rc.servePost(w, r)
	case http.MethodOptions:
		preflight(w)
		return nil
	}
	return errMethod(w)
}

func (rc *Receiver) servePost(w http.ResponseWriter, r *http.Request) error {
	if err := rc.ready(); err != nil {
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
	name(w, req.Action)
	if err := requireScope(tok, action.scopes); err != nil {
		return err
	}
	return action.do(w, r, req, tok)
}

// ready refuses what needs the index to be complete.
func (rc *Receiver) ready() error {
	if rc.store.Scanned() {
		return nil
	}
	return errUnavailable("The site is reading its notes. Please try again in a moment.")
}

// preflight answers a browser that asks what a web app may send. It needs no
// token: the answer is the same for everybody.
func preflight(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Allow", methods)
	h.Set("Access-Control-Allow-Methods", methods)
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
	h.Set("Access-Control-Max-Age", "86400")
	w.WriteHeader(http.StatusNoContent)
}

// edge is where a request comes in and where its failure is sent and logged,
// once. The log gets the path without the query, and nothing of the body.
func (rc *Receiver) edge(serve func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
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
			hearOut(w, body)
		}
		rc.log.Log(r.Context(), e.level(), "request failed", "request", id, "method", r.Method, "path", r.URL.Path,
			"client", rc.client(r).String(), "status", e.Status, "error", e.Code, "reason", e.Error())
		e.send(w)
	}
}

// What is still read of a request that is refused as too large.
const (
	hearOutBytes = 16 << 20
	hearOutTime  = 5 * time.Second
)

// hearOut reads on, within bounds, before a request is refused as too large: a
// proxy whose connection is reset while it sends never sees the answer, and
// tells the client of a bad gateway instead.
func hearOut(w http.ResponseWriter, body io.Reader) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(hearOutTime)) // where it can't be set, the server's own holds
	_, _ = io.CopyN(io.Discard, body, hearOutBytes)                                // whatever comes, the answer is the same
}
