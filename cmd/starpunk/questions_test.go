package main

import (
	"bytes"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Ctrl-C ends the prompts, and nothing has changed.
func TestAnInterruptEndsThePrompts(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new")
	cmd := exec.Command("starpunk", "init", "--ask", dir)
	answers, err := cmd.StdinPipe() // open until the end, as a keyboard is
	if err != nil {
		t.Fatal(err)
	}
	defer answers.Close()
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer time.AfterFunc(testTimeout, func() { _ = cmd.Process.Kill() }).Stop()
	said := readUntil(t, stderr, "Title of the site")
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	rest := new(bytes.Buffer)
	if _, err := rest.ReadFrom(stderr); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != exitFailed || !strings.Contains(rest.String(), "\nstarpunk: interrupted; nothing was written\n") {
		t.Errorf("after SIGINT: %v; it said %s%s", err, said, rest)
	}
}

func readUntil(t *testing.T, r io.Reader, text string) string {
	t.Helper()
	var said []byte
	for b := make([]byte, 1); !bytes.Contains(said, []byte(text)); said = append(said, b...) {
		if _, err := io.ReadFull(r, b); err != nil {
			t.Fatalf("it said %q, and then %v", said, err)
		}
	}
	return string(said)
}
