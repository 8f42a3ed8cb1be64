package preview

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

// Guests admits devices of the same network to a preview after their users type
// a code, because a preview shows drafts. It is meant for a preview on an
// address that other machines can reach.
type Guests struct {
	code   string
	cookie string        // its value; each process makes a new one
	tries  *rate.Limiter // of codes, by all devices together
	log    *slog.Logger
}

const (
	guestCookie       = "starpunk-preview"
	triesPerMinute    = 10
	maxGuestFormBytes = 1 << 10
)

// NewGuests returns Guests with a new code.
func NewGuests(log *slog.Logger) *Guests {
	return &Guests{
		code: rand.Text()[:8], cookie: rand.Text(), log: log,
		tries: rate.NewLimiter(rate.Every(time.Minute/triesPerMinute), triesPerMinute),
	}
}

// Code returns the code that a user must type.
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

// Handler returns a handler that passes on the requests of admitted devices and
// shows all others the form for the code.
func (g *Guests) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := r.Cookie(guestCookie); err == nil && equalSecret(c.Value, g.cookie) {
			next.ServeHTTP(w, r)
			return
		}
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		if r.Method != http.MethodPost {
			g.showForm(w, http.StatusUnauthorized, "Type the code from the terminal.")
			return
		}
		g.check(w, r)
	})
}

func (g *Guests) check(w http.ResponseWriter, r *http.Request) {
	if !g.tries.Allow() {
		g.showForm(w, http.StatusTooManyRequests, "Too many wrong codes. Please wait a minute.")
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxGuestFormBytes)
	if !equalSecret(strings.ToUpper(strings.TrimSpace(r.PostFormValue("code"))), g.code) {
		g.log.Warn("preview refused: wrong code", "client", r.RemoteAddr)
		g.showForm(w, http.StatusForbidden, "Wrong code. Type the code from the terminal.")
		return
	}
	http.SetCookie(w, &http.Cookie{Name: guestCookie, Value: g.cookie, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (g *Guests) showForm(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_ = guestPage.Execute(w, text) // an error means that the client has disconnected
}

// equalSecret compares two secrets in constant time.
func equalSecret(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
