//go:build unix

package check_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"starpunk/cmd/starpunk/internal/check"
	"starpunk/cmd/starpunk/internal/deploytest"
)

// A setup is a site behind a web server whose configuration is that of docs/deploy,
// with changes.
type setup struct {
	rule         string
	caddy, nginx []string // pairs of old and new texts of the server for HTTPS; nil: not with that program
	plain        []string // the same for the server for plain HTTP
	certificate  string   // "ada.example" if empty
	change       func(*setting)

	check, text, remedy string // of the only problem; empty if there is none
	hint                string // in the text or the remedy of a hint
}

// A setting is the part of a setup that is not a configuration of a web server.
type setting struct {
	options  *check.Options
	network  *network
	provider otherProvider
	links    string // the name of the site with other links
	after    string // build.after
}

// unchanged keeps a configuration as it is, and a setup for this program.
var unchanged = []string{}

const (
	caddyForward = "@micropub path /micropub /micropub/media\n"
	caddyFiles   = "error @gone 410\n\n\t\tfile_server"
	caddyFirst   = "encode zstd gzip"
	caddyHidden  = "@hidden {"
	caddyBody    = "request_body {"
	nginxForward = `location ~ ^/micropub(/media)?$ {`
	nginxFiles   = "try_files $uri $uri/ =404;\n\t}"
	nginxFirst   = "server_tokens off;"
)

