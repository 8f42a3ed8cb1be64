//go:build unix

package main

import (
	"net"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A listener is a supervisor's end of NOTIFY_SOCKET.
type listener struct {
	t    *testing.T
	conn *net.UnixConn
	name string
}

func newListener(t *testing.T) *listener {
	t.Helper()
	name := filepath.Join(t.TempDir(), "s")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &listener{t, conn, name}
}

// receives waits for a message. Others may come before.
func (l *listener) receives(message string) {
	l.t.Helper()
	if err := l.conn.SetReadDeadline(time.Now().Add(testTimeout)); err != nil {
		l.t.Fatal(err)
	}
	var received []string
	for buffer := make([]byte, 1024); ; {
		n, err := l.conn.Read(buffer)
		if err != nil {
			l.t.Fatalf("%v; it received %q and never %q", err, received, message)
		}
		if received = append(received, string(buffer[:n])); slices.Contains(received, message) {
			return
		}
	}
}

func TestTheSupervisorIsNotified(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"serve", "receive", "watch"} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			dir := newSiteDir(t)
			l := newListener(t)
			env := []string{"NOTIFY_SOCKET=" + l.name, "WATCHDOG_USEC=100000", "STARPUNK_LISTEN=127.0.0.1:0"}
			p := start(t, env, command, "--dev", "--site", dir)
			l.receives("READY=1")
			l.receives("WATCHDOG=1")
			if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
				t.Fatal(err)
			}
			l.receives("RELOADING=1")
			l.receives("READY=1")
			p.stop()
			l.receives("STOPPING=1")
		})
	}
}

func TestASupervisorIsNotInheritedByCommands(t *testing.T) {
	t.Parallel()
	dir := newSiteDir(t)
	l := newListener(t)
	writeFile(t, filepath.Join(dir, "starpunk.toml"), `
url = "https://ada.example/"
title = "Ada"
[build]
after = "test -z \"$NOTIFY_SOCKET$WATCHDOG_USEC\""
`)
	p := start(t, []string{"NOTIFY_SOCKET=" + l.name, "WATCHDOG_USEC=60000000"}, "watch", "--site", dir)
	p.wait(`"msg":"build.after (?:done|failed)`)
	if strings.Contains(p.said(), "build.after failed") {
		t.Errorf("the command inherited the supervisor's variables:\n%s", p.said())
	}
	p.stop()
}

func TestHealthOfTheRunningProcess(t *testing.T) {
	t.Parallel()
	dir := newSiteDir(t)
	p := start(t, nil, "serve", "--dev", "--site", dir, "--listen", "127.0.0.1:0")
	address := p.wait(`is at http://(127\.0\.0\.1:\d+)/`)
	out, err := exec.Command("starpunk", "health", "--listen", address).CombinedOutput()
	if err != nil || string(out) != "healthy\n" {
		t.Errorf("health: %v, %q", err, out)
	}
	p.stop()
	out, err = exec.Command("starpunk", "health", "--listen", address).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "connection refused") {
		t.Errorf("health of a stopped process: %v, %q", err, out)
	}
}
