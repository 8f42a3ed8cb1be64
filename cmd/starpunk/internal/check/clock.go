package check

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// maxSkew is the largest difference between two clocks that harms no token, no
// certificate and no scheduled note.
const maxSkew = time.Minute

// recordClock stores how far the clock of a host is ahead of ours, by the header Date
// of a response. before and after are our times around the request.
func (c *client) recordClock(host string, header http.Header, before, after time.Time) {
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return
	}
	if age, err := strconv.Atoi(header.Get("Age")); err == nil && age > 0 { // from a cache
		date = date.Add(time.Duration(age) * time.Second)
	}
	switch { // within the request the clocks agree
	case date.Before(before):
		c.skews[host] = date.Sub(before)
	case date.After(after):
		c.skews[host] = date.Sub(after)
	default:
		c.skews[host] = 0
	}
}

// clock compares the clocks of this machine, of the web server and of the provider.
func (c *checker) clock(context.Context) ([]Finding, error) {
	const remedy = "Let it set its clock automatically: timedatectl set-ntp true"
	server, known := c.web.skews[c.site.Host]
	if !known {
		return ok("The web server sends no Date, so that its clock can't be compared."), nil
	}
	provider, third := c.providerSkew()
	switch wrong := isWrong(server); {
	case wrong && third && isWrong(provider) && !isWrong(server-provider):
		return problem(fmt.Sprintf("The clock of this machine is %s, compared with the web server and the provider.", aheadOrBehind(-server)), remedy), nil
	case wrong:
		return proxyProblem(fmt.Sprintf("The clock of the web server is %s, compared with this machine.", aheadOrBehind(server)), remedy+" (on the server). Or its configuration sets the header Date.",
			"remove the line: header Date …", "remove the line: add_header Date …"), nil
	case third && isWrong(provider):
		return []Finding{{Level: Hint, Text: fmt.Sprintf("The clock of the provider is %s, compared with this machine: tokens may expire at the wrong time.", aheadOrBehind(provider)),
			Remedy: "Correct the clock of the provider, or of this machine and the web server."}}, nil
	}
	return ok("The clocks agree."), nil
}

// providerSkew returns the difference of the provider's clock, if it is another host.
func (c *checker) providerSkew() (time.Duration, bool) {
	if c.x == nil {
		return 0, false
	}
	u, err := url.Parse(c.x.AuthorizationEndpoint)
	if err != nil || u.Host == c.site.Host {
		return 0, false
	}
	skew, known := c.web.skews[u.Host]
	return skew, known
}

func isWrong(skew time.Duration) bool { return skew.Abs() > maxSkew }

func aheadOrBehind(skew time.Duration) string {
	if skew < 0 {
		return fmt.Sprintf("%v slow", (-skew).Round(time.Second))
	}
	return fmt.Sprintf("%v fast", skew.Round(time.Second))
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
