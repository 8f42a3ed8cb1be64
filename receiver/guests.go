package receiver

import (
	"crypto/rand"
	"crypto/subtle"
	"html/template"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"golang.org/x/time/rate"
)

// Guests lets devices in the same network into a preview, if their users type a
// code: a preview shows drafts. It is for a preview on an address that is not of
// this machine alone.
type Guests struct {
	code   string
	cookie string // its value; another for each process
	tries  *rate.Limiter
	log    *slog.Logger
}

const (
	guestCookie  = "starpunk-preview"
	guestTries   = 10 // wrong codes in a minute, of all devices together
	maxGuestForm = 1 << 10
)

// NewGuests makes the code that a terminal shows.
func NewGuests(log *slog.Logger) *Guests {
	return &Guests{
		code: rand.Text()[:8], cookie: rand.Text(), log: log,
		tries: rate.NewLimiter(rate.Every(time.Minute/guestTries), guestTries),
	}
}

// Code returns what a user is to type.
func (g *Guests) Code() string { return g.code }

var guestPage = template.Must(template.New("").Parse(`<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Preview</title>
<h1>Preview</h1>
<p>{{.}}</p>
<form method="post"><label>Code <input name="code" autocomplete="off" autocapitalize="characters" required></label> <button>Show</button></form>
</html>
`))

// Handler returns a handler that passes on the requests of guests, and asks all
// others for the code.
func (g *Guests) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := r.Cookie(guestCookie); err == nil && same(c.Value, g.cookie) {
			next.ServeHTTP(w, r)
			return
		}
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		if r.Method != http.MethodPost {
			g.ask(w, http.StatusUnauthorized, "Type the code that the terminal shows.")
			return
		}
		g.check(w, r)
	})
}

func (g *Guests) check(w http.ResponseWriter, r *http.Request) {
	if !g.tries.Allow() {
		g.ask(w, http.StatusTooManyRequests, "Too many codes were wrong. Please wait a minute.")
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxGuestForm)
	if !same(strings.ToUpper(strings.TrimSpace(r.PostFormValue("code"))), g.code) {
		g.log.Warn("wrong code for the preview", "client", r.RemoteAddr)
		g.ask(w, http.StatusForbidden, "That is not the code. Type the code that the terminal shows.")
		return
	}
	http.SetCookie(w, &http.Cookie{Name: guestCookie, Value: g.cookie, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (g *Guests) ask(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_ = guestPage.Execute(w, text) // the client is gone
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