// setups are the ways in which a public site fails, and some in which it does not.
var setups = []setup{
	{rule: "a healthy site", caddy: unchanged, nginx: unchanged},
	{rule: "a site whose provider has metadata alone", caddy: []string{"root * OUTPUT", "root * METADATA"}, nginx: []string{"root OUTPUT;", "root METADATA;"},
		change: func(s *setting) { s.links = "metadata" },
		hint:   `Add authorization_endpoint = "https://auth.example/auth"`},

	{rule: "StarPunk is the provider", caddy: []string{"root * OUTPUT", "root * PROVIDER"}, nginx: []string{"root OUTPUT;", "root PROVIDER;"},
		change: func(s *setting) { s.links = "provider" }, hint: "starpunk provider link"},
	{rule: "the provider is not forwarded", caddy: []string{"root * OUTPUT", "root * PROVIDER", "@provider path /auth/*", "@provider path /nothing/*"},
		nginx:  []string{"root OUTPUT;", "root PROVIDER;", "location ~ ^/(auth/|", "location ~ ^/(nothing/|"},
		change: func(s *setting) { s.links = "provider" },
		check:  "provider", text: "/auth/userinfo answers 404", remedy: "@provider path /auth/* /.well-known/oauth-authorization-server|location ~ ^/(auth/|"},
	{rule: "the provider is not forwarded under the name of the site", caddy: []string{"root * OUTPUT", "root * PROVIDER", "reverse_proxy BACKEND", "reverse_proxy BACKEND {\n\theader_up Host {upstream_hostport}\n}"},
		nginx:  []string{"root OUTPUT;", "root PROVIDER;", "proxy_set_header Host $host;", ""},
		change: func(s *setting) { s.links = "provider" },
		check:  "provider", text: "answers 421. The web server passes another name of the site", remedy: "remove the line: header_up Host|proxy_set_header Host $host;"},
	{rule: "a web server that forwards everything", caddy: []string{"import starpunk_headers\n\n\t\t# Pages", "reverse_proxy BACKEND\n\t\t# Pages"},
		nginx: []string{"location / {", "location / { proxy_pass http://BACKEND;"}},
	{rule: "no provider", caddy: []string{"root * OUTPUT", "root * NONE"}, nginx: []string{"root OUTPUT;", "root NONE;"}, change: func(s *setting) { s.links = "none" },
		check: "discovery", remedy: "Your site names no IndieAuth provider."},
	{rule: "a provider without its authorization endpoint", caddy: unchanged, nginx: unchanged,
		change: func(s *setting) { s.provider.authorization = http.StatusNotFound },
		check:  "sign-in", text: "The authorization endpoint https://auth.example/auth answers 404", remedy: "Correct its address"},
	{rule: "a provider with an error", caddy: unchanged, change: func(s *setting) { s.provider.introspection = http.StatusInternalServerError },
		check: "endpoint", remedy: "The server of your provider answers 500"},

	{rule: "no forwarding of the endpoints", caddy: []string{caddyForward, "@micropub path /nothing\n"}, nginx: []string{nginxForward, "location = /nothing {"},
		check: "micropub", text: "answers 404. The web server does not pass the request on", remedy: "reverse_proxy BACKEND|proxy_pass http://BACKEND;"},
	{rule: "pages for every address, also for the endpoints",
		caddy: []string{caddyForward, "@micropub path /nothing\n", caddyFiles, "error @gone 410\n\t\ttry_files {path} {path}/ /index.html\n\t\tfile_server"},
		nginx: []string{nginxForward, "location = /nothing {", nginxFiles, "try_files $uri $uri/ /index.html;\n\t}"},
		check: "micropub", text: "answers 200. That is a page, not the answer of StarPunk", remedy: "reverse_proxy BACKEND|proxy_pass http://BACKEND;"},
	{rule: "the media endpoint is not forwarded", caddy: []string{caddyForward, "@micropub path /micropub\n"}, nginx: []string{nginxForward, "location = /micropub {"},
		check: "media", text: "/micropub/media answers 404", remedy: "@micropub path /micropub /micropub/media|location ~ ^/micropub(/media)?$ {"},
	{rule: "a redirect to an address with a slash", caddy: []string{caddyFirst, "redir /micropub /micropub/ permanent"},
		nginx: []string{nginxFirst, "rewrite ^/micropub$ /micropub/ permanent;"},
		check: "micropub", text: "redirects to https://ada.example/micropub/: apps lose a post", remedy: "Pass this address on to StarPunk as it is"},
	{rule: "a password for the endpoints", caddy: []string{caddyForward, caddyForward + password}, nginx: []string{nginxForward, nginxForward + "auth_basic x; auth_basic_user_file /dev/null;"},
		check: "micropub", text: "The web server demands a password", remedy: "remove the block: basic_auth|auth_basic off;"},
	{rule: "the method OPTIONS is refused", caddy: []string{caddyBody, "@options method OPTIONS\nerror @options 405\n" + caddyBody},
		nginx: []string{nginxForward, nginxForward + "if ($request_method = OPTIONS) { return 405; }"},
		check: "web apps", text: "answers 405 to the method OPTIONS", remedy: "limit_except"},
	{rule: "the header for web apps is sent twice", caddy: []string{caddyBody, "header +Access-Control-Allow-Origin *\n" + caddyBody},
		nginx: []string{nginxForward, nginxForward + "add_header Access-Control-Allow-Origin * always;"},
		check: "web apps", text: `is ["*" "*"] instead of "*"`, remedy: "Leave this header to StarPunk"},
	{rule: "queries pass, posts do not", caddy: []string{caddyBody, "@post method POST\nerror @post 403\n" + caddyBody},
		nginx: []string{nginxForward, nginxForward + "if ($request_method = POST) { return 403; }"},
		check: "authorization", text: "a POST is answered with 403 by the web server", remedy: "limit_except"},
	{rule: "the endpoints are forbidden", caddy: []string{caddyBody, "error 403\n" + caddyBody}, nginx: []string{nginxForward, nginxForward + "deny all;"},
		check: "micropub", text: "answers 403. The web server refuses the request", remedy: "remove the rule"},
	{rule: "the header with the token is dropped", caddy: []string{"reverse_proxy BACKEND", "reverse_proxy BACKEND {\n\theader_up -Authorization\n}"},
		nginx: []string{"proxy_http_version 1.1;", `proxy_http_version 1.1; proxy_set_header Authorization "";`},
		check: "authorization", text: "drops the Authorization header", remedy: "header_up -Authorization|proxy_set_header Authorization $http_authorization;"},
	{rule: "the wrong port", caddy: []string{"reverse_proxy BACKEND", "reverse_proxy 127.0.0.1:1"}, nginx: []string{"proxy_pass http://BACKEND;", "proxy_pass http://127.0.0.1:1;"},
		check: "micropub", text: "StarPunk runs at BACKEND, but the web server does not reach it there", remedy: "reverse_proxy BACKEND|proxy_pass http://BACKEND;"},
	{rule: "StarPunk is stopped", caddy: []string{"reverse_proxy BACKEND", "reverse_proxy 127.0.0.1:1"}, nginx: []string{"proxy_pass http://BACKEND;", "proxy_pass http://127.0.0.1:1;"},
		change: func(s *setting) { s.options.Health = func(context.Context) error { return errStopped } },
		check:  "micropub", text: "gets no answer from StarPunk", remedy: "systemctl enable --now starpunk"},
	{rule: "uploads are too large for the web server", caddy: []string{"max_size 101MiB", "max_size 1MiB"}, nginx: []string{"client_max_body_size 101m;", ""},
		check: "upload size", text: "ends an upload of 2105344 bytes, which receiver.max_upload allows, with", remedy: "max_size 3MiB|client_max_body_size 3m;"},
	{rule: "nginx collects uploads before it forwards them", nginx: []string{"proxy_request_buffering off;", ""}},

	{rule: "an old copy of the output folder", caddy: []string{"root * OUTPUT", "root * OLD"}, nginx: []string{"root OUTPUT;", "root OLD;"},
		check: "newest build", text: "serves another folder, or a copy", remedy: "root * OUTPUT|root OUTPUT;"},
	{rule: "a host to which build.after sends the site", caddy: []string{"root * OUTPUT", "root * OLD"}, change: func(s *setting) { s.after = "rsync" },
		check: "newest build", remedy: "The command of build.after sends the site"},
	{rule: "the wrong folder", caddy: []string{"root * OUTPUT", "root * EMPTY"}, nginx: []string{"root OUTPUT;", "root EMPTY;"},
		check: "front page", text: "https://ada.example/ answers", remedy: "root * OUTPUT|root OUTPUT;"},
	{rule: "a cache with an old front page", nginx: []string{nginxFirst, `set $cached OUTPUT; if ($args = "") { set $cached OLD; } location = / { root $cached; try_files /index.html =404; }`},
		caddy: []string{caddyFirst, "@cached {\n\tpath /\n\texpression {query} == \"\"\n}\nroot @cached OLD"},
		check: "newest build", text: "A cache in front of the web server", remedy: `header ?Cache-Control "no-cache"|add_header Cache-Control "no-cache" always;`},
	{rule: "pages that are changed on their way", nginx: []string{nginxFirst, `sub_filter "</head>" "<meta></head>";`}, hint: "is changed on its way"},
	{rule: "a page for everything that is not HTML", caddy: []string{"header ?Cache-Control", "header Content-Type text/plain\nheader ?Cache-Control"}, nginx: []string{nginxFirst, "types { } default_type text/plain;"},
		check: "front page", text: `is sent as "text/plain`, remedy: "include /etc/nginx/mime.types;"},
	{rule: "a password for the site", caddy: []string{caddyFirst, strings.ReplaceAll(password, "@micropub", "*")}, nginx: []string{nginxFirst, "auth_basic x; auth_basic_user_file /dev/null;"},
		check: "site", text: "it demands a password", remedy: "remove the block: basic_auth|remove the line: auth_basic"},
	{rule: "an error of the web server", caddy: []string{caddyHidden, "error 500\n" + caddyHidden}, nginx: []string{"location / {", "location / { return 500;"},
		check: "front page", text: "answers 500", remedy: "See the log of the web server"},
	{rule: "the whole site is forwarded to a wrong port", caddy: []string{"import starpunk_headers\n\n\t\t# Pages", "reverse_proxy 127.0.0.1:1\n\t\t# Pages"}, nginx: []string{"location / {", "location / { proxy_pass http://127.0.0.1:1;"},
		check: "front page", text: "StarPunk runs at BACKEND, but the web server does not reach it there", remedy: "reverse_proxy BACKEND"},
	{rule: "feeds without their types", caddy: []string{`@rss Content-Type "application/rss+xml; charset=utf-8"`, "@rss Content-Type text/plain"}, nginx: []string{"default_type application/rss+xml;", "default_type text/plain;"},
		check: "feeds", text: `/feed.xml is sent as "text/plain`, remedy: "header /feed.xml Content-Type application/rss+xml|location = /feed.xml { types { } default_type application/rss+xml; }"},
	{rule: "feeds are hidden", caddy: []string{caddyHidden, "@xml path *.xml\nerror @xml 404\n" + caddyHidden}, nginx: []string{`location ~ /feed\.xml$ {`, `location ~ /feed\.xml$ { return 404;`},
		check: "feeds", text: "/feed.xml answers 404", remedy: "Serve the whole output folder"},
	{rule: "deleted notes without their status", caddy: []string{"error @gone 410", ""}, nginx: []string{"return 410;", "break;"},
		check: "deleted notes", text: "https://ada.example/2026/05/deleted/ answers 40", remedy: "error @gone 410|return 410;"},
	{rule: "former addresses without their status", caddy: []string{"redir @moved {moved_to} permanent", ""}, nginx: []string{"return 301 $starpunk_moved;", "break;"},
		check: "redirects", text: "https://ada.example/old/place/ answers 200 instead of 301", remedy: "redir @moved {moved_to} permanent|return 301 $starpunk_moved;"},
	{rule: "a host that only accepts files", caddy: []string{"redir @moved {moved_to} permanent", ""}, change: func(s *setting) { s.after = "rsync" },
		hint: "answers 200 instead of 301"},

	{rule: "a redirect to another host", caddy: []string{caddyFirst, "redir https://www.ada.example{uri} permanent"}, nginx: []string{nginxFirst, "return 301 https://www.ada.example$request_uri;"},
		check: "site", text: "redirects to https://www.ada.example/", remedy: `url = "https://www.ada.example/"|redir https://ada.example{uri} permanent|return 301 https://ada.example$request_uri;`},
	{rule: "a redirect back to plain HTTP", caddy: []string{caddyFirst, "redir http://ada.example{uri}"}, nginx: []string{nginxFirst, "return 302 http://ada.example$request_uri;"},
		check: "site", text: "redirects to http://ada.example/", remedy: "Remove the redirect"},
	{rule: "a front page at another path", caddy: []string{caddyFirst, "redir / /blog/"}, nginx: []string{nginxFirst, "rewrite ^/$ /blog/ redirect;"},
		check: "site", text: "redirects to https://ada.example/blog/", remedy: "must show its front page"},
	{rule: "plain HTTP without a redirect", caddy: unchanged, nginx: unchanged,
		plain: []string{"redir https://ada.example{uri} permanent", "respond hello", "return 301 https://ada.example$request_uri;", "return 200 hello;"},
		check: "http", text: "http://ada.example/ answers 200, and does not redirect", remedy: "ada.example {|return 301 https://ada.example$request_uri;"},
	{rule: "plain HTTP does not answer", caddy: unchanged, nginx: unchanged, change: func(s *setting) { s.network.fail = refused("ada.example:80") },
		check: "http", text: "port 80, does not answer", remedy: "Open port 80"},
	{rule: "a wrong clock of the server", caddy: []string{caddyFirst, `header Date "Tue, 01 Jan 2030 00:00:00 GMT"`},
		check: "clock", text: "The clock of the web server is", remedy: "timedatectl set-ntp true"},
	{rule: "a wrong clock of this machine", caddy: unchanged, nginx: unchanged, change: func(s *setting) {
		s.options.Now = func() time.Time { return time.Now().Add(-time.Hour) }
	},
		check: "clock", text: "The clock of this machine is", remedy: "timedatectl set-ntp true"},
	{rule: "a wrong clock of the provider", caddy: unchanged, change: func(s *setting) { s.provider.clock = "Tue, 01 Jan 2030 00:00:00 GMT" },
		hint: "The clock of the provider is"},

	{rule: "a certificate for another name", caddy: unchanged, nginx: unchanged, certificate: "other.example",
		check: "site", text: "is not for ada.example, but for other.example", remedy: "ada.example {|certbot --nginx -d ada.example"},
	{rule: "an expired certificate", caddy: unchanged, nginx: unchanged, certificate: "expired/ada.example",
		check: "site", text: "is valid from", remedy: "certbot renew"},
	{rule: "a certificate of an unknown authority", caddy: unchanged, nginx: unchanged, certificate: "unknown",
		check: "site", text: "is not signed by an authority", remedy: `remove "tls internal"|fullchain.pem`},
	{rule: "a web server without a site of this name", caddy: []string{"https://ada.example {", "https://other.example {"}, nginx: []string{nginxFirst, "return 200;"},
		check: "site", text: "it has no site of this name", remedy: "ada.example {|server_name ada.example;"},
	{rule: "no certificate for this name", nginx: []string{nginxFirst, "ssl_reject_handshake on;"},
		check: "site", text: "No secure connection to ada.example is possible", remedy: "its log has the reason"},
	{rule: "no HTTPS", nginx: []string{" ssl http2;", ";"},
		check: "site", text: "answers plain HTTP where it must use HTTPS", remedy: "listen 443 ssl;"},

	{rule: "a name without an address", caddy: unchanged, change: func(s *setting) { delete(s.network.places, "ada.example:443") },
		check: "site", text: "The name ada.example has no address in the DNS", remedy: `"Put it on the web" in the quick start`},
	{rule: "a name that can't be resolved", caddy: unchanged, change: func(s *setting) {
		s.network.fail = map[string]error{"ada.example:443": &net.DNSError{Err: "server misbehaving", Name: "ada.example", IsTemporary: true}}
	}, check: "site", text: "can't be resolved", remedy: "the DNS servers of your domain"},
	{rule: "no web server", caddy: unchanged, change: func(s *setting) { s.network.fail = refused("ada.example:443") },
		check: "site", text: "No web server listens at ada.example, port 443", remedy: "Start the web server|systemctl enable --now nginx"},
	{rule: "a firewall", caddy: unchanged, change: func(s *setting) {
		s.network.fail = map[string]error{"ada.example:443": &net.OpError{Op: "dial", Net: "tcp", Err: os.ErrDeadlineExceeded}}
	}, check: "site", text: "does not answer at port 443", remedy: "Open the ports 80 and 443"},
}

