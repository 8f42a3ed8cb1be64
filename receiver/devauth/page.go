package devauth

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
)

//go:embed ask.html refused.html style.css
var files embed.FS

var pages = template.Must(template.ParseFS(files, "*.html"))

// A question is what the page asks the owner.
type question struct {
	authRequest
	Me      string
	Granted []string // the scopes whose boxes are ticked
	Problem string   // why it is asked again; empty the first time
}

func (q question) Meaning(scope string) string { return meaning(scope) }
func (q question) Ticked(scope string) bool    { return slices.Contains(q.Granted, scope) }

func (p *Provider) ask(w http.ResponseWriter, status int, q question) {
	q.Me = p.me
	// Browsers that were told no-referrer send "Origin: null" with a form, and
	// not all of them say in Sec-Fetch-Site where it comes from.
	w.Header().Set("Referrer-Policy", "same-origin")
	writePage(w, status, "ask.html", "'self' "+formTarget(q.redirect), q)
}

// formTarget is the source that form-action must list for the redirect after
// the form to be followed: Chrome and Safari hold it against the redirect too.
// Sources cannot spell an IPv6 address; there the scheme has to do.
func formTarget(redirect *url.URL) string {
	if ip, err := netip.ParseAddr(redirect.Hostname()); err == nil && ip.Is6() {
		return redirect.Scheme + ":"
	}
	return origin(redirect)
}

// refuse shows why a request cannot be granted. It does not redirect, or any
// page could bounce its visitors off this server (RFC 9700 §4.11.2); the owner
// can follow a link that tells the app.
func (p *Provider) refuse(w http.ResponseWriter, req authRequest, err *oauthError) {
	data := struct{ Reason, ClientID, Back string }{Reason: err.Description}
	if req.redirect != nil {
		data.ClientID = req.ClientID
		data.Back = req.reply(p.issuer(), url.Values{"error": {err.Code}, "error_description": {err.Description}})
	}
	writePage(w, err.Status, "refused.html", "'none'", data)
}

func writePage(w http.ResponseWriter, status int, name, formAction string, data any) {
	var page bytes.Buffer
	if err := pages.ExecuteTemplate(&page, name, data); err != nil {
		http.Error(w, "The page could not be made.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; "+
		"base-uri 'none'; frame-ancestors 'none'; form-action "+formAction)
	w.WriteHeader(status)
	page.WriteTo(w) // an error means that the browser has gone
}

func serveStyle(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, files, "style.css")
}
