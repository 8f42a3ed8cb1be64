package check

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"

	"starpunk/receiver/provider/state"
	"starpunk/site"
)

// provider checks that the provider of StarPunk itself is reached, and that the owner
// can sign in.
func (c *checker) provider(ctx context.Context) ([]Finding, error) {
	base := strings.TrimSuffix(c.cfg.Receiver.URL, "/")
	for _, path := range []string{site.ProviderMetadataPath, site.ProviderPath + "userinfo"} {
		resp, err := c.web.get(ctx, base+path, "Accept", "application/json")
		if err != nil {
			return c.unreachable(parseURL(base), err), nil
		}
		if !resp.fromProvider() {
			return c.providerNotReached(ctx, base+path, resp), nil
		}
	}
	findings := ok(fmt.Sprintf("%s reaches the provider of StarPunk.", base+site.ProviderPath))
	return append(findings, c.passkeys()...), nil
}

// fromProvider reports whether StarPunk's provider sent a response: metadata, or the
// refusal of userinfo without a token.
func (r *response) fromProvider() bool {
	var metadata struct {
		Issuer string `json:"issuer"`
	}
	switch r.Status {
	case http.StatusOK:
		return json.Unmarshal(r.Body, &metadata) == nil && metadata.Issuer != ""
	case http.StatusUnauthorized:
		return strings.HasPrefix(r.Header.Get("WWW-Authenticate"), "Bearer")
	}
	return false
}

func (c *checker) providerNotReached(ctx context.Context, address string, resp *response) []Finding {
	text := fmt.Sprintf("%s answers %d.", address, resp.Status)
	switch resp.Status {
	case http.StatusMisdirectedRequest:
		return proxyProblem(text+" The web server passes another name of the site on to StarPunk.", "Pass the header Host on.",
			"remove the line: header_up Host …", "proxy_set_header Host $host;")
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return c.stopped(ctx, text)
	}
	listen := c.backend()
	return proxyProblem(text+" The web server does not pass the request on to the provider of StarPunk, so that no app can sign in.",
		"Pass the addresses of the provider on to StarPunk. If the web server does that, restart StarPunk, whose provider is switched on with provider.enabled.",
		fmt.Sprintf("@provider path %s* %s\nhandle @provider {\n\treverse_proxy %s\n}", site.ProviderPath, site.ProviderMetadataPath, listen),
		fmt.Sprintf("location ~ ^/(auth/|\\.well-known/oauth-authorization-server$) {\n\tproxy_pass http://%s;\n\tproxy_set_header Host $host;\n\tproxy_set_header X-Forwarded-For $remote_addr;\n}", listen))
}

// passkeys returns a hint if the owner has no passkey.
func (c *checker) passkeys() []Finding {
	s, err := state.NewFile(c.cfg.ProviderFile(), c.cfg.LockDir()).Read()
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil // another user runs StarPunk
	case err != nil:
		return problem(err.Error(), "Correct the file, or restore it from a backup.")
	case len(s.Passkeys) == 0:
		return []Finding{{Level: Hint, Text: "No passkey is registered on this machine, with which you sign in to apps.",
			Remedy: "Run \"starpunk provider link\" on the server, and open its address with your phone."}}
	}
	return nil
}