// password demands a password for the requests of a matcher.
const password = "basicauth @micropub {\n\tada $2a$14$Zkx19XLiW6VYouLHR5NmfOFU0z2GTNmpkT/5qqR7hx4IjWJPDhjvG\n}\n"

// refused returns the failure of a connection to a port without a server.
func refused(address string) map[string]error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return map[string]error{address: err}
	}
	_ = l.Close()
	_, err = net.Dial("tcp", l.Addr().String())
	return map[string]error{address: err}
}

// caddyMain is the beginning of a Caddyfile for sockets.
const caddyMain = "{\n\tadmin off\n\tauto_https off\n\tlog {\n\t\tlevel ERROR\n\t}\n\tservers {\n\t\tprotocols h1 h2\n\t}\n}\n"

func TestTheCauseOfEachProblemIsNamedBehindCaddy(t *testing.T) {
	t.Parallel()
	deploytest.Needs(t, "caddy")
	w := newWorld(t)
	whole := w.configuration("Caddyfile", "ada.example {", "ada.example {")
	snippets, server, _ := strings.Cut(whole, "\nada.example {")
	var b strings.Builder
	b.WriteString(caddyMain + snippets)
	var sockets []string
	for i, s := range setups {
		if s.caddy == nil {
			continue
		}
		secure, plain := w.sockets(i)
		sockets = append(sockets, secure, plain)
		head := fmt.Sprintf("\nhttps://ada.example {\n\tbind unix/%s\n\ttls %s %s", secure, w.path(s.named()+".pem"), w.path(s.named()+".key"))
		b.WriteString(w.replace(head+server, s.caddy))
		b.WriteString(w.replace(fmt.Sprintf("\nhttp://ada.example {\n\tbind unix/%s\n\tredir https://ada.example{uri} permanent\n}\n", plain), s.plain[:min(2, len(s.plain))]))
	}
	config := w.write("Caddyfile", b.String())
	w.run(sockets, "caddy", "run", "--adapter", "caddyfile", "--config", config)
	w.examine(func(s setup) bool { return s.caddy != nil })
}

