package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// testTimeout is how long a test waits before it fails. No time is measured.
const testTimeout = 60 * time.Second

// A process is a starpunk that runs until it is stopped.
type process struct {
	t   *testing.T
	cmd *exec.Cmd

	mu     sync.Mutex
	output strings.Builder // of both streams
}

func start(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	cmd := exec.Command("starpunk", args...)
	cmd.Env = append(os.Environ(), env...)
	return startCommand(t, cmd)
}

func startCommand(t *testing.T, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{t: t, cmd: cmd}
	r, w := io.Pipe()
	p.cmd.Stdout, p.cmd.Stderr = w, w
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		for lines := bufio.NewScanner(r); lines.Scan(); {
			p.mu.Lock()
			fmt.Fprintln(&p.output, lines.Text())
			p.mu.Unlock()
		}
	}()
	t.Cleanup(func() { _ = p.cmd.Process.Kill() }) // it has ended already, unless the test failed
	return p
}

func (p *process) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.output.String()
}

// wait waits until the output of the process matches, and returns the
// first group.
func (p *process) wait(pattern string) string {
	p.t.Helper()
	re := regexp.MustCompile(pattern)
	for deadline := time.Now().Add(testTimeout); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if m := re.FindStringSubmatch(p.said()); m != nil {
			return m[len(m)-1]
		}
	}
	p.t.Fatalf("starpunk %q never printed %s; it printed:\n%s", p.cmd.Args[1:], pattern, p.said())
	return ""
}

// stop ends the process with SIGTERM and wants exit status 0.
func (p *process) stop() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		p.t.Errorf("starpunk %q after SIGTERM: %v\n%s", p.cmd.Args[1:], err, p.said())
	}
}

// newSiteDir makes a small site and returns its folder.
func newSiteDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.Command("starpunk", "init", dir).CombinedOutput(); err != nil {
		t.Fatalf("starpunk init: %v\n%s", err, out)
	}
	return dir
}

type answer struct {
	status   int
	location string
	body     string
}

func send(t *testing.T, token, method, address, contentType, body string) answer {
	t.Helper()
	req, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header.Get("Location"), string(data)}
}

func get(t *testing.T, address string) answer {
	t.Helper()
	return send(t, "", "GET", address, "", "")
}

// created posts a note and wants 201 and a Location.
func created(t *testing.T, token, site, contentType, body string) string {
	t.Helper()
	a := send(t, token, "POST", site+"micropub", contentType, body)
	if a.status != http.StatusCreated || !strings.HasPrefix(a.location, site) {
		t.Fatalf("POST %s: %d, Location %q, %s", body, a.status, a.location, a.body)
	}
	return a.location
}

func wantText(t *testing.T, what, address, text string) {
	t.Helper()
	if a := get(t, address); a.status != http.StatusOK || !strings.Contains(a.body, text) {
		t.Errorf("%s: GET %s: %d, without %q", what, address, a.status, text)
	}
}

func eventually(t *testing.T, what, address string, status int, text string) {
	t.Helper()
	var a answer
	for deadline := time.Now().Add(testTimeout); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if a = get(t, address); a.status == status && strings.Contains(a.body, text) {
			return
		}
	}
	t.Errorf("%s: GET %s: %d, want %d with %q", what, address, a.status, status, text)
}

// waitFor waits until something is done.
func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(testTimeout); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s never came", what)
		}
	}
}

const (
	form     = "application/x-www-form-urlencoded"
	jsonType = "application/json"
)

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func exitCode(err error) int {
	if e, ok := err.(*exec.ExitError); ok {
		return e.ExitCode()
	}
	return 0
}
