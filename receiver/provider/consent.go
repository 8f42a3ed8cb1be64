package provider

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
)

//go:embed consent.html refused.html style.css
var files embed.FS

var pages = template.Must(template.ParseFS(files, "*.html"))

// A consent is the data of the page on which the owner allows or denies an app.
type consent struct {
	authRequest
	Me      string
	Granted []string // scopes with a ticked box
	Problem string   // why the page is shown again; empty the first time
}

func (c consent) Meaning(scope string) string { return meaning(scope) }
func (c consent) Ticked(scope string) bool    { return slices.Contains(c.Granted, scope) }

func (p *Provider) showConsent(w http.ResponseWriter, status int, c consent) {
	c.Me = p.me
	// With no-referrer, browsers send "Origin: null" with a form, and not all of
	// them name the source of the form in Sec-Fetch-Site.
	w.Header().Set("Referrer-Policy", "same-origin")
	writePage(w, status, "consent.html", "'self' "+formTarget(c.redirect), c)
}

// formTarget returns the source that form-action must list so that the browser
// follows the redirect after the form. Chrome and Safari apply form-action to
// the redirect too. A source cannot express an IPv6 address; then the scheme is
// used.
func formTarget(redirect *url.URL) string {
	if ip, err := netip.ParseAddr(redirect.Hostname()); err == nil && ip.Is6() {
		return redirect.Scheme + ":"
	}
	return origin(redirect)
}

// refuse shows why a request cannot be granted. It does not redirect: otherwise
// any page could use this server as an open redirector (RFC 9700 §4.11.2). The
// page has a link with which the owner can report the error to the app.
func (p *Provider) refuse(w http.ResponseWriter, req authRequest, err *oauthError) {
	data := struct{ Reason, ClientID, Back string }{Reason: err.Description}
	if req.redirect != nil {
		data.ClientID = req.ClientID
		data.Back = req.redirectWith(p.issuer(), url.Values{"error": {err.Code}, "error_description": {err.Description}})
	}
	writePage(w, err.Status, "refused.html", "'none'", data)
}

func writePage(w http.ResponseWriter, status int, name, formAction string, data any) {
	var page bytes.Buffer
	if err := pages.ExecuteTemplate(&page, name, data); err != nil {
		http.Error(w, "Cannot render the page.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; "+
		"base-uri 'none'; frame-ancestors 'none'; form-action "+formAction)
	w.WriteHeader(status)
	page.WriteTo(w) // an error means that the browser has disconnected
}

func serveStyle(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, files, "style.css")
}
