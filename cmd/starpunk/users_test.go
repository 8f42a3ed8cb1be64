//go:build linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Two users as in docs/deploy/starpunk-receive.service: one receives, another
// builds, and neither can write the files of the other.
func TestTwoUsersOfOneSite(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can be two users")
	}
	const group, receiver, builder = 61001, 61001, 61002 // of no account
	dir := newSiteDir(t)
	program := filepath.Join(t.TempDir(), "starpunk") // where they may run it
	shell(t, nil, `cp "$(command -v starpunk)" "$1"; chmod 755 "$1" "${1%/*}" "${1%/*/*}" "$2" "${2%/*}"`, program, dir)
	shell(t, nil, `cd "$1" && mkdir -p content media static layouts public .starpunk
		chown -R "$2:$2" . && chown -R "$3" public
		chmod -R g+rwX,o+rX . && find . -type d -exec chmod g+s {} +
		chmod -R g-w content media`, dir, "61001", "61002") // as the unit's ReadWritePaths would have it
	as := func(uid uint32) *syscall.SysProcAttr {
		return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: group}}
	}

	watch := exec.Command("/bin/sh", "-c", `umask 002; exec "$0" watch --site "$1"`, program, dir)
	watch.SysProcAttr = as(builder)
	var log strings.Builder
	watch.Stderr = &log
	if err := watch.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = watch.Process.Signal(syscall.SIGTERM)
		if err := watch.Wait(); err != nil || t.Failed() {
			t.Errorf("watch: %v\n%s", err, &log)
		}
	}()
	appears(t, filepath.Join(dir, "public/index.html")) // so that the index is the builder's

	shell(t, as(receiver), `umask 002; exec "$1" new --site "$2" --slug shared "One site, two users."`, program, dir)
	pages, err := filepath.Glob(filepath.Join(dir, "content/notes/*/*/*-shared.md"))
	if err != nil || len(pages) != 1 {
		t.Fatalf("%q, %v", pages, err)
	}
	month := filepath.Dir(strings.TrimPrefix(pages[0], filepath.Join(dir, "content/notes")))
	appears(t, filepath.Join(dir, "public", month, "shared/index.html"))
}

func shell(t *testing.T, as *syscall.SysProcAttr, script string, args ...string) {
	t.Helper()
	cmd := exec.Command("/bin/sh", append([]string{"-euc", script, "sh"}, args...)...)
	cmd.SysProcAttr = as
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
}

func appears(t *testing.T, name string) {
	t.Helper()
	for deadline := time.Now().Add(testTimeout); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if _, err := os.Stat(name); err == nil {
			return
		}
	}
	t.Fatalf("%s does not appear", name)
}
