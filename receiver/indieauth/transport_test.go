package indieauth_test

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"starpunk/receiver/indieauth"
)

func TestNamesWithAddressesThatAreNotPublic(t *testing.T) {
	t.Parallel()
	addresses := map[string]string{
		"this machine":                    "127.0.0.1",
		"this machine by another address": "127.8.9.10",
		"this machine in IPv6":            "::1",
		"a private network":               "10.0.0.5",
		"a home network":                  "192.168.1.1",
		"a private network, 172":          "172.16.0.1",
		"the link-local network":          "169.254.169.254",
		"the link-local network in IPv6":  "fe80::1",
		"a private network in IPv6":       "fd00::1",
		"a carrier's network":             "100.64.0.1",
		"the unspecified address":         "0.0.0.0",
		"the unspecified address in IPv6": "::",
		"multicast":                       "224.0.0.1",
		"broadcast":                       "255.255.255.255",
		"documentation":                   "192.0.2.1",
		"this machine by way of NAT64":    "64:ff9b::7f00:1",
	}
	for rule, address := range addresses {
		t.Run(rule, func(t *testing.T) {
			v := newProduction(t, indieauth.Options{Me: owner, Resolver: resolver(address)})
			_, err := verify(t, v, "T")
			wantKind(t, err, indieauth.Unsafe)
			for _, part := range []string{"owner.example resolves to " + address, "name resolution", "receiver.allow_private_network = true"} {
				if !strings.Contains(err.Message, part) {
					t.Errorf("message %q, want it to have %q", err.Message, part)
				}
			}
			if n := v.Counters().Violations["address"]; n != 1 {
				t.Errorf("%d violations counted, want 1", n)
			}
		})
	}
}

func TestLiteralAddressesThatAreNotPublic(t *testing.T) {
	t.Parallel()
	for _, me := range []string{"https://127.0.0.1/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://10.0.0.1:8443/"} {
		t.Run(me, func(t *testing.T) {
			_, err := verify(t, newProduction(t, indieauth.Options{Me: me}), "T")
			wantKind(t, err, indieauth.Unsafe)
		})
	}
}

// newProduction returns a Verifier with the transport of production.
func newProduction(t *testing.T, o indieauth.Options) *indieauth.Verifier {
	t.Helper()
	w := newWorld(t)
	o.Transport = indieauth.NewTransport(o)
	return w.verifier(o)
}

// A split sends the requests for some hosts to the test server and all others
// through the transport of production.
type split struct {
	world, production http.RoundTripper
}

func (s split) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Hostname(), "owner.example") {
		return s.world.RoundTrip(r)
	}
	return s.production.RoundTrip(r)
}

func TestPublicPagesThatPointToPrivateHosts(t *testing.T) {
	t.Parallel()
	redirect := func(to string) http.HandlerFunc {
		return func(rw http.ResponseWriter, r *http.Request) { http.Redirect(rw, r, to, http.StatusFound) }
	}
	pages := map[string]http.HandlerFunc{
		"a redirect to this machine":                  redirect("https://127.0.0.1/"),
		"a redirect to a name of a private host":      redirect("https://inside.example/"),
		"a token endpoint on a private host":          text("text/html", `<link rel="token_endpoint" href="https://inside.example/token">`),
		"metadata on a private host":                  text("text/html", tokenLink+`<link rel="indieauth-metadata" href="https://inside.example/">`),
		"metadata with an endpoint on a private host": text("text/html", `<link rel="indieauth-metadata" href="/meta">`),
	}
	for rule, page := range pages {
		t.Run(rule, func(t *testing.T) {
			w := newWorld(t)
			w.handle(owner, page)
			w.handle("https://owner.example/meta", text("application/json",
				`{"issuer":"https://owner.example/","introspection_endpoint":"https://inside.example/introspect"}`))
			production := indieauth.NewTransport(indieauth.Options{Resolver: resolver("10.1.2.3")})
			v := w.verifier(indieauth.Options{Transport: split{w.Transport, production}})
			_, err := verify(t, v, "T")
			wantKind(t, err, indieauth.Unsafe)
		})
	}
}

func TestPrivateNetworksCanBeAllowed(t *testing.T) {
	t.Parallel()
	server := newWorld(t)
	server.handle("https://owner.example/", text("text/html", tokenLink))
	port := server.port(t)
	me := "https://owner.example:" + port + "/"
	v := newProduction(t, indieauth.Options{Me: me, Resolver: resolver("127.0.0.1"), AllowPrivateNetwork: true})
	_, err := verify(t, v, "T")
	// The address is dialled. The failure proves that the certificate is checked:
	// this machine does not trust the authority of the test.
	wantKind(t, err, indieauth.Unreachable)
	if n := v.Counters().Violations; n["tls"] != 1 || n["address"] != 0 {
		t.Errorf("violations %v, want one of tls and none of address", n)
	}
}