func TestTheCauseOfEachProblemIsNamedBehindNginx(t *testing.T) {
	t.Parallel()
	deploytest.Needs(t, "nginx")
	w := newWorld(t)
	whole := w.configuration("nginx.conf", "\tlisten [::]:80;\n", "", "\tlisten [::]:443 ssl http2;\n", "")
	maps, servers, _ := strings.Cut(whole, "\nserver {")
	plainServer, server, _ := strings.Cut(servers, "\nserver {")
	var b strings.Builder
	b.WriteString(maps)
	var sockets []string
	for i, s := range setups {
		if s.nginx == nil {
			continue
		}
		secure, plain := w.sockets(i)
		sockets = append(sockets, secure, plain)
		text := w.replace(server, s.nginx)
		b.WriteString("\nserver {" + deploytest.Replace(t, text, "listen 443", "listen unix:"+secure,
			"/etc/letsencrypt/live/ada.example/fullchain.pem", w.path(s.named()+".pem"), "/etc/letsencrypt/live/ada.example/privkey.pem", w.path(s.named()+".key")))
		b.WriteString("\nserver {" + deploytest.Replace(t, w.replace(plainServer, s.plain[min(2, len(s.plain)):]), "listen 80", "listen unix:"+plain))
	}
	config := w.write("nginx.conf", deploytest.NginxMain(w.dir, b.String()))
	w.run(sockets, "nginx", "-e", "stderr", "-c", config)
	w.examine(func(s setup) bool { return s.nginx != nil })
}

