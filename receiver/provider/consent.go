package provider

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"starpunk/receiver/provider/clientinfo"
)

//go:embed *.html style.css passkey.js
var files embed.FS

var pages = template.Must(template.ParseFS(files, "*.html"))

// A consent is the data of the page on which the owner allows or denies an app.
type consent struct {
	authRequest
	Me      string
	App     clientinfo.Info
	Notice  string   // why App is empty
	CSRF    string   // token of the session; "" in a preview, where a code is required
	Granted []string // scopes with a ticked box
	Problem string   // why the page is shown again; empty the first time
}

func (c consent) Meaning(scope string) string { return meaning(scope) }
func (c consent) Elsewhere() bool             { return c.redirect.Hostname() != c.client.Hostname() }
func (c consent) Ticked(scope string) bool    { return slices.Contains(c.Granted, scope) }

func (p *Provider) showConsent(w http.ResponseWriter, status int, c consent) {
	c.Me = p.me
	// With no-referrer, browsers send "Origin: null" with a form, and not all of
	// them name the source of the form in Sec-Fetch-Site.
	w.Header().Set("Referrer-Policy", "same-origin")
	writePage(w, status, "consent.html", policy("'self' "+formTarget(c.redirect)), c)
}

// writeScriptPage shows a page with the script that uses passkeys. Its policy
// permits this one script, and not another one of the site.
func (p *Provider) writeScriptPage(w http.ResponseWriter, status int, name string, data any) {
	w.Header().Set("Referrer-Policy", "same-origin") // as for the consent page
	writePage(w, status, name, policy("'self'")+"; script-src "+p.endpoint("passkey.js"), data)
}

// policy returns a Content-Security-Policy.
func policy(formAction string) string {
	return "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action " + formAction
}

// formTarget returns the source that form-action must list so that the browser
// follows the redirect after the form. Chrome and Safari apply form-action to
// the redirect too. A source cannot express an IPv6 address; then the scheme is
// used, as it is for the scheme of an app on a phone.
func formTarget(redirect *url.URL) string {
	if !isWeb(redirect) {
		return redirect.Scheme + ":"
	}
	if ip, err := netip.ParseAddr(redirect.Hostname()); err == nil && ip.Is6() {
		return redirect.Scheme + ":"
	}
	return origin(redirect)
}

// refuse shows why a request cannot be granted. It does not redirect: otherwise
// any page could use this server as an open redirector (RFC 9700 §4.11.2). The
// page has a link with which the owner can report the error to the app.
func (p *Provider) refuse(w http.ResponseWriter, req authRequest, err *oauthError) {
	data := struct {
		Reason, ClientID string
		Back             template.URL
	}{Reason: err.Description}
	if req.redirect != nil {
		data.ClientID = req.ClientID
		// The scheme was checked: the template would refuse those of apps on phones.
		data.Back = template.URL(req.redirectWith(p.issuer(), url.Values{"error": {err.Code}, "error_description": {err.Description}}))
	}
	writePage(w, err.Status, "refused.html", policy("'none'"), data)
}

func writePage(w http.ResponseWriter, status int, name, policy string, data any) {
	var page bytes.Buffer
	if err := pages.ExecuteTemplate(&page, name, data); err != nil {
		http.Error(w, "Cannot render the page.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", policy)
	w.WriteHeader(status)
	page.WriteTo(w) // an error means that the browser has disconnected
}

// serveFile serves a file of the pages.
func serveFile(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, files, strings.TrimPrefix(r.URL.Path, Prefix))
}
