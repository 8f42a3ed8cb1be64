package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A server is the program at work on a site.
type server struct {
	cmd    *exec.Cmd
	base   string // "http://127.0.0.1:41327/"
	token  string
	client *http.Client
	posted int
}

// buildTimeout is how long the first build may take.
const buildTimeout = 10 * time.Minute

var bannerLine = regexp.MustCompile(`Bearer ([^"]+)" .* (http://\S+/)micropub`)

// start runs the program and waits until it is ready.
func start(program, dir string) (*server, error) {
	log, err := os.Create(filepath.Join(dir, "serve.log"))
	if err != nil {
		return nil, err
	}
	defer log.Close() // the program has its own
	s := &server{
		cmd:    exec.Command(program, "serve", "--dev", "--site", dir, "--listen", "127.0.0.1:0"),
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}, Timeout: time.Minute},
	}
	s.cmd.Stderr = log
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	timer := time.AfterFunc(buildTimeout, func() { _ = s.cmd.Process.Kill() })
	defer timer.Stop()
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if m := bannerLine.FindStringSubmatch(lines.Text()); m != nil {
			s.token, s.base = m[1], m[2]
			go func() { _, _ = io.Copy(io.Discard, out) }()
			fmt.Printf("  first build and start          %8.2f s\n", time.Since(began).Seconds())
			return s, nil
		}
	}
	return nil, errors.Join(fmt.Errorf("the program did not start; see %s", log.Name()), s.cmd.Wait())
}

func (s *server) stop() error {
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	return s.cmd.Wait()
}

// post sends a note and returns the times until it was durable and live.
func (s *server) post(content string) (time.Duration, error) {
	body := url.Values{"content": {content}, "category[]": {"tag1", "tag2"}}.Encode()
	began := time.Now()
	status, answer, err := s.send("POST", "micropub", "application/x-www-form-urlencoded", strings.NewReader(body))
	took := time.Since(began)
	if err == nil && status != http.StatusCreated {
		err = fmt.Errorf("a post was answered %d %s; want 201: its page is live", status, answer)
	}
	return took, err
}

func (s *server) send(method, path, contentType string, body io.Reader) (status int, answer string, err error) {
	req, err := http.NewRequest(method, s.base+path, body)
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	req.Header.Set("Content-Type", contentType)
	res, err := s.client.Do(req)
	if err != nil {
		return 0, "", err
	}
	data, err := io.ReadAll(res.Body)
	return res.StatusCode, string(data), errors.Join(err, res.Body.Close())
}

// clockTicks are what the kernel counts in a second of processor time, on every
// system that Go supports (USER_HZ).
const clockTicks = 100

// processor returns the processor time that the program has used, in seconds; 0
// if the system does not report it.
func (s *server) processor() float64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(data), ") ") // the program's name may hold anything
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseFloat(fields[11], 64) // the kernel writes numbers
	system, _ := strconv.ParseFloat(fields[12], 64)
	return (user + system) / clockTicks
}

// memory returns the memory of the program, in MiB, and the part of it that is not
// its own file; 0 if the system does not report it.
func (s *server) memory() (all, own float64) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0, 0
	}
	for line := range strings.Lines(string(data)) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		kib, _ := strconv.ParseFloat(fields[1], 64) // other lines have no numbers, and are not wanted
		switch fields[0] {
		case "VmRSS:":
			all = kib / 1024
		case "RssAnon:":
			own = kib / 1024
		}
	}
	return all, own
}
