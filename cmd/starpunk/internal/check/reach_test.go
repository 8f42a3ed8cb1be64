//go:build unix

package check_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"starpunk/cmd/starpunk/internal/check"
)

// run runs the checks for a configuration, through a network.
func (w *world) check(t *testing.T, text string, places map[string]string, change func(*check.Options)) *check.Report {
	t.Helper()
	o := w.options(w.network(places))
	cfg := w.parse(text)
	o.Config = cfg
	if change != nil {
		change(&o)
	}
	report, err := check.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// wantProblem wants exactly one problem.
func wantProblem(t *testing.T, report *check.Report, name, text, remedy string) {
	t.Helper()
	var found []check.Finding
	for _, f := range report.Findings {
		if f.Level == check.Problem {
			found = append(found, f)
		}
	}
	if len(found) != 1 || found[0].Check != name || !strings.Contains(found[0].Text, text) || !strings.Contains(found[0].Remedy, remedy) {
		t.Errorf("want one problem of %q with %q and the remedy %q:\n%s", name, text, remedy, list(report))
	}
}

func TestAMissingStepOfTheInstallationIsOneProblem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cases := []struct {
		rule, config, text, remedy string
		change                     func(*check.Options)
	}{
		{"the address of an example", `url = "https://example.org/"`, "still that of an example", "your own domain", nil},
		{"an address without HTTPS", `url = "http://ada.example/"`, "is not HTTPS", "Write https://", nil},
		{"a name without an address", `url = "https://ada.example/"`, "has no address in the DNS", "Add an A record", nil},
		{"a private address", `url = "https://127.0.0.1/"`, "resolves to 127.0.0.1 on this machine, which is not a public address", "receiver.allow_private_network = true",
			func(o *check.Options) { o.Transport = nil }},
		{"a private address over plain HTTP, which --dev allows", `url = "http://127.0.0.1:1/"`, "No web server listens at 127.0.0.1, port 1", "Start the web server",
			func(o *check.Options) { o.Transport, o.Dev = nil, true }},
	}
	for _, c := range cases {
		t.Run(c.rule, func(t *testing.T) {
			report := w.check(t, c.config+"\ntitle = \"A\"\n", nil, c.change)
			wantProblem(t, report, "site", c.text, c.remedy)
			if !slices.Contains(report.Skipped, "micropub") || !slices.Contains(report.Skipped, "profile") {
				t.Errorf("skipped %q, want all checks of the web", report.Skipped)
			}
		})
	}
}

func TestHostsOtherThanThatOfTheSiteAreCheckedByThemselves(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	page := w.serveTLS("ada.example", http.FileServer(http.Dir(w.cfg.Build.Output)))
	auth := w.serveTLS("auth.example", healthyProvider)
	places := map[string]string{"ada.example:443": page, "auth.example:443": auth}

	elsewhere := strings.Replace(configuration+links[""], "receiver = {", `receiver = {url = "https://post.example/", `, 1)
	report := w.check(t, elsewhere, places, nil)
	for name, text := range map[string]string{
		"http":     "http://ada.example/, port 80",
		"micropub": "The name post.example has no address in the DNS.",
	} {
		if !slices.ContainsFunc(report.Findings, func(f check.Finding) bool {
			return f.Check == name && f.Level == check.Problem && (name == "http" || strings.Contains(f.Text, text))
		}) {
			t.Errorf("no problem of %q with %q:\n%s", name, text, list(report))
		}
	}

	// The profile page of another host is examined also while the site is not public.
	report = w.check(t, "me = \"https://ada.example/\"\nurl = \"https://new.example/\"\ntitle = \"A\"\n", places, nil)
	if slices.Contains(report.Skipped, "profile") || !slices.Contains(report.Skipped, "micropub") {
		t.Errorf("skipped %q, want the checks of the site and not that of the profile", report.Skipped)
	}
}

func TestASiteThatIsNotBuiltHasThatRemedy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	places := map[string]string{"ada.example:443": w.serveTLS("ada.example", http.NotFoundHandler())}
	report := w.check(t, "url = \"https://ada.example/\"\ntitle = \"A\"\nbuild = {output = \"nowhere\"}\n", places, nil)
	wantServe(t, report, "front page", "The site is not built")
}

func TestChangesThatNoProcessBuildsAreAProblem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.note("third", "")
	places := map[string]string{"ada.example:443": w.serveTLS("ada.example", http.FileServer(http.Dir(w.cfg.Build.Output)))}
	report := w.check(t, configuration+links[""], places, nil)
	wantServe(t, report, "newest build", "no process builds the site")
}

// A preview is reached over plain HTTP, at an address of this machine.
func TestAPreviewIsNotComparedWithTheBuild(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	server := httptest.NewServer(http.FileServer(http.Dir(w.old)))
	defer server.Close()
	report := w.check(t, fmt.Sprintf("url = %q\ntitle = \"A\"\n", server.URL+"/"), nil, func(o *check.Options) { o.Transport, o.Dev = nil, true })
	text := list(report)
	if !strings.Contains(text, "ok       front page:") || strings.Contains(text, "newest build") || strings.Contains(text, "redirects:") || strings.Contains(text, "deleted notes") {
		t.Errorf("the findings of a preview:\n%s", text)
	}
}

// wantServe checks that a report has a finding of a check with this text, whose remedy is
// "starpunk serve".
func wantServe(t *testing.T, report *check.Report, name, text string) {
	t.Helper()
	for _, f := range report.Findings {
		if f.Check != name {
			continue
		}
		if !strings.Contains(f.Text, text) || !strings.Contains(f.Remedy, `"starpunk serve"`) {
			t.Errorf("the finding is %+v", f)
		}
		return
	}
	t.Errorf("no finding about the %s:\n%s", name, list(report))
}
