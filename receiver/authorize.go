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
	hiddenScopes   = []string{"create", "draft", "update"} // to see drafts, private and scheduled notes
)

// requireScope wants any of scopes, of which the first is named to the client.
func requireScope(tok *indieauth.Token, scopes []string) error {
	if tok.Has(scopes...) {
		return nil
	}
	return errScope(scopes[0])
}

// bearer is the token of the Authorization header (RFC 6750 §2.1), or "". A
// token in the URL (§2.3) does not count: URLs end up in logs.
func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(strings.TrimSpace(r.Header.Get("Authorization")), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// oneAuthorization refuses a request with several tokens in its header, one
// beside the other or joined by a comma, as some proxies do (RFC 6750 §2). It
// would depend on the reader which of them counts.
func oneAuthorization(r *http.Request) error {
	if len(r.Header.Values("Authorization")) > 1 || strings.Contains(bearer(r), ",") {
		return invalid("The request has more than one Authorization header; send one access token.")
	}
	return nil
}

// verify says whose token it is and what it may do.
func (rc *Receiver) verify(r *http.Request, token string) (*indieauth.Token, error) {
	if token == "" {
		return nil, errNoToken()
	}
	return rc.verifier.Verify(r.Context(), token, rc.client(r))
}

// accept decodes a POST and verifies its token, in the order that tells a
// stranger least and reads least: a token in the header before the body, and
// any token before a file and before what is wrong with a form. The files go to
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
// one twice.
func (rc *Receiver) sameToken(header, body string) error {
	if header != "" && body != "" && (rc.cfg.Receiver.StrictBearer || body != header) {
		return invalid("The access token is sent in the header and in the body; send it once.")
	}
	return nil
}

// isForm says whether the body may hold an access_token.
func isForm(r *http.Request) bool {
	mediaType, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	mediaType = strings.ToLower(strings.TrimSpace(mediaType))
	return mediaType == "application/x-www-form-urlencoded" || mediaType == "multipart/form-data"
}

// client is the address that a request comes from: the last one that no
// trusted proxy of ours has.
func (rc *Receiver) client(r *http.Request) netip.Addr {
	client := parseAddr(r.RemoteAddr)
	forwarded := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(forwarded) {
		if !rc.isProxy(client) {
			break
		}
		addr := parseAddr(strings.TrimSpace(hop))
		if !addr.IsValid() {
			break // what stands before it was not written by a proxy of ours
		}
		client = addr
	}
	return client
}

func (rc *Receiver) isProxy(addr netip.Addr) bool {
	return slices.ContainsFunc(rc.proxies, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// parseAddr reads an address with or without a port; the zero Addr if it is
// none.
func parseAddr(s string) netip.Addr {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone("")
	}
	addr, _ := netip.ParseAddr(strings.Trim(s, "[]")) // the zero value is the answer
	return addr.Unmap().WithZone("")
}
