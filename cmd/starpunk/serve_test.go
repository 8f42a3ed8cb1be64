package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func TestServeDevAnswersToNoOtherHost(t *testing.T) {
	t.Parallel()
	p := start(t, nil, "serve", "--dev", "--site", newSiteDir(t), "--listen", "127.0.0.1:0")
	site := p.wait(`is at (http://127\.0\.0\.1:\d+/)`)
	address := strings.Trim(strings.TrimPrefix(site, "http:"), "/")
	_, port, _ := strings.Cut(address, ":")
	for _, path := range []string{"", "feed.xml", "no/such/page/", "micropub", "micropub?q=config", "micropub/media", "health", ".starpunk/reload", ".starpunk/auth/metadata"} {
		for host, refused := range map[string]bool{"evil.example:" + port: true, "evil.example": true, "127.0.0.1:1": true, address: false} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, site+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Host = host
			if path == ".starpunk/reload" {
				r.Method = http.MethodHead // the response never ends
			}
			a, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = a.Body.Close()
			if (a.StatusCode == http.StatusMisdirectedRequest) != refused {
				t.Errorf("/%s with host %s: %d", path, host, a.StatusCode)
			}
		}
	}
}

func TestAPreviewOnAPrivateAddressRequiresItsCode(t *testing.T) {
	t.Parallel()
	private := privateAddress(t)
	dir := newSiteDir(t)
	writeFile(t, filepath.Join(dir, "content/draft.md"), "---\ndate: 2026-01-01\ndraft: true\n---\nSECRETDRAFT\n")
	p := start(t, nil, "serve", "--dev", "--site", dir, "--listen", net.JoinHostPort(private, "0"))
	site := p.wait(`is at (http://[^ /]+/)`)
	code := p.wait(`with this code: (\w+)`)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	get := func(path string) (int, string) {
		t.Helper()
		a, err := client.Get(site + path)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Body.Close()
		body, err := io.ReadAll(a.Body)
		if err != nil {
			t.Fatal(err)
		}
		return a.StatusCode, string(body)
	}
	for _, path := range []string{"", "2026/01/draft/", "micropub?q=config", "micropub/media", ".well-known/oauth-authorization-server", ".starpunk/reload"} {
		if status, body := get(path); status != http.StatusUnauthorized || strings.Contains(body, "SECRETDRAFT") {
			t.Errorf("/%s without the code: %d %s", path, status, body)
		}
	}
	a, err := client.PostForm(site, url.Values{"code": {code}})
	if err != nil {
		t.Fatal(err)
	}
	_ = a.Body.Close()
	eventually := time.Now().Add(time.Minute)
	for {
		status, body := get("2026/01/draft/")
		if status == http.StatusOK && strings.Contains(body, "SECRETDRAFT") {
			break
		}
		if time.Now().After(eventually) {
			t.Fatalf("a guest sees %d %s", status, body)
		}
		time.Sleep(20 * time.Millisecond)
	}
	if status, _ := get("micropub?q=config"); status != http.StatusNotFound {
		t.Errorf("the endpoint is there for guests: %d", status)
	}
}

// privateAddress returns an address of this machine in a private network.
func privateAddress(t *testing.T) string {
	t.Helper()
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Skip(err)
	}
	for _, a := range addresses {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && n.IP.IsPrivate() {
			return n.IP.String()
		}
	}
	t.Skip("this machine is in no private network")
	return ""
}

