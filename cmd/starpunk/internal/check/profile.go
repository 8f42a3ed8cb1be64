package check

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"starpunk/receiver/indieauth"
)

// profile examines the owner's live profile page and the provider that it names.
func (c *checker) profile(ctx context.Context) (findings []Finding, err error) {
	findings = append(findings, Finding{Check: "me", Level: OK, Text: c.cfg.Me})
	if c.verifier, err = c.NewVerifier(); err != nil {
		return problem(err.Error(), "Correct me in starpunk.toml."), nil
	}
	c.x = c.verifier.Examine(ctx, c.cfg.MicropubEndpoint())
	for _, f := range c.x.Findings {
		level := OK
		if f.Hint != "" {
			level = Hint
		}
		if f.Fix != "" {
			level = Problem
		}
		if f.Step == "micropub" { // as the check of the endpoint
			f.Step = "micropub link"
		}
		findings = append(findings, Finding{Check: f.Step, Level: level, Text: f.Text, Remedy: f.Fix + f.Hint})
	}
	return findings, nil
}

const noProvider = "Not tried: the profile page names no provider that can be used."

// signIn checks that the endpoints exist which an app uses to sign the owner in. It
// sends the requests of an app whose sign-in begins, and of one with an invalid code.
func (c *checker) signIn(ctx context.Context) (findings []Finding, err error) {
	if c.x == nil || c.x.Err != nil {
		return ok(noProvider), nil
	}
	if address := c.x.AuthorizationEndpoint; address != "" {
		u := parseURL(address)
		u.RawQuery = strings.TrimPrefix(u.RawQuery+"&"+c.authorizationRequest().Encode(), "&")
		resp, err := c.web.get(ctx, u.String(), "Accept", "text/html")
		findings = append(findings, endpointExists("authorization endpoint", address, resp, err)...)
	}
	if address := c.x.TokenEndpoint; address != "" {
		resp, err := c.web.postForm(ctx, address, c.tokenRequest(), "Accept", "application/json")
		findings = append(findings, endpointExists("token endpoint", address, resp, err)...)
	}
	return findings, nil
}

// authorizationRequest returns the parameters of IndieAuth §5.2, for an app at the
// address of the site.
func (c *checker) authorizationRequest() url.Values {
	challenge := sha256.Sum256([]byte(rand.Text()))
	return url.Values{
		"response_type": {"code"}, "client_id": {c.cfg.URL}, "redirect_uri": {c.cfg.URL}, "state": {rand.Text()},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])}, "code_challenge_method": {"S256"},
		"scope": {"create"}, "me": {c.cfg.Me},
	}
}

// tokenRequest returns the parameters of IndieAuth §5.3.1, with a code that was never
// issued.
func (c *checker) tokenRequest() url.Values {
	return url.Values{
		"grant_type": {"authorization_code"}, "code": {rand.Text()},
		"client_id": {c.cfg.URL}, "redirect_uri": {c.cfg.URL}, "code_verifier": {rand.Text() + rand.Text()}, "me": {c.cfg.Me},
	}
}

func endpointExists(name, address string, resp *response, err error) []Finding {
	switch {
	case err != nil:
		return problem(fmt.Sprintf("The %s %s can't be reached: %s.", name, address, shorten(err.Error())),
			"Start the server of your provider, or correct its address in the links of your page.")
	case resp.Status == http.StatusInternalServerError: // perhaps because the request is not a real one
		return []Finding{{Level: Hint, Text: fmt.Sprintf("The %s %s answers 500.", name, address), Remedy: "If you can't sign in, see the log of your provider."}}
	case resp.Status == http.StatusNotFound, resp.Status == http.StatusGone, resp.Status == http.StatusMethodNotAllowed, resp.Status >= 500:
		return problem(fmt.Sprintf("The %s %s answers %d, so that no app can sign in.", name, address, resp.Status),
			"Correct its address in the links of your page or in the metadata, or see the log of your provider.")
	}
	return ok(fmt.Sprintf("The %s answers.", name))
}

// token tries the owner's token and shows its scopes.
func (c *checker) token(ctx context.Context) ([]Finding, error) {
	if c.x == nil || c.x.Err != nil {
		return ok(noProvider), nil
	}
	token, err := c.Token()
	if err != nil {
		return nil, err
	}
	tok, err := c.verifier.Verify(ctx, token, netip.Addr{})
	if refused, isRefused := errors.AsType[*indieauth.Error](err); isRefused {
		return problem(refused.Error(), refused.Message), nil
	}
	if err != nil {
		return nil, err
	}
	findings := ok(fmt.Sprintf("valid for %s, issued to %s, with the scopes %s", tok.Me, tok.ClientID, strings.Join(tok.Scope, " ")))
	if !tok.Has("create", "draft") {
		findings = append(findings, problem("It can't create notes.", "Sign in again and grant the scope create.")...)
	}
	return findings, nil
}
