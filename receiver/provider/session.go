package provider

import (
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"time"
)

const (
	sessionLife = 10 * time.Minute
	maxSessions = 20
	// The prefix lets a browser accept the cookie over HTTPS only (RFC 6265bis
	// §4.1.3.1). It is sent to the pages below [Prefix] only.
	cookieName = "__Secure-starpunk-auth"
)

// A session is the time after a sign-in of the owner.
type session struct {
	csrf    string // repeated by each form
	passkey string // ID; "" after a sign-in by code
}

// startSession sets the cookie of a new session. It is strict: a request that
// another site causes has no session, also the first one from an app.
func (p *Provider) startSession(w http.ResponseWriter, passkeyID string) {
	p.mu.Lock()
	secret := p.sessions.put(p.now(), session{csrf: rand.Text(), passkey: passkeyID})
	p.mu.Unlock()
	http.SetCookie(w, &http.Cookie{
		Name: cookieName, Value: secret, Path: Prefix, MaxAge: int(sessionLife.Seconds()),
		Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
}

// endSession ends the session of a request.
func (p *Provider) endSession(w http.ResponseWriter, r *http.Request) {
	if cookie, err := r.Cookie(cookieName); err == nil {
		p.mu.Lock()
		p.sessions.drop(digestOf(cookie.Value))
		p.mu.Unlock()
	}
	http.SetCookie(w, &http.Cookie{
		Name: cookieName, Path: Prefix, MaxAge: -1,
		Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
}

// sessionOf returns the session of a request. ok is false if there is none, if it
// has ended, or if its passkey has been removed.
func (p *Provider) sessionOf(r *http.Request) (s session, ok bool) {
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return session{}, false
	}
	p.mu.Lock()
	it, ok := p.sessions.get(p.now(), cookie.Value)
	p.mu.Unlock()
	if !ok || it.value.passkey == "" {
		return it.value, ok
	}
	st, err := p.state.Read()
	return it.value, err == nil && st.HasPasskey(it.value.passkey)
}

// isForm reports whether a form has the session's own token.
func (s session) isForm(r *http.Request) bool {
	return s.csrf != "" && subtle.ConstantTimeCompare([]byte(r.PostForm.Get("csrf")), []byte(s.csrf)) == 1
}
