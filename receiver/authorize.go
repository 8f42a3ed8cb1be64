package receiver

import (
	"cmp"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"starpunk/receiver/indieauth"
)

// Scopes of Micropub, with "draft" and "media" of its extensions.
var (
	createScopes   = []string{"create", "draft"}
	updateScopes   = []string{"update", "draft"}
	deleteScopes   = []string{"delete"}
	undeleteScopes = []string{"undelete", "delete"}
	queryScopes    = []string{"create", "draft", "update", "delete", "undelete", "media"}
	hiddenScopes   = []string{"create", "draft", "update"} // to read drafts, private and scheduled notes
)

// requireScope returns an error unless the token has one of scopes. The error
// names the first of them to the client.
func requireScope(tok *indieauth.Token, scopes []string) error {
	if tok.Has(scopes...) {
		return nil
	}
	return errScope(scopes[0])
}

// bearer returns the token of the Authorization header (RFC 6750 §2.1), or "".
// A token in the URL (§2.3) does not count, because URLs appear in logs.
func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(strings.TrimSpace(r.Header.Get("Authorization")), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// oneAuthorization refuses a request with several tokens in its header, as
// separate fields or joined by a comma, as some proxies do (RFC 6750 §2).
// Programs would disagree which of them counts.
func oneAuthorization(r *http.Request) error {
	if len(r.Header.Values("Authorization")) > 1 || strings.Contains(bearer(r), ",") {
		return invalid("The request has more than one Authorization header; send one access token.")
	}
	return nil
}

// verify returns the owner, the client and the scopes of a token.
func (rc *Receiver) verify(r *http.Request, token string) (*indieauth.Token, error) {
	if token == "" {
		return nil, errNoToken()
	}
	return rc.verifier.Verify(r.Context(), token, rc.client(r))
}

// accept decodes a POST and verifies its token, in the order that reveals and
// reads as little as possible before the verification. A token in the header is
// verified before the body is read. Every token is verified before a file is
// received, and before a mistake in a form is reported. Files are received by
// in.
func (rc *Receiver) accept(r *http.Request, in *incoming) (*request, *indieauth.Token, error) {
	header := bearer(r)
	if header != "" || !isForm(r) {
		if err := in.verify(header); err != nil {
			return nil, nil, err
		}
	}
	req, err := decodeRequest(r.Header.Get("Content-Type"), r.Body, in)
	if req == nil {
		return nil, nil, err
	}
	if err := rc.sameToken(header, req.Token); err != nil {
		return nil, nil, err
	}
	req.Token = cmp.Or(header, req.Token)
	if err := in.verify(req.Token); err != nil {
		return nil, nil, err
	}
	req.Uploads = in.uploads
	return req, in.tok, err
}

// sameToken refuses two different tokens (RFC 6750 §2). Some apps send the same
// token twice, which is accepted unless receiver.strict_bearer is set.
func (rc *Receiver) sameToken(header, body string) error {
	if header != "" && body != "" && (rc.cfg.Receiver.StrictBearer || body != header) {
		return invalid("The access token is sent in the header and in the body; send it once.")
	}
	return nil
}

// isForm reports whether the body is of a type that may contain an
// access_token.
func isForm(r *http.Request) bool {
	mediaType, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	mediaType = strings.ToLower(strings.TrimSpace(mediaType))
	return mediaType == "application/x-www-form-urlencoded" || mediaType == "multipart/form-data"
}

// client returns the address from which a request comes.
func (rc *Receiver) client(r *http.Request) netip.Addr { return ClientAddr(r, rc.proxies) }

// ClientAddr returns the address from which a request comes: the last address that
// is not a trusted proxy.
func ClientAddr(r *http.Request, proxies []netip.Prefix) netip.Addr {
	client := parseAddr(r.RemoteAddr)
	forwarded := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(forwarded) {
		if !isProxy(client, proxies) {
			break
		}
		addr := parseAddr(strings.TrimSpace(hop))
		if !addr.IsValid() {
			break // a trusted proxy did not write the addresses before it
		}
		client = addr
	}
	return client
}

func isProxy(addr netip.Addr, proxies []netip.Prefix) bool {
	return slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// parseAddr reads an address with or without a port. It returns the zero Addr
// for any other text.
func parseAddr(s string) netip.Addr {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone("")
	}
	addr, _ := netip.ParseAddr(strings.Trim(s, "[]")) // the zero Addr on error
	return addr.Unmap().WithZone("")
}
