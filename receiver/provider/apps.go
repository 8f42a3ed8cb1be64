package provider

import (
	"net/http"
	"time"

	"starpunk/receiver/provider/state"
)

// An appRow is one app in the list of apps.
type appRow struct {
	state.App
	Until time.Time
}

// An appsPage is the data of the list of apps.
type appsPage struct {
	Me   string
	CSRF string
	Apps []appRow
}

// serveApps shows the apps that have access.
func (p *Provider) serveApps(w http.ResponseWriter, r *http.Request) {
	s, ok := p.sessionOf(r)
	if !ok {
		p.showSignIn(w, http.StatusOK, "", "")
		return
	}
	st, err := p.state.Read()
	if err != nil {
		p.fail(w, err)
		return
	}
	page := appsPage{Me: p.me, CSRF: s.csrf}
	for _, a := range st.LiveApps(p.now()) {
		page.Apps = append(page.Apps, appRow{a, a.Ends()})
	}
	writePage(w, http.StatusOK, "apps.html", policy("'self'"), page)
}

// serveAppsForm revokes the tokens of an app, or ends the session.
func (p *Provider) serveAppsForm(w http.ResponseWriter, r *http.Request) {
	if !p.isOwnForm(w, r) {
		return
	}
	s, ok := p.sessionOf(r)
	if !ok {
		p.showSignIn(w, http.StatusForbidden, "", "Your sign-in has ended. Sign in again.")
		return
	}
	if !s.isForm(r) {
		p.refuse(w, authRequest{}, &oauthError{http.StatusForbidden, "invalid_request", "This form is not of this page. Reload the page."})
		return
	}
	if r.PostForm.Has("sign-out") {
		p.endSession(w, r)
		p.showSignIn(w, http.StatusOK, "", "")
		return
	}
	err := p.state.Update(r.Context(), func(st *state.State) error {
		st.RemoveApp(r.PostForm.Get("revoke"))
		return nil
	})
	if err != nil {
		p.fail(w, err)
		return
	}
	p.log.Info("app revoked by the owner", "app", shorten(r.PostForm.Get("revoke"), maxNameRunes))
	http.Redirect(w, r, Prefix, http.StatusSeeOther)
}