func (w *world) port(t *testing.T) string {
	t.Helper()
	conn, err := w.Transport.DialContext(t.Context(), "tcp", "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, port, err := net.SplitHostPort(conn.RemoteAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func TestServersThatRefuseAConnection(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.handle(owner, text("text/html", tokenLink))
	untrusted := &http.Transport{DialContext: w.Transport.DialContext}
	cases := []struct {
		rule       string
		transport  http.RoundTripper
		violations uint64
	}{
		{"a certificate of an unknown authority", untrusted, 1},
		{"a refused connection", dialling(&net.OpError{Op: "dial", Err: io.ErrClosedPipe}), 0},
		{"a name that does not exist", dialling(&net.DNSError{Err: "no such host", Name: "owner.example", IsNotFound: true}), 0},
	}
	for _, c := range cases {
		t.Run(c.rule, func(t *testing.T) {
			v := w.verifier(indieauth.Options{Transport: c.transport})
			_, err := verify(t, v, "T")
			wantKind(t, err, indieauth.Unreachable)
			if want := "Cannot connect to authorization server."; err.Message != want {
				t.Errorf("message %q, want %q", err.Message, want)
			}
			if n := v.Counters().Violations["tls"]; n != c.violations {
				t.Errorf("%d violations of TLS counted, want %d", n, c.violations)
			}
			x := v.Examine(t.Context(), "")
			if last := x.Findings[len(x.Findings)-1]; x.OK() || !strings.HasPrefix(last.Fix, "Put the page on the web: ") {
				t.Errorf("the last finding is %+v", last)
			}
		})
	}
}

func TestCertificateForAnotherName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.verifier(indieauth.Options{Me: "https://" + misnamed + "/"})
	_, err := verify(t, v, "T")
	wantKind(t, err, indieauth.Unreachable)
	if n := v.Counters().Violations["tls"]; n != 1 || len(w.received) != 0 {
		t.Errorf("%d violations of TLS counted and %d requests sent, want 1 and none", n, len(w.received))
	}
}

func dialling(err error) http.RoundTripper {
	return &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return nil, err }}
}

// TestNoGraceAfterABadCertificate: a bad certificate may belong to an attacker,
// and so ends the use of known endpoints.
func TestNoGraceAfterABadCertificate(t *testing.T) {
	t.Parallel()
	w := getWorld(t, text("application/json", goodAnswer))
	transport := &swappable{RoundTripper: w.Transport}
	v := w.verifier(indieauth.Options{Transport: transport})
	accept(t, v, "T")
	transport.RoundTripper = &http.Transport{DialContext: w.Transport.DialContext}
	w.Clock.Advance(2 * time.Hour)
	_, err := verify(t, v, "T")
	wantKind(t, err, indieauth.Unreachable)
	transport.RoundTripper = w.Transport
	wantNoGrace(t, w, v)
}

type swappable struct{ http.RoundTripper }

func TestAPlainHTTPEndpointIsNeverRequested(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.handle(owner, text("text/html", `<link rel="token_endpoint" href="http://auth.example/token">`))
	v := w.verifier(indieauth.Options{})
	_, err := verify(t, v, "T")
	wantKind(t, err, indieauth.Unsafe)
	if n := v.Counters().Violations["https"]; n != 1 {
		t.Errorf("%d violations counted, want 1", n)
	}
	if n := len(w.received); n != 1 {
		t.Errorf("requests %q, want only the profile page", w.received)
	}
}

// resolver returns a resolver that resolves every name to address.
func resolver(address string) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go func() {
			defer func() { _ = server.Close() }()
			for answerDNS(server, netip.MustParseAddr(address)) == nil {
			}
		}()
		return client, nil
	}}
}

// answerDNS answers one DNS query over TCP: a message after its length (RFC
// 1035 §4.2.2).
func answerDNS(conn net.Conn, address netip.Addr) error {
	var length uint16
	if err := binary.Read(conn, binary.BigEndian, &length); err != nil {
		return err
	}
	question := make([]byte, length)
	if _, err := io.ReadFull(conn, question); err != nil {
		return err
	}
	var m dnsmessage.Message
	if err := m.Unpack(question); err != nil {
		return err
	}
	m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
	header := dnsmessage.ResourceHeader{Name: m.Questions[0].Name, Type: m.Questions[0].Type, Class: dnsmessage.ClassINET, TTL: 1}
	switch {
	case m.Questions[0].Type == dnsmessage.TypeA && address.Is4():
		m.Answers = []dnsmessage.Resource{{Header: header, Body: &dnsmessage.AResource{A: address.As4()}}}
	case m.Questions[0].Type == dnsmessage.TypeAAAA && address.Is6():
		m.Answers = []dnsmessage.Resource{{Header: header, Body: &dnsmessage.AAAAResource{AAAA: address.As16()}}}
	}
	answer, err := m.Pack()
	if err != nil {
		return err
	}
	_, err = conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...))
	return err
}