func TestServeDevFromPostToPage(t *testing.T) {
	t.Parallel()
	dir := newSiteDir(t)
	p := start(t, nil, "serve", "--dev", "--site", dir, "--listen", "127.0.0.1:0")
	token := p.wait(`Authorization: Bearer ([^"]+)"`)
	site := p.wait(`is at (http://127\.0\.0\.1:\d+/)`)

	location := created(t, token, site, form, url.Values{"h": {"entry"}, "content": {"By form: 50% off, 1+1"}, "category[]": {"indieweb"}}.Encode())
	wantText(t, "the page of a note by form", location, "By form: 50% off, 1+1")
	for _, list := range []string{"", "feed.xml", "tags/indieweb/", "notes/"} {
		wantText(t, "a list", site+list, "By form: 50% off")
	}
	location = created(t, token, site, jsonType, `{"type":["h-entry"],"properties":{"name":["On JSON"],"content":["By JSON"],"mp-slug":["json"]}}`)
	wantText(t, "the page of a note by JSON", location, "By JSON")
	if !strings.HasSuffix(location, "/json/") {
		t.Errorf("Location %s does not end in the slug that was asked for", location)
	}

	files, err := filepath.Glob(filepath.Join(dir, "content/notes/*/*/*-json.md"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files of the note: %v, %v", files, err)
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, files[0], strings.Replace(string(data), "By JSON", "By an editor, in place", 1))
	eventually(t, "a file edited in place", location, http.StatusOK, "By an editor, in place")
	temp := filepath.Join(filepath.Dir(files[0]), ".editor.tmp")
	writeFile(t, temp, strings.Replace(string(data), "By JSON", "By an editor, renamed", 1))
	if err := os.Rename(temp, files[0]); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a file saved by rename", location, http.StatusOK, "By an editor, renamed")
	if err := os.Remove(files[0]); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a removed file", location, http.StatusNotFound, "")

	if a := get(t, site+"health"); a.status != http.StatusOK || strings.TrimSpace(a.body) != `{"status":"healthy"}` {
		t.Errorf("health: %d %s", a.status, a.body)
	}
	if a := send(t, "wrong", "POST", site+"micropub", form, "content=x"); a.status != http.StatusForbidden {
		t.Errorf("a wrong token: %d %s", a.status, a.body)
	}
	if a := send(t, "", "POST", site+"micropub", form, "content=x"); a.status != http.StatusUnauthorized {
		t.Errorf("no token: %d %s", a.status, a.body)
	}
	p.stop()
	if log := p.said(); strings.Count(log, token) != 1 { // the printed curl line
		t.Errorf("the token appears %d times in the output", strings.Count(log, token))
	}
	if _, err := os.Stat(filepath.Join(dir, "public")); !os.IsNotExist(err) {
		t.Errorf("a preview touched the real output: %v", err)
	}
}

// newProfile serves an owner's page on another host, with a token endpoint
// for tokens with these scopes.
func newProfile(t *testing.T, scopes map[string]string) (me string) {
	t.Helper()
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	me = server.URL + "/"
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<!DOCTYPE html><title>Me</title><link rel="token_endpoint" href="/token">`)
	})
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		scope, ok := scopes[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
		if !ok {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"me": me, "client_id": "https://app.example/", "scope": scope}) // the test would notice
	})
	return me
}

func TestAnOpenPageOfAPreviewReloadsAndKeepsNothingFromEnding(t *testing.T) {
	t.Parallel()
	dir := newSiteDir(t)
	p := start(t, nil, "serve", "--dev", "--site", dir, "--listen", "127.0.0.1:0")
	site := p.wait(`is at (http://127\.0\.0\.1:\d+/)`)
	listen := func() io.ReadCloser {
		source := regexp.MustCompile(`new EventSource\("/([^"]+)"\)`).FindStringSubmatch(get(t, site).body)
		if source == nil {
			t.Fatal("the front page of a preview does not listen")
		}
		resp, err := http.Get(site + source[1])
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { resp.Body.Close() })
		return resp.Body
	}
	open := listen()
	writeFile(t, filepath.Join(dir, "content", "2026-11-20-new.md"), "Something new")
	// The stream ends after its event.
	if events, err := io.ReadAll(open); err != nil || !strings.Contains(string(events), "data: reload") {
		t.Errorf("events of a page that changed: %q, %v", events, err)
	}
	wantText(t, "the page that it reloads", site, "Something new")
	listen()
	p.stop()
	if strings.Contains(p.said(), "did not finish") {
		t.Errorf("a page that is open keeps the process from ending:\n%s", p.said())
	}
}

func TestReceiveAndWatchAsTwoProcesses(t *testing.T) {
	t.Parallel()
	dir := newSiteDir(t)
	env := []string{"ADMIN_ME=" + newProfile(t, map[string]string{"good": "create"})}
	r := start(t, env, "receive", "--dev", "--site", dir, "--listen", "127.0.0.1:0")
	site := r.wait(`"micropub":"(http://127\.0\.0\.1:\d+/)micropub"`)

	// Without a builder the note is stored, and its page comes later.
	a := send(t, "good", "POST", site+"micropub", form, "content=Before+the+watcher&mp-slug=early")
	if a.status != http.StatusAccepted || !strings.HasSuffix(a.location, "/early/") {
		t.Fatalf("without a watcher: %d, Location %q, %s", a.status, a.location, a.body)
	}
	w := start(t, env, "watch", "--dev", "--site", dir)
	w.wait(`"msg":"ready"`)
	public := filepath.Join(dir, ".starpunk/dev/public")
	outputHas := func(name, text string) {
		t.Helper()
		data, err := os.ReadFile(filepath.Join(public, filepath.FromSlash(name)))
		if err != nil || !strings.Contains(string(data), text) {
			t.Errorf("%s lacks %q (%v)", name, text, err)
		}
	}
	outputHas(strings.TrimPrefix(a.location, site)+"index.html", "Before the watcher")

	for _, body := range []struct{ contentType, text string }{
		{form, "content=By+form&mp-slug=by-form"},
		{jsonType, `{"type":["h-entry"],"properties":{"content":["By JSON"],"mp-slug":["by-json"]}}`},
	} {
		location := created(t, "good", site, body.contentType, body.text)
		text := map[string]string{form: "By form", jsonType: "By JSON"}[body.contentType]
		outputHas(strings.TrimPrefix(location, site)+"index.html", text)
		outputHas("feed.xml", text)
		outputHas("index.html", text)
	}

	// A second watcher waits, and takes over when the first one ends.
	second := start(t, env, "watch", "--dev", "--site", dir)
	second.wait("another process is building this site; waiting to take over")
	w.stop()
	second.wait(`"msg":"ready"`)
	location := created(t, "good", site, form, "content=After+the+change&mp-slug=after")
	outputHas(strings.TrimPrefix(location, site)+"index.html", "After the change")
	second.stop()
	r.stop()
}

func TestHangupReadsTheConfigurationAgain(t *testing.T) {
	t.Parallel()
	dir := newSiteDir(t)
	config := filepath.Join(dir, "starpunk.toml")
	p := start(t, nil, "serve", "--dev", "--site", dir, "--listen", "127.0.0.1:0")
	p.wait("Authorization: Bearer")
	site := p.wait(`is at (http://127\.0\.0\.1:\d+/)`)
	data, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	hangup := func() {
		t.Helper()
		if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	writeFile(t, config, strings.Replace(string(data), `"My notes"`, `"Another title"`, 1))
	hangup()
	eventually(t, "a new title", site, http.StatusOK, "<title>Another title</title>")
	writeFile(t, config, "titel = 1")
	hangup()
	p.wait("cannot read the changed configuration; the previous one stays in use")
	wantText(t, "after a broken configuration", site, "<title>Another title</title>")
	p.stop()
}

func TestAChangedConfigurationIsUsedAtOnce(t *testing.T) {
	t.Parallel()
	dir := newSiteDir(t)
	config := filepath.Join(dir, "starpunk.toml")
	p := start(t, nil, "serve", "--dev", "--site", dir, "--listen", "127.0.0.1:0")
	site := p.wait(`is at (http://127\.0\.0\.1:\d+/)`)
	data, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	title := func(title string) string { return strings.Replace(string(data), `"My notes"`, strconv.Quote(title), 1) }

	writeFile(t, config, title("Written in place"))
	eventually(t, "a new title", site, http.StatusOK, "<title>Written in place</title>")

	writeFile(t, config+".new", title("Renamed"))
	if err := os.Rename(config+".new", config); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the title of a file that replaced the other", site, http.StatusOK, "<title>Renamed</title>")

	writeFile(t, config, "titel = 1")
	p.wait("cannot read the changed configuration; the previous one stays in use")
	eventually(t, "the mistake on the page", site, http.StatusOK, `starpunk.toml:1: unknown key `)
	wantText(t, "with a mistake", site, "<title>Renamed</title>")

	writeFile(t, config, title("Mended"))
	eventually(t, "the corrected file", site, http.StatusOK, "<title>Mended</title>")
	if a := send(t, "", "GET", site, "", ""); strings.Contains(a.body, "unknown key") {
		t.Errorf("the corrected mistake is still on the page:\n%s", a.body)
	}

	writeFile(t, config, title("Mended")+"\n[metrics]\nlisten = \"127.0.0.1:1\"\n")
	p.wait(`this key needs a new start.*metrics\.listen`)
	p.stop()
}

func TestAReloadTurnsNoRequestAway(t *testing.T) {
	dir := newSiteDir(t)
	p := start(t, nil, "serve", "--dev", "--site", dir, "--listen", "127.0.0.1:0")
	token := p.wait(`Authorization: Bearer ([^"]+)"`)
	site := p.wait(`is at (http://127\.0\.0\.1:\d+/)`)
	stop := make(chan struct{})
	var group sync.WaitGroup
	for part := range 3 {
		group.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				body := fmt.Sprintf("content=Post+%d&mp-slug=post-%d-%d", i, part, i)
				if a := send(t, token, "POST", site+"micropub", form, body); a.status != http.StatusCreated && a.status != http.StatusAccepted {
					t.Errorf("a post while the configuration is read again: %d %s", a.status, a.body)
				}
				for _, address := range []string{"micropub?q=config", "health", ""} {
					if a := send(t, token, "GET", site+address, "", ""); a.status != http.StatusOK {
						t.Errorf("GET /%s while the configuration is read again: %d %s", address, a.status, a.body)
					}
				}
			}
		})
	}
	for i := range 4 {
		if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		waitFor(t, "a reload", func() bool { return strings.Count(p.said(), "reading the configuration again") > i })
	}
	eventually(t, "the front page", site, http.StatusOK, "<title>")
	close(stop)
	group.Wait()
	p.stop()
	if said := p.said(); !strings.Contains(said, "starting") || !strings.Contains(said, "stopped") || !strings.Contains(said, "site="+dir) && !strings.Contains(said, `"site":"`+dir+`"`) {
		t.Errorf("the log lacks the start or the end of the process:\n%s", said)
	}
}