// A configuration of a few lines becomes healthy with the lines of the remedies, for a
// site whose provider is StarPunk itself.
func TestTheLinesOfTheRemediesCorrectASiteBehindCaddy(t *testing.T) {
	t.Parallel()
	deploytest.Needs(t, "caddy")
	w := newWorld(t)
	w.correct(func(f check.Finding) string { return f.Caddy }, func(lines []string) (secure, plain string) {
		secure, plain = w.sockets(len(lines))
		config := w.write("Caddyfile", fmt.Sprintf("%s\nhttps://ada.example {\n\tbind unix/%s\n\ttls %s %s\n\troot * %s\n\tfile_server\n%s\n}\nhttp://ada.example {\n\tbind unix/%s\n\tredir https://ada.example{uri}\n}\n",
			caddyMain, secure, w.path("ada.example.pem"), w.path("ada.example.key"), w.sites["provider"].Build.Output, strings.Join(lines, "\n"), plain))
		w.run([]string{secure, plain}, "caddy", "run", "--adapter", "caddyfile", "--config", config)
		return secure, plain
	})
}

func TestTheLinesOfTheRemediesCorrectASiteBehindNginx(t *testing.T) {
	t.Parallel()
	deploytest.Needs(t, "nginx")
	w := newWorld(t)
	w.correct(func(f check.Finding) string { return f.Nginx }, func(lines []string) (secure, plain string) {
		secure, plain = w.sockets(len(lines))
		before, in := "", ""
		for _, text := range lines {
			if outer, inner, two := strings.Cut(text, "# in the server block:\n"); two {
				before, text = before+outer+"\n", inner
			}
			in += text + "\n"
		}
		servers := fmt.Sprintf("%sserver {\nlisten unix:%s ssl;\nserver_name ada.example;\nssl_certificate %s;\nssl_certificate_key %s;\nroot %s;\nindex index.html;\n%s}\nserver {\nlisten unix:%s;\nserver_name ada.example;\nreturn 301 https://ada.example$request_uri;\n}\n",
			before, secure, w.path("ada.example.pem"), w.path("ada.example.key"), w.sites["provider"].Build.Output, in, plain)
		w.run([]string{secure, plain}, "nginx", "-e", "stderr", "-c", w.write(fmt.Sprintf("nginx%d.conf", len(lines)), deploytest.NginxMain(w.dir, servers)))
		return secure, plain
	})
}

