//go:build unix

package main

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestAnOutputThatCannotBeWritten makes every write to the output fail under a
// running site. Posts are stored nevertheless, no page is half written, the log
// has the reason once, and builds continue without help when it is over.
func TestAnOutputThatCannotBeWritten(t *testing.T) {
	for _, test := range []struct {
		name   string
		fault  func(t *testing.T, public string) (end func())
		reason string // in the log
	}{
		{"folders that may not be written", closeFolders, "permission denied"},
		{"a full disk", fillDisk, "no space left on device"},
		{"a disk that is read-only", readOnlyDisk, "read-only file system"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := newSiteDir(t)
			setPublishWait(t, dir, "50ms")
			public := filepath.Join(dir, ".starpunk/dev/public")
			mountDisk(t, public)
			cmd := bound(t, "starpunk", "serve", "--dev", "--site", dir, "--listen", "127.0.0.1:0")
			cmd.Env = append(os.Environ(), "ADMIN_ME="+newProfile(t, map[string]string{"good": "create update"}))
			p := startCommand(t, cmd)
			site := p.wait(`is at (http://127\.0\.0\.1:\d+/)`)
			kept := site + "2026/10/kept/"
			send(t, "good", "POST", site+"micropub", form, "content=As+it+was&mp-slug=kept&published=2026-10-01")
			eventually(t, "a post before", site+"feed.xml", http.StatusOK, "As it was")
			p.wait(`"msg":"published"`) // the last of it, too

			end := test.fault(t, public)
			before := tree(t, public)
			a := send(t, "good", "POST", site+"micropub", form, "content=In+spite+of+it&mp-slug=during&published=2026-10-02")
			if a.status != http.StatusAccepted || a.location != site+"2026/10/during/" {
				t.Errorf("a post: %d, Location %q, %s; want 202", a.status, a.location, a.body)
			}
			u := send(t, "good", "POST", site+"micropub", jsonType, `{"action":"update","url":"`+kept+`","replace":{"content":["As it is now"]}}`)
			if u.status != http.StatusAccepted {
				t.Errorf("an update: %d %s; want 202", u.status, u.body)
			}
			if reason := p.wait(`"msg":"build failed[^"]*","error":"([^"]+)"`); !strings.Contains(reason, test.reason) {
				t.Errorf("the log says %q, not %q", reason, test.reason)
			}
			sameTrees(t, "the output meanwhile", tree(t, public), before)
			end()
			eventually(t, "the post", a.location, http.StatusOK, "In spite of it")
			eventually(t, "the update", kept, http.StatusOK, "As it is now")
			eventually(t, "the front page", site, http.StatusOK, "In spite of it")
			p.wait("the build succeeds again")
			p.stop()
			if n := strings.Count(p.said(), `"msg":"build failed`); n > 3 { // at most once for each page
				t.Errorf("the log says %d times that a build failed:\n%s", n, p.said())
			}
		})
	}
}

// setPublishWait makes a site answer sooner if a page does not appear.
func setPublishWait(t *testing.T, dir, wait string) {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(dir, "starpunk.toml"), os.O_WRONLY|os.O_APPEND, 0)
	if err == nil {
		_, err = f.WriteString("\n[receiver]\npublish_wait = \"" + wait + "\"\n")
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// mountDisk mounts a small disk at a folder, so that it can be filled and made
// read-only.
func mountDisk(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("only root can mount a disk: %s", strings.TrimSpace(string(out)))
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "-l", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v\n%s", err, out)
		}
	})
}

func closeFolders(t *testing.T, public string) (end func()) {
	t.Helper()
	each := func(mode os.FileMode) {
		err := filepath.WalkDir(public, func(name string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() {
				err = os.Chmod(name, mode)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	each(0o555)
	return func() { each(0o755) }
}

func fillDisk(t *testing.T, public string) (end func()) {
	t.Helper()
	ballast := filepath.Join(public, ".ballast") // hidden files at the top are the host's
	f, err := os.Create(ballast)
	if err != nil {
		t.Fatal(err)
	}
	for data := make([]byte, 64<<10); len(data) >= 512; {
		if _, err = f.Write(data); err != nil {
			data = data[:len(data)/2]
		}
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("the disk is not full: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
	}
}

func readOnlyDisk(t *testing.T, public string) (end func()) {
	t.Helper()
	remount := func(how string) {
		if out, err := exec.Command("mount", "-o", "remount,"+how, public).CombinedOutput(); err != nil {
			t.Fatalf("mount: %v\n%s", err, out)
		}
	}
	remount("ro")
	return func() { remount("rw") }
}

// TestObstaclesInTheOutput puts a folder at the name of a page, and a file
// at the name of a folder.
func TestObstaclesInTheOutput(t *testing.T) {
	dir := newSiteDir(t)
	env := []string{"ADMIN_ME=" + newProfile(t, map[string]string{"good": "create"})}
	p := start(t, env, "serve", "--dev", "--site", dir, "--listen", "127.0.0.1:0")
	site := p.wait(`is at (http://127\.0\.0\.1:\d+/)`)
	month := filepath.Join(dir, ".starpunk/dev/public/2026/10")
	if err := os.MkdirAll(filepath.Join(month, "folder/index.html/full"), 0o777); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(month, "folder/index.html/full/x.html"), "in the way")
	writeFile(t, filepath.Join(month, "file"), "in the way")
	for _, slug := range []string{"folder", "file"} {
		a := send(t, "good", "POST", site+"micropub", form, "content=Text+of+"+slug+"&published=2026-10-02&mp-slug="+slug)
		if a.status != http.StatusCreated && a.status != http.StatusAccepted {
			t.Errorf("a post with a %s in its way: %d %s", slug, a.status, a.body)
		}
		eventually(t, "a post with a "+slug+" in its way", site+"2026/10/"+slug+"/", http.StatusOK, "Text of "+slug)
	}
	eventually(t, "the front page", site, http.StatusOK, "Text of file")
	p.stop()
}
