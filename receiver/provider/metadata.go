package provider

import "net/http"

// scopes are the scopes that the page explains. It shows others by name only.
var scopes = [...]struct{ name, meaning string }{
	{"create", "publish notes, and upload files for them"},
	{"draft", "write drafts"},
	{"update", "change notes"},
	{"delete", "delete notes"},
	{"undelete", "bring deleted notes back"},
	{"media", "upload files"},
	{"profile", "see your name and picture"},
	{"email", "see your email address"},
}

func meaning(scope string) string {
	for _, s := range scopes {
		if s.name == scope {
			return s.meaning
		}
	}
	return ""
}

// issuer returns the issuer identifier: a prefix of the metadata URL, without
// query or fragment (IndieAuth §3.1).
func (p *Provider) issuer() string { return p.base + "/" }

// serveMetadata serves the server metadata (IndieAuth §4.1.1, RFC 8414 §2).
func (p *Provider) serveMetadata(w http.ResponseWriter, _ *http.Request) {
	names := make([]string, len(scopes))
	for i, s := range scopes {
		names[i] = s.name
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"issuer":                 p.issuer(),
		"authorization_endpoint": p.endpoint("authorize"),
		"token_endpoint":         p.endpoint("token"),
		"introspection_endpoint": p.endpoint("introspect"),
		"revocation_endpoint":    p.endpoint("revoke"),
		"userinfo_endpoint":      p.endpoint("userinfo"),
		"scopes_supported":       names,
		"introspection_endpoint_auth_methods_supported":  []string{"Bearer", "client_secret_basic"},
		"revocation_endpoint_auth_methods_supported":     []string{"none"},
		"response_types_supported":                       []string{"code"},
		"grant_types_supported":                          []string{"authorization_code", "refresh_token"},
		"code_challenge_methods_supported":               []string{"S256"},
		"authorization_response_iss_parameter_supported": true,
		"client_id_metadata_document_supported":          !p.dev,
	})
}
