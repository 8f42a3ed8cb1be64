package provider_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestMetadata(t *testing.T) {
	t.Parallel()
	s := start(t)
	meta := s.metadata()
	issuer := meta["issuer"].(string)
	if !strings.HasPrefix(s.Links()["indieauth-metadata"], issuer) || strings.ContainsAny(issuer, "?#") {
		t.Errorf("issuer %s is not a prefix of %s", issuer, s.Links()["indieauth-metadata"])
	}
	for _, name := range []string{"authorization_endpoint", "token_endpoint", "introspection_endpoint", "revocation_endpoint"} {
		endpoint, _ := meta[name].(string)
		if got := s.do("POST", endpoint, ""); got.StatusCode == http.StatusNotFound || got.StatusCode == http.StatusMethodNotAllowed {
			t.Errorf("%s %q: status %d", name, endpoint, got.StatusCode)
		}
		if link, ok := s.Links()[name]; ok && link != endpoint {
			t.Errorf("%s: %s in the metadata, %s in the links", name, endpoint, link)
		}
	}
	if got := fmt.Sprint(meta["code_challenge_methods_supported"]); got != "[S256]" {
		t.Errorf("code_challenge_methods_supported: %s, want [S256]", got)
	}
	if !strings.Contains(fmt.Sprint(meta["scopes_supported"]), "create") {
		t.Errorf("scopes_supported: %v, want create among them", meta["scopes_supported"])
	}
	if meta["authorization_response_iss_parameter_supported"] != true {
		t.Error("authorization_response_iss_parameter_supported is not true")
	}
}
