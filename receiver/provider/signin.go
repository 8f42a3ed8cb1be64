package provider

import (
	"net/http"
	"net/url"

	"starpunk/receiver/provider/state"
)

// A signInPage is the data of the page on which the owner signs in.
type signInPage struct {
	App     string // client_id of the app that is waiting; "" for the list of apps
	Next    string // query of the authorization request, repeated by the form
	Options string // argument of navigator.credentials.get, as JSON; "" without a passkey
	Problem string // why the page is shown again; empty the first time
}

// showSignIn shows the page for a sign-in. next is the query of an authorization
// request, or "" for the list of apps.
func (p *Provider) showSignIn(w http.ResponseWriter, status int, next, problem string) {
	st, err := p.state.Read()
	if err != nil {
		p.fail(w, err)
		return
	}
	page := signInPage{Next: next, Problem: problem}
	if query, err := url.ParseQuery(next); err == nil {
		page.App = query.Get("client_id")
	}
	if len(st.Passkeys) > 0 {
		if page.Options, err = p.passkeys.signInOptions(p.now()); err != nil {
			p.fail(w, err)
			return
		}
	}
	p.writeScriptPage(w, status, "signin.html", page)
}

// serveSignIn handles the form of the page: the answer of a passkey, or a code. It
// then continues with the request of the app, whose address it makes itself from
// the query: the form cannot send the owner to another site.
func (p *Provider) serveSignIn(w http.ResponseWriter, r *http.Request) {
	if !p.isOwnForm(w, r) {
		return
	}
	next, err := url.ParseQuery(r.PostForm.Get("next"))
	if err != nil {
		p.refuse(w, authRequest{}, oauthErrorf("invalid_request", "The request of the app cannot be read."))
		return
	}
	var problem string
	var passkeyID string
	status := http.StatusForbidden
	if answer := r.PostForm.Get("passkey"); answer != "" {
		passkeyID, problem = p.signInByPasskey(r, answer)
	} else if !p.attempts.allow(p.now(), p.client(r)) {
		problem, status = "Too many attempts from your address. Wait a minute, then try again.", http.StatusTooManyRequests
		w.Header().Set("Retry-After", "60")
	} else {
		problem = p.signInByCode(r)
	}
	if problem != "" {
		p.log.Warn("sign-in refused", "problem", problem, "client", p.client(r))
		p.showSignIn(w, status, next.Encode(), problem)
		return
	}
	p.startSession(w, passkeyID)
	if len(next) == 0 {
		http.Redirect(w, r, Prefix, http.StatusSeeOther)
		return
	}
	http.Redirect(w, r, Prefix+"authorize?"+next.Encode(), http.StatusSeeOther)
}

// signInByPasskey returns the ID of the passkey that gave the answer, or the
// problem for the owner.
func (p *Provider) signInByPasskey(r *http.Request, answer string) (id, problem string) {
	st, err := p.state.Read()
	if err != nil {
		p.logFailure(err)
		return "", brokenFile
	}
	passkey, err := p.passkeys.signIn(p.now(), owner{st, p.me}, answer)
	if err != nil {
		p.log.Warn("passkey refused", "error", err)
		return "", "This passkey was not accepted. Try again, or register it: run “starpunk provider link” on the server."
	}
	if passkey.SignCount > 0 {
		err = p.state.Update(r.Context(), func(s *state.State) error {
			if stored := s.PasskeyOf(passkey.CredentialID); stored != nil && stored.SignCount < passkey.SignCount { // two sign-ins at once
				stored.SignCount = passkey.SignCount
			}
			return nil
		})
		if err != nil {
			p.logFailure(err)
			return "", brokenFile
		}
	}
	p.log.Info("the owner signed in", "passkey", passkey.ID)
	return passkey.ID, ""
}

// signInByCode checks a typed code of "starpunk provider code", which counts once. It
// returns the problem for the owner, or "".
func (p *Provider) signInByCode(r *http.Request) (problem string) {
	st, err := p.state.Read()
	if err != nil {
		p.logFailure(err)
		return brokenFile
	}
	typed, right := r.PostForm.Get("passcode"), false
	if st.Code != nil { // otherwise strangers would cause writes
		right = st.UseCode(p.now(), typed)
	}
	if right {
		right = false
		err = p.state.Update(r.Context(), func(s *state.State) error {
			right = s.UseCode(p.now(), typed)
			return nil
		})
	}
	switch {
	case err != nil:
		p.logFailure(err)
		return brokenFile
	case !right:
		return "This code is wrong or too old. Run “starpunk provider code” on the server for a new one."
	}
	p.log.Info("the owner signed in", "by", "code")
	return ""
}

// brokenFile is the problem if provider.json cannot be read or written.
const brokenFile = "The server cannot use its file of passkeys. Its log has the reason."