func TestABrokenLayoutEndsNoProcessThatRuns(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{"serve": {"serve", "--listen", "127.0.0.1:0"}, "watch": {"watch"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := newSiteDir(t)
			layout := filepath.Join(dir, "layouts", "note.html")
			if err := os.MkdirAll(filepath.Dir(layout), 0o777); err != nil {
				t.Fatal(err)
			}
			p := start(t, nil, append(args, "--dev", "--site", dir)...)
			p.wait(`"msg":"ready"|Authorization: Bearer ([^"]+)"`)
			for i, text := range []string{"{{.Note.Nope}}", "{{if}}"} {
				writeFile(t, layout, text)
				p.wait(`layouts/note.html:1:.*` + regexp.QuoteMeta([]string{"Nope", "missing value for if"}[i]))
				before := strings.Count(p.said(), "build failed")
				if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
					t.Fatal(err)
				}
				waitFor(t, "the mistake", func() bool { return strings.Count(p.said(), "build failed") > before })
				if name == "serve" {
					eventually(t, "the mistake on the page", p.wait(`is at (http://127\.0\.0\.1:\d+/)`), http.StatusOK, "layouts/note.html:1:")
				}
			}
			writeFile(t, filepath.Join(dir, "content", "2026-11-20-new.md"), "Something new")
			page := filepath.Join(dir, ".starpunk/dev/public/2026/11/new/index.html")
			if name == "serve" {
				site := p.wait(`is at (http://127\.0\.0\.1:\d+/)`)
				token := p.wait(`Authorization: Bearer ([^"]+)"`)
				if a := send(t, token, "POST", site+"micropub", form, "content=Meanwhile&mp-slug=meanwhile"); a.status != http.StatusAccepted {
					t.Errorf("a post while the layout is broken: %d %s", a.status, a.body)
				}
			}
			before := strings.Count(p.said(), "build failed")
			writeFile(t, layout, "mended")
			waitFor(t, "the page of a note with the corrected layout", func() bool {
				data, err := os.ReadFile(page)
				return err == nil && string(data) == "mended"
			})
			if name == "serve" {
				site := p.wait(`is at (http://127\.0\.0\.1:\d+/)`)
				waitFor(t, "a page without the mistake", func() bool { return !strings.Contains(send(t, "", "GET", site, "", "").body, "note.html") })
			}
			if n := strings.Count(p.said(), "build failed") - before; n != 0 {
				t.Errorf("the log has %d more failed builds", n)
			}
			p.stop()

			writeFile(t, layout, "{{.Note.Nope}}")
			out, err := exec.Command("starpunk", append(args, "--dev", "--site", dir)...).CombinedOutput()
			if exitCode(err) != 1 || !strings.Contains(string(out), "starpunk: layouts/note.html:1:") {
				t.Errorf("a start with a broken layout: %v\n%s", err, out)
			}
		})
	}
}

func TestTwoServersOnOneAddress(t *testing.T) {
	t.Parallel()
	dir := newSiteDir(t)
	p := start(t, nil, "serve", "--dev", "--site", dir, "--listen", "127.0.0.1:0")
	address := p.wait(`is at http://(127\.0\.0\.1:\d+)/`)
	out, err := exec.Command("starpunk", "serve", "--dev", "--site", dir, "--listen", address).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "starpunk: "+address+" is used by another program; stop it, or use --listen 127.0.0.1:") {
		t.Errorf("%v: %s", err, out)
	}
	out, err = exec.Command("starpunk", "serve", "--dev", "--site", dir, "--listen", "19604").CombinedOutput()
	if exitCode(err) != exitMisuse || !strings.Contains(string(out), `starpunk: --listen: "19604" is not an address such as "127.0.0.1:8080"`) {
		t.Errorf("%v: %s", err, out)
	}
	out, err = exec.Command("starpunk", "serve", "--dev", "--site", dir, "--listen", "0.0.0.0:0").CombinedOutput()
	if err == nil || !strings.Contains(string(out), ": a preview is for this machine; use --listen 127.0.0.1:") {
		t.Errorf("%v: %s", err, out)
	}
	p.stop()
}
