package check

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"

	"starpunk/receiver/fetch"
)

// GuideStep is the heading of the quick start whose steps make a site public.
const GuideStep = "Put it on the web"

const guideStep = `"` + GuideStep + `" in the quick start`

// exampleHosts are the hosts that examples have, and a new site.
var exampleHosts = []string{"example.org", "example.com", "example.net"}

// reach checks that the address of the site leads to a web server which shows the
// site there, and not at another address.
func (c *checker) reach(ctx context.Context) ([]Finding, error) {
	if slices.Contains(exampleHosts, c.site.Hostname()) {
		return problem(fmt.Sprintf("The address of the site is still that of an example, %s.", c.cfg.URL),
			"Write the address of your own domain as url in starpunk.toml."), nil
	}
	if c.site.Scheme == "http" && !c.Dev {
		return problem(fmt.Sprintf("The address of the site, %s, is not HTTPS: apps can't sign in.", c.cfg.URL),
			"Write https:// in url in starpunk.toml. For a site on this machine use --dev."), nil
	}
	front, err := c.web.get(ctx, c.cfg.URL, "Accept", "text/html")
	if err != nil {
		return c.unreachable(c.site, err), nil
	}
	if to := front.location(); to != nil {
		return c.redirected(front, to), nil
	}
	switch {
	case front.Status == http.StatusUnauthorized:
		return proxyProblem(fmt.Sprintf("%s answers 401: it demands a password.", c.cfg.URL), "Remove the password: apps and readers can't enter it.",
			"remove the block: basic_auth", "remove the line: auth_basic …"), nil
	case front.Status == http.StatusOK && len(front.Body) == 0:
		return proxyProblem(fmt.Sprintf("The web server answers %s with nothing: it has no site of this name.", c.cfg.URL), "Configure the site under its name.",
			c.site.Host+" {", fmt.Sprintf("server_name %s;", c.site.Host)), nil
	}
	c.front = front
	return ok(fmt.Sprintf("A web server answers at %s.", c.cfg.URL)), nil
}

// unreachable returns the problem of an address to which no request can be sent. Most
// often a step of the installation is missing.
func (c *checker) unreachable(u *url.URL, err error) []Finding {
	host := u.Hostname()
	if address, refused := fetch.RefusedAddress(err); refused {
		return problem(fmt.Sprintf("The name %s resolves to %s on this machine, which is not a public address.", host, address),
			"Correct the name resolution (often a line of /etc/hosts), or run this check on another machine. "+
				"If the site is meant to be on a private network, set receiver.allow_private_network = true.")
	}
	if dns, isDNS := errors.AsType[*net.DNSError](err); isDNS {
		return dnsProblem(host, dns)
	}
	if findings := tlsProblem(host, err); findings != nil {
		return findings
	}
	if findings := connectProblem(u, err); findings != nil {
		return findings
	}
	return problem(fmt.Sprintf("%s can't be fetched: %s.", u, shorten(err.Error())), "See the log of the web server.")
}

func dnsProblem(host string, err *net.DNSError) []Finding {
	if !err.IsNotFound {
		return problem(fmt.Sprintf("The name %s can't be resolved: %v.", host, err),
			"Try again; if that fails, see the DNS servers of your domain and of this machine.")
	}
	return problem(fmt.Sprintf("The name %s has no address in the DNS.", host),
		fmt.Sprintf("Add an A record (and AAAA for IPv6) for %s with the address of your server, where you registered the domain; "+
			"it may take an hour to be seen. See %s.", host, guideStep))
}

// connectProblem returns the problem of a server that does not answer, or nil.
func connectProblem(u *url.URL, err error) []Finding {
	var network net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &network) && network.Timeout() ||
		errors.Is(err, syscall.EHOSTUNREACH) || errors.Is(err, syscall.ENETUNREACH) {
		return problem(fmt.Sprintf("The server of %s does not answer at port %s.", u.Hostname(), portOf(u)),
			fmt.Sprintf("Open the ports 80 and 443 in the firewall of the server and of its provider, and compare the address in the DNS "+
				"with that of the server. Some networks don't let a server reach its own public address: then run this check on another machine. See %s.", guideStep))
	}
	if op, isOp := errors.AsType[*net.OpError](err); isOp && op.Op == "dial" {
		return proxyProblem(fmt.Sprintf("No web server listens at %s, port %s.", u.Hostname(), portOf(u)),
			fmt.Sprintf("Start the web server; if it runs, it must listen on this port. See %s.", guideStep),
			"systemctl enable --now caddy", "systemctl enable --now nginx")
	}
	return nil
}