// correct runs the checks, adds the lines of all remedies to the configuration, and does
// so again, until no problem is left. serve starts a web server with some lines.
func (w *world) correct(of func(check.Finding) string, serve func(lines []string) (secure, plain string)) {
	w.t.Helper()
	auth := w.serveTLS("auth.example", healthyProvider)
	var lines []string
	for range 5 {
		secure, plain := serve(lines)
		o := w.options(w.network(map[string]string{"ada.example:443": secure, "ada.example:80": plain, "auth.example:443": auth}))
		o.Config = w.sites["provider"]
		report, err := check.Run(w.t.Context(), o)
		if err != nil {
			w.t.Fatal(err)
		}
		if report.Problems == 0 && len(lines) >= 4 {
			return
		}
		w.t.Logf("with %d remedies:\n%s", len(lines), list(report))
		for _, f := range report.Findings {
			if f.Level == check.Problem {
				lines = append(lines, of(f))
			}
		}
	}
	w.t.Error("problems are left")
}

func (s setup) named() string {
	if s.certificate == "" {
		return "ada.example"
	}
	return s.certificate
}

func (w *world) sockets(i int) (secure, plain string) {
	return w.path(fmt.Sprintf("s%d", i)), w.path(fmt.Sprintf("p%d", i))
}

// configuration returns a file of docs/deploy for the site of the world.
func (w *world) configuration(name string, replace ...string) string {
	w.t.Helper()
	return deploytest.Configuration(w.t, "../../../..", name, append(replace, "/srv/starpunk/ada.example", w.cfg.Root, "127.0.0.1:8080", w.receiver)...)
}

