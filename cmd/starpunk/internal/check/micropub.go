package check

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// An answer is an error response of the Micropub endpoint (Micropub §3.8).
type answer struct {
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

// answer returns the error of a response, or the zero value if the response is not one
// of StarPunk.
func (r *response) answer() answer {
	var a answer
	if r.mediaType() != "application/json" || json.Unmarshal(r.Body, &a) != nil {
		return answer{}
	}
	return a
}

// fromStarPunk reports whether StarPunk made the answer, and not the web server for it.
func (r *response) fromStarPunk() bool {
	return r.answer().Error != "" && r.Header.Get("X-Request-Id") != ""
}

// micropub checks that a request without a token reaches StarPunk, which answers 401.
func (c *checker) micropub(ctx context.Context) ([]Finding, error) {
	endpoint := c.cfg.MicropubEndpoint()
	return c.endpoint(ctx, endpoint, "?q=config", fmt.Sprintf("%s reaches StarPunk.", endpoint))
}

// media checks the same for the media endpoint.
func (c *checker) media(ctx context.Context) ([]Finding, error) {
	endpoint := c.cfg.MediaEndpoint()
	return c.endpoint(ctx, endpoint, "", fmt.Sprintf("%s reaches StarPunk.", endpoint))
}

func (c *checker) endpoint(ctx context.Context, endpoint, query, success string) ([]Finding, error) {
	resp, err := c.web.get(ctx, endpoint+query, "Accept", "application/json")
	if err != nil {
		return c.unreachable(parseURL(endpoint), err), nil
	}
	if resp.Status == http.StatusUnauthorized && resp.answer().Error == "unauthorized" {
		return ok(success), nil
	}
	return c.notReached(ctx, endpoint, resp), nil
}

// notReached returns the problem of a request that StarPunk did not answer.
func (c *checker) notReached(ctx context.Context, endpoint string, resp *response) []Finding {
	text := fmt.Sprintf("%s answers %d.", endpoint, resp.Status)
	to := resp.location()
	switch status := resp.Status; {
	case status == http.StatusServiceUnavailable && resp.fromStarPunk():
		return problem(text+" "+shorten(resp.answer().Description), "Wait, and run this check again.")
	case status == http.StatusBadGateway, status == http.StatusServiceUnavailable, status == http.StatusGatewayTimeout:
		return c.stopped(ctx, text)
	case to != nil:
		to.RawQuery = ""
		return c.proxyMicropub(fmt.Sprintf("%s answers %d and redirects to %s: apps lose a post in a redirect.", endpoint, status, shorten(to.Redacted())),
			"Pass this address on to StarPunk as it is.")
	case status == http.StatusUnauthorized:
		return proxyProblem(text+" The web server demands a password, and StarPunk does not get the request.", "Remove the password from this address: apps prove with their token who they are.",
			"remove the block: basic_auth", "auth_basic off;")
	case status == http.StatusForbidden:
		return c.proxyMicropub(text+" The web server refuses the request, and StarPunk does not get it.", "Pass this address on to StarPunk, and remove the rule that refuses it.")
	case status == http.StatusOK:
		return c.proxyMicropub(text+" That is a page, not the answer of StarPunk: the web server keeps the request, or passes it on to another program.", "Pass this address on to StarPunk.")
	}
	return c.proxyMicropub(text+" The web server does not pass the request on, or passes it on to another program.", "Pass this address on to StarPunk.")
}

// proxyMicropub returns a problem with the lines that pass both endpoints on.
func (c *checker) proxyMicropub(text, remedy string) []Finding {
	listen := c.backend()
	return proxyProblem(text, remedy,
		fmt.Sprintf("@micropub path /micropub /micropub/media\nhandle @micropub {\n\treverse_proxy %s\n}", listen),
		fmt.Sprintf("location ~ ^/micropub(/media)?$ {\n\tclient_max_body_size %s;\n\tproxy_pass http://%s;\n\tproxy_request_buffering off;\n\tproxy_set_header Host $host;\n\tproxy_set_header X-Forwarded-For $remote_addr;\n}", c.bodyLimit("m"), listen))
}

// webApps checks that browsers allow apps on other websites to send requests (Fetch
// Standard, "CORS protocol").
func (c *checker) webApps(ctx context.Context) ([]Finding, error) {
	endpoint := c.cfg.MicropubEndpoint()
	resp, err := c.web.do(ctx, http.MethodOptions, endpoint, nil, "Origin", "https://app.example",
		"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization")
	if err != nil {
		return c.unreachable(parseURL(endpoint), err), nil
	}
	origins := resp.Header.Values("Access-Control-Allow-Origin")
	switch {
	case resp.Status == http.StatusNoContent && slices.Equal(origins, []string{"*"}):
		return ok("Browsers allow web apps to post."), nil
	case resp.Status == http.StatusNoContent:
		return proxyProblem(fmt.Sprintf("The header Access-Control-Allow-Origin is %q instead of \"*\": browsers don't let web apps post.", origins),
			"Leave this header to StarPunk.", "remove the line: header Access-Control-Allow-Origin …", "remove the line: add_header Access-Control-Allow-Origin …"), nil
	}
	return c.proxyMicropub(fmt.Sprintf("%s answers %d to the method OPTIONS: browsers don't let web apps post.", endpoint, resp.Status),
		"Pass every method on, and remove rules that restrict them, such as limit_except."), nil
}

// backend returns the address at which the web server reaches StarPunk.
func (c *checker) backend() string {
	listen := c.cfg.Receiver.Listen
	if port, all := strings.CutPrefix(listen, ":"); all {
		return "127.0.0.1:" + port
	}
	return listen
}

// stopped returns the problem of a web server whose program behind does not answer.
func (c *checker) stopped(ctx context.Context, text string) []Finding {
	listen := c.backend()
	if c.Health != nil && c.Health(ctx) == nil {
		return proxyProblem(fmt.Sprintf("%s StarPunk runs at %s, but the web server does not reach it there.", text, listen),
			"Let the web server pass requests on to this address.", "reverse_proxy "+listen, fmt.Sprintf("proxy_pass http://%s;", listen))
	}
	return proxyProblem(fmt.Sprintf("%s The web server gets no answer from StarPunk, which must run at %s.", text, listen),
		"Start StarPunk on the server: systemctl enable --now starpunk, or starpunk serve. If it runs, correct the port in the web server.",
		"reverse_proxy "+listen, fmt.Sprintf("proxy_pass http://%s;", listen))
}

// authorization checks that the token of a request reaches StarPunk. The token is made
// up, and must be refused as such.
func (c *checker) authorization(ctx context.Context) ([]Finding, error) {
	endpoint := c.cfg.MicropubEndpoint()
	resp, err := c.web.postForm(ctx, endpoint, url.Values{"h": {"entry"}}, "Accept", "application/json", "Authorization", "Bearer "+rand.Text())
	if err != nil {
		return c.unreachable(parseURL(endpoint), err), nil
	}
	a := resp.answer()
	switch {
	case resp.Status == http.StatusForbidden && a.Error == "forbidden":
		return ok("A token that was just made up reaches StarPunk, and is rejected."), nil
	case resp.Status == http.StatusTooManyRequests && a.Error == "slow_down":
		return ok("Not tried: too many tokens from this address were rejected. Try again in a minute."), nil
	case resp.fromStarPunk() && resp.Status == http.StatusServiceUnavailable && (c.x == nil || !c.x.OK()):
		return ok("Not tried: the profile page and its provider have a problem."), nil
	case resp.fromStarPunk() && resp.Status == http.StatusServiceUnavailable:
		return problem("StarPunk can't verify a token: "+shorten(a.Description), "The log of StarPunk on the server has the cause. Its configuration may be another one than on this machine."), nil
	case resp.Status == http.StatusUnauthorized && a.Error == "unauthorized":
		return proxyProblem("The web server drops the Authorization header: StarPunk sees a post with a token as one without.",
			"Pass the header on. Caddy and nginx do that unless a line removes or replaces it.",
			"remove the line: header_up -Authorization", "proxy_set_header Authorization $http_authorization;"), nil
	case a.Error != "":
		return problem(fmt.Sprintf("%s answers %d to a token that was just made up: %s", endpoint, resp.Status, shorten(a.Description)), "See the log of StarPunk."), nil
	}
	return c.proxyMicropub(fmt.Sprintf("A query reaches %s, but a POST is answered with %d by the web server.", endpoint, resp.Status),
		"Pass every method on, and remove rules that restrict them, such as limit_except."), nil
}

// parseURL returns an address that the configuration has checked.
func parseURL(address string) *url.URL {
	u, err := url.Parse(address)
	if err != nil {
		return &url.URL{Opaque: address}
	}
	return u
}