// tlsProblem returns the problem of a connection that is not secure, or nil.
func tlsProblem(host string, err error) []Finding {
	const certbot = "certbot --nginx -d "
	if errors.Is(err, http.ErrSchemeMismatch) {
		return proxyProblem(fmt.Sprintf("The web server of %s answers plain HTTP where it must use HTTPS.", host),
			"Switch HTTPS on.", host+" {", "listen 443 ssl;\nlisten [::]:443 ssl;")
	}
	if name, isName := errors.AsType[x509.HostnameError](err); isName {
		return proxyProblem(fmt.Sprintf("The certificate of the web server is not for %s, but for %s.", host, shorten(strings.Join(name.Certificate.DNSNames, ", "))),
			"Give the web server a certificate for this name.", host+" {", certbot+host)
	}
	if invalid, isInvalid := errors.AsType[x509.CertificateInvalidError](err); isInvalid && invalid.Reason == x509.Expired {
		return proxyProblem(fmt.Sprintf("The certificate of %s is valid from %s to %s, and not now.", host, day(invalid.Cert.NotBefore), day(invalid.Cert.NotAfter)),
			"Renew it; if it is new, correct the clock of this machine. The log of the web server has the reason why it was not renewed.",
			"journalctl -u caddy --grep certificate", "certbot renew")
	}
	if _, isUnknown := errors.AsType[x509.UnknownAuthorityError](err); isUnknown {
		return proxyProblem(fmt.Sprintf("The certificate of %s is not signed by an authority that browsers and apps trust, or its chain is incomplete.", host),
			"Use a certificate of a public authority, with its whole chain.",
			`remove "tls internal" from `+host+" {", fmt.Sprintf("ssl_certificate /etc/letsencrypt/live/%s/fullchain.pem;", host))
	}
	if strings.Contains(err.Error(), "tls: ") { // the alert of a server has no type of its own
		return proxyProblem(fmt.Sprintf("No secure connection to %s is possible: %s.", host, shorten(err.Error())),
			"Give the web server a certificate for this name. If it gets one automatically, its log has the reason why it has none.", host+" {", certbot+host)
	}
	return nil
}

// redirected returns the problem of a front page that redirects to another address.
func (c *checker) redirected(front *response, to *url.URL) []Finding {
	text := fmt.Sprintf("%s answers %d and redirects to %s.", c.cfg.URL, front.Status, shorten(to.Redacted()))
	if to.Scheme == "http" || to.String() == c.cfg.URL {
		return proxyProblem(text, "Remove the redirect from the server for HTTPS; only plain HTTP may redirect.",
			"remove the line: redir …", "remove the line: return "+fmt.Sprint(front.Status)+" …")
	}
	target := (&url.URL{Scheme: to.Scheme, Host: to.Host, Path: "/"}).String()
	if to.Host == c.site.Host {
		return proxyProblem(text, "The address of the site must show its front page: remove the redirect.",
			"remove the line: redir …", "remove the line: return "+fmt.Sprint(front.Status)+" …")
	}
	return proxyProblem(text, fmt.Sprintf("Use one address everywhere: write url = %q in starpunk.toml, or redirect from there to %s.", target, c.cfg.URL),
		fmt.Sprintf("%s {\n\tredir %s{uri} permanent\n}", to.Host, strings.TrimSuffix(c.cfg.URL, "/")),
		fmt.Sprintf("server_name %s;\nreturn 301 %s$request_uri;", to.Hostname(), strings.TrimSuffix(c.cfg.URL, "/")))
}

// redirectFromHTTP checks that plain HTTP leads to HTTPS, for readers who type the
// name only. The port of HTTP is unknown if the address of the site has a port.
func (c *checker) redirectFromHTTP(ctx context.Context) ([]Finding, error) {
	if c.site.Scheme != "https" || c.site.Port() != "" {
		return nil, nil
	}
	plain := *c.site
	plain.Scheme = "http"
	const remedy = "Let plain HTTP redirect to HTTPS."
	caddy := fmt.Sprintf("%s {", c.site.Host) // Caddy redirects by itself
	nginx := fmt.Sprintf("server {\n\tlisten 80;\n\tlisten [::]:80;\n\tserver_name %s;\n\treturn 301 https://%s$request_uri;\n}", c.site.Host, c.site.Host)
	resp, err := c.web.get(ctx, plain.String())
	if err != nil {
		return proxyProblem(fmt.Sprintf("Plain HTTP at %s, port 80, does not answer: %s.", c.site.Host, shorten(err.Error())),
			"Open port 80 and let it redirect to HTTPS: readers who type the name only need it, and so do most certificates.", caddy, nginx), nil
	}
	to := resp.location()
	if to != nil && to.Scheme == "https" {
		return ok(fmt.Sprintf("%s redirects to HTTPS.", &plain)), nil
	}
	return proxyProblem(fmt.Sprintf("%s answers %d, and does not redirect to HTTPS.", &plain, resp.Status), remedy, caddy, nginx), nil
}

func portOf(u *url.URL) string {
	if port := u.Port(); port != "" {
		return port
	}
	return map[string]string{"http": "80"}[u.Scheme] + map[string]string{"https": "443"}[u.Scheme]
}
