//go:build unix

package main

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// bound returns a command that permissions of files bind, though root may run
// the tests: the files are root's own, and it must give up the right to read
// every file.
func bound(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	if os.Geteuid() == 0 {
		args = append([]string{"setpriv", "--bounding-set=-dac_override,-dac_read_search", "--"}, args...)
		if out, err := exec.Command(args[0], args[1], "--", "true").CombinedOutput(); err != nil {
			t.Skipf("root can't be bound by permissions: %v %s", err, out)
		}
	}
	return exec.Command(args[0], args[1:]...)
}

// TestUnreadableFilesStopNothingElse builds a site with parts that it may not
// read, and builds it again when it may.
func TestUnreadableFilesStopNothingElse(t *testing.T) {
	t.Parallel()
	dir := newSiteDir(t)
	for name, text := range map[string]string{
		"content/2026-10-01-good.md":        "All is well here.\n",
		"content/2026-10-02-closed.md":      "Closed\n",
		"content/blog/2026-10-03-inside.md": "Inside\n",
		"content/trip/index.md":             "---\ndate: 2026-10-04\n---\nA trip\n",
		"content/trip/sea.txt":              "sea",
		"static/open.txt":                   "open",
		"static/closed.txt":                 "closed",
		"static/folder/x.txt":               "x",
		"media/ab/x.txt":                    "upload",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777); err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(dir, name), text)
	}
	closed := []string{"content/2026-10-02-closed.md", "content/blog", "content/trip/sea.txt", "static/closed.txt", "static/folder", "media/ab/x.txt"}
	for _, name := range closed {
		chmod(t, filepath.Join(dir, name), 0)
		t.Cleanup(func() { chmod(t, filepath.Join(dir, name), 0o755) })
	}
	for range 2 { // the second time, nothing changed
		out, err := bound(t, "starpunk", "build", "--site", dir).CombinedOutput()
		if code := exitCode(err); code != 1 {
			t.Errorf("exit status %d, %v; want 1\n%s", code, err, out)
		}
		for _, name := range closed {
			if n := strings.Count(string(out), "starpunk: "+name+":"); n != 1 {
				t.Errorf("%s is named %d times in\n%s", name, n, out)
			}
		}
	}
	built := tree(t, filepath.Join(dir, "public"))
	for _, name := range []string{"2026/10/good/index.html", "2026/10/trip/index.html", "open.txt"} {
		if built[name] == "" {
			t.Errorf("%s is not built", name)
		}
	}
	for _, name := range closed {
		chmod(t, filepath.Join(dir, name), 0o755)
	}
	if out, err := bound(t, "starpunk", "build", "--site", dir).CombinedOutput(); err != nil {
		t.Errorf("when everything may be read: %v\n%s", err, out)
	}
	built = tree(t, filepath.Join(dir, "public"))
	for _, name := range []string{"2026/10/closed/index.html", "2026/10/inside/index.html", "2026/10/trip/sea.txt", "closed.txt", "folder/x.txt", "media/ab/x.txt"} {
		if built[name] == "" {
			t.Errorf("%s is not built when it may be read", name)
		}
	}
}

// TestSkippedFilesAreNamedWhileASiteIsServed puts files that cannot be published into
// a site before it is served and while it is.
func TestSkippedFilesAreNamedWhileASiteIsServed(t *testing.T) {
	t.Parallel()
	for name, roles := range map[string][]string{"serve": {"serve", "--listen", "127.0.0.1:0"}, "watch": {"watch"}} {
		t.Run(name, func(t *testing.T) {
			dir := newSiteDir(t)
			content, static := filepath.Join(dir, "content"), filepath.Join(dir, "static")
			if err := os.MkdirAll(static, 0o777); err != nil {
				t.Fatal(err)
			}
			outside := t.TempDir()
			writeFile(t, filepath.Join(outside, "secret.md"), "---\ndate: 2026-10-01\n---\nNot of this site.\n")
			link := func(name string) {
				t.Helper()
				if err := os.Symlink(outside, name); err != nil {
					t.Fatal(err)
				}
			}
			link(filepath.Join(content, "before"))
			link(filepath.Join(static, "before"))
			p := start(t, nil, append(roles, "--dev", "--site", dir)...)
			for _, name := range []string{"content/before", "static/before"} {
				p.wait(`"level":"WARN","msg":"` + name + `: a symbolic link`)
			}
			link(filepath.Join(content, "meanwhile"))
			link(filepath.Join(static, "meanwhile"))
			for _, name := range []string{filepath.Join(content, "pipe.md"), filepath.Join(content, "pipe"), filepath.Join(static, "pipe")} {
				if err := syscall.Mkfifo(name, 0o666); err != nil {
					t.Fatal(err)
				}
			}
			for _, name := range []string{"content/meanwhile", "static/meanwhile", "content/pipe.md:1", "content/pipe", "static/pipe"} {
				p.wait(`"level":"WARN","msg":"` + name + `: (a symbolic link|not a regular file)`)
			}
			writeFile(t, filepath.Join(content, "2026-10-05-later.md"), "All is well here.\n")
			page := filepath.Join(dir, ".starpunk/dev/public/2026/10/later/index.html")
			waitFor(t, "a note that is saved later", func() bool { _, err := os.Stat(page); return err == nil })
			p.stop()
			for _, name := range []string{"content/before", "static/before", "content/meanwhile", "static/meanwhile", "content/pipe", "static/pipe"} {
				if n := strings.Count(p.said(), `"`+name+`: `); n != 1 {
					t.Errorf("%s is named %d times in\n%s", name, n, p.said())
				}
			}
			for name, text := range tree(t, filepath.Join(dir, ".starpunk/dev/public")) {
				if strings.Contains(text, "Not of this site.") {
					t.Errorf("%s shows what a link leads to", name)
				}
			}
		})
	}
}

// TestFilesThatBecomeReadableArePublished changes permissions while a site is served.
func TestFilesThatBecomeReadableArePublished(t *testing.T) {
	t.Parallel()
	dir := newSiteDir(t)
	note, static := filepath.Join(dir, "content/2026-10-02-closed.md"), filepath.Join(dir, "static")
	writeFile(t, note, "Closed no more\n")
	if err := os.MkdirAll(static, 0o777); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(static, "closed.txt"), "closed no more")
	for _, name := range []string{note, filepath.Join(static, "closed.txt")} {
		chmod(t, name, 0)
	}
	p := startCommand(t, bound(t, "starpunk", "serve", "--dev", "--site", dir, "--listen", "127.0.0.1:0"))
	site := p.wait(`is at (http://127\.0\.0\.1:\d+/)`)
	p.wait(`content/2026-10-02-closed.md:1: can't be read: permission denied`)
	p.wait(`static/closed.txt: can't be read: permission denied`)
	for _, name := range []string{note, filepath.Join(static, "closed.txt")} {
		chmod(t, name, 0o644)
	}
	eventually(t, "a note that may be read", site+"2026/10/closed/", http.StatusOK, "Closed no more")
	eventually(t, "a static file that may be read", site+"closed.txt", http.StatusOK, "closed no more")
	p.stop()
}

func chmod(t *testing.T, name string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(name, mode); err != nil {
		t.Fatal(err)
	}
}
