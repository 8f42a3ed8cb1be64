package provider

import (
	"net/http"

	"starpunk/receiver/provider/state"
)

// A registerPage is the data of the page that registers a passkey. Its first
// form sends the secret of the link, its second one the secret and a new passkey.
type registerPage struct {
	Link    string
	Options string // argument of navigator.credentials.create, as JSON
	Done    bool
	Problem string
}

// serveRegisterPage shows the page that the address of "starpunk provider link"
// opens. Its secret is in the fragment, which the script puts into the form: so it
// is in no log of a proxy.
func (p *Provider) serveRegisterPage(w http.ResponseWriter, _ *http.Request) {
	p.writeScriptPage(w, http.StatusOK, "register.html", registerPage{})
}

// serveRegister handles the two forms of the page: the secret of the link alone,
// and the secret with a new passkey.
func (p *Provider) serveRegister(w http.ResponseWriter, r *http.Request) {
	if !p.isOwnForm(w, r) {
		return
	}
	if !p.attempts.allow(p.now(), p.client(r)) {
		w.Header().Set("Retry-After", "60")
		p.writeScriptPage(w, http.StatusTooManyRequests, "register.html", registerPage{Problem: "Too many attempts from your address. Wait a minute, then open the link again."})
		return
	}
	st, err := p.state.Read()
	if err != nil {
		p.fail(w, err)
		return
	}
	link, now := r.PostForm.Get("link"), p.now()
	if !st.LinkMatches(now, link) {
		p.refuseLink(w, r)
		return
	}
	if answer := r.PostForm.Get("passkey"); answer != "" {
		p.register(w, r, st, link, answer)
		return
	}
	p.showRegistration(w, http.StatusOK, st, link, "")
}

func (p *Provider) showRegistration(w http.ResponseWriter, status int, st *state.State, link, problem string) {
	options, err := p.passkeys.registrationOptions(p.now(), owner{st, p.me})
	if err != nil {
		p.fail(w, err)
		return
	}
	p.writeScriptPage(w, status, "register.html", registerPage{Link: link, Options: options, Problem: problem})
}

func (p *Provider) refuseLink(w http.ResponseWriter, r *http.Request) {
	p.log.Warn("registration of a passkey refused: wrong link", "client", p.client(r))
	p.writeScriptPage(w, http.StatusForbidden, "register.html", registerPage{
		Problem: "This link was used, or it is older than ten minutes. Run “starpunk provider link” on the server for a new one."})
}

// register stores a passkey and uses the link up.
func (p *Provider) register(w http.ResponseWriter, r *http.Request, st *state.State, link, answer string) {
	passkey, err := p.passkeys.register(p.now(), owner{st, p.me}, answer)
	if err != nil {
		p.log.Warn("registration of a passkey refused", "error", err)
		p.showRegistration(w, http.StatusForbidden, st, link, "This passkey was not accepted. Try again.")
		return
	}
	passkey.Name = shorten(r.PostForm.Get("name"), maxNameRunes)
	stored := false
	err = p.state.Update(r.Context(), func(s *state.State) error {
		stored = s.AddPasskey(p.now(), link, passkey)
		return nil
	})
	switch {
	case err != nil:
		p.fail(w, err)
	case !stored:
		p.refuseLink(w, r)
	default:
		p.log.Info("passkey registered", "name", passkey.Name)
		p.writeScriptPage(w, http.StatusOK, "register.html", registerPage{Done: true})
	}
}
