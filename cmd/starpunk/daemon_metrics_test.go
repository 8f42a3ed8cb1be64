package main

import (
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// wantMetric wants a value of one of the lines of a page of metrics.
func wantMetric(t *testing.T, page, name, value string) {
	t.Helper()
	if !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + ` ` + value + `$`).MatchString(page) {
		t.Errorf("the metrics lack %s %s:\n%s", name, value, page)
	}
}

func TestMetricsCountRequestsAndBuilds(t *testing.T) {
	t.Parallel()
	dir := newSiteDir(t)
	writeFile(t, filepath.Join(dir, "starpunk.toml"), "url = \"https://ada.example/\"\ntitle = \"Ada\"\n[metrics]\nlisten = \"127.0.0.1:0\"\n")
	p := start(t, nil, "serve", "--dev", "--site", dir, "--listen", "127.0.0.1:0")
	metrics := "http://" + p.wait(`"msg":"metrics","listen":"([^"]+)"`) + "/metrics"
	token := p.wait(`Authorization: Bearer ([^"]+)"`)
	site := p.wait(`is at (http://127\.0\.0\.1:\d+/)`)

	created(t, token, site, form, "content=one")
	created(t, token, site, form, "content=two")
	send(t, "wrong", "POST", site+"micropub", form, "content=x")
	send(t, token, "GET", site+"micropub?q=config", "", "")
	a := get(t, metrics)
	if a.status != http.StatusOK {
		t.Fatalf("GET %s: %d", metrics, a.status)
	}
	for name, value := range map[string]string{
		`starpunk_requests_total{action="create",status="201"}`: "2",
		`starpunk_requests_total{action="post",status="403"}`:   "1",
		`starpunk_requests_total{action="query",status="200"}`:  "1",
		`starpunk_request_seconds_count{action="create"}`:       "2",
		`starpunk_publish_seconds_count`:                        "2",
		`starpunk_discoveries_total`:                            "[1-9]",
		`starpunk_verifications_total`:                          "[1-9]",
		`starpunk_cache_hits_total{cache="tokens"}`:             "[1-9]",
		`starpunk_violations_total{kind="redirect"}`:            "0",
		`starpunk_rate_limited_total{what="requests"}`:          "0",
		`starpunk_builds_total`:                                 "[1-9][0-9]*",
		`starpunk_build_failures_total`:                         "0",
		`starpunk_files_written_total`:                          "[1-9][0-9]*",
		`starpunk_last_good_build_timestamp_seconds`:            `1\d{9}`,
		`starpunk_index_open_retries`:                           "0",
		`starpunk_index_migrated`:                               "1",
		`starpunk_queue{kind="notes"}`:                          "[0-9]+", // a neighbour may be left to do
	} {
		wantMetric(t, a.body, name, value)
	}
	if strings.Contains(a.body, token) || strings.Contains(a.body, "wrong") {
		t.Error("the metrics hold a token")
	}
	if a := get(t, site+"metrics"); a.status != http.StatusNotFound {
		t.Errorf("metrics at the address of the site: %d", a.status)
	}
	p.stop()
}