// replace changes a configuration, in which some words of the changes are names.
func (w *world) replace(text string, changes []string) string {
	w.t.Helper()
	named := make([]string, len(changes))
	for i, s := range changes {
		named[i] = w.names(s)
	}
	return deploytest.Replace(w.t, text, named...)
}

func (w *world) names(s string) string {
	return strings.NewReplacer("OUTPUT", w.cfg.Build.Output, "METADATA", w.sites["metadata"].Build.Output, "NONE", w.sites["none"].Build.Output, "PROVIDER", w.sites["provider"].Build.Output, "OLD", w.old, "EMPTY", w.empty, "BACKEND", w.receiver).Replace(s)
}

// examine runs the checks for each setup.
func (w *world) examine(of func(setup) bool) {
	auth := map[otherProvider]string{}
	for i, s := range setups {
		if !of(s) {
			continue
		}
		secure, plain := w.sockets(i)
		n := w.network(map[string]string{"ada.example:443": secure, "ada.example:80": plain})
		o := w.options(n)
		state := &setting{options: &o, network: n, provider: healthyProvider}
		if s.change != nil {
			s.change(state)
		}
		cfg := *w.sites[state.links]
		cfg.Build.After = state.after
		o.Config = &cfg
		if auth[state.provider] == "" {
			auth[state.provider] = w.serveTLS("auth.example", state.provider)
		}
		n.places["auth.example:443"] = auth[state.provider]
		w.t.Run(s.rule, func(t *testing.T) {
			t.Parallel()
			report, err := check.Run(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			s.compare(t, w, report)
		})
	}
}

// compare compares a report with the only problem or hint of a setup.
func (s setup) compare(t *testing.T, w *world, report *check.Report) {
	t.Helper()
	want := map[string]int{}
	if s.check != "" {
		want["problems"] = 1
	}
	if s.hint != "" {
		want["hints"] = 1
	}
	if report.Problems != want["problems"] || report.Hints != want["hints"] {
		t.Errorf("%d problems and %d hints, want %d and %d:\n%s", report.Problems, report.Hints, want["problems"], want["hints"], list(report))
	}
	for _, f := range report.Findings {
		remedy := f.Remedy + "\n" + f.Caddy + "\n" + f.Nginx
		switch f.Level {
		case check.Hint:
			if !strings.Contains(f.Text+remedy, s.hint) {
				t.Errorf("a hint %+v, want %q", f, s.hint)
			}
		case check.Problem:
			if f.Check != s.check || !strings.Contains(f.Text, w.names(s.text)) {
				t.Errorf("the problem of %q is %q, want that of %q with %q", f.Check, f.Text, s.check, w.names(s.text))
			}
			for part := range strings.SplitSeq(w.names(s.remedy), "|") {
				if !strings.Contains(remedy, part) {
					t.Errorf("the remedy has no %q:\n%s", part, remedy)
				}
			}
		}
	}
}

func list(report *check.Report) string {
	var b strings.Builder
	for _, f := range report.Findings {
		fmt.Fprintf(&b, "%-8s %s: %s\n", f.Level, f.Check, f.Text)
	}
	return b.String()
}
