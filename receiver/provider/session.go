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

// startSession sets the cookie of a new session. It is strict: no browser
// sends it with a request that another site causes. So each request of an app begins with
// a sign-in.
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
	p.mu.Lock()
	for _, cookie := range r.CookiesNamed(cookieName) {
		p.sessions.drop(digestOf(cookie.Value))
	}
	p.mu.Unlock()
	http.SetCookie(w, &http.Cookie{
		Name: cookieName, Path: Prefix, MaxAge: -1,
		Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
}

// sessionOf returns the session of a request. ok is false if there is none, if it
// has ended, or if its passkey has been removed.
func (p *Provider) sessionOf(r *http.Request) (s session, ok bool) {
	s, ok = p.findSession(r)
	if !ok || s.passkey == "" {
		return s, ok
	}
	st, err := p.state.Read()
	return s, err == nil && st.HasPasskey(s.passkey)
}

// findSession looks at all cookies of the name: a subdomain can add others,
// which must not hide the owner's.
func (p *Provider) findSession(r *http.Request) (s session, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, cookie := range r.CookiesNamed(cookieName) {
		if it, ok := p.sessions.get(p.now(), cookie.Value); ok {
			return it.value, true
		}
	}
	return session{}, false
}

// isForm reports whether a form has the session's own token.
func (s session) isForm(r *http.Request) bool {
	return s.csrf != "" && subtle.ConstantTimeCompare([]byte(r.PostForm.Get("csrf")), []byte(s.csrf)) == 1
}
