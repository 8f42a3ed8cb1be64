//go:build unix

package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestOneBadFileStopsNothingElse builds a site with files that cannot be notes.
// Each is named, all others are built, and no link is followed out
// of the site.
func TestOneBadFileStopsNothingElse(t *testing.T) {
	t.Parallel()
	dir := newSiteDir(t)
	content := filepath.Join(dir, "content")
	const front = "---\ndate: 2026-10-01\n---\n"
	secret := filepath.Join(t.TempDir(), "secret.md")
	writeFile(t, secret, front+"Not of this site.\n")
	var keys, bomb strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&keys, "key%d: %d\n", i, i)
	}
	bomb.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := range 12 {
		fmt.Fprintf(&bomb, "a%d: &a%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i), 10), ", "))
	}
	for name, data := range map[string]string{
		"good.md":     front + "All is well here.\n",
		"nul.md":      front + "before\x00after\n",
		"latin1.md":   front + "caf\xe9\n",
		"keys.md":     "---\ndate: 2026-10-01\n" + keys.String() + "---\nText\n",
		"bomb.md":     "---\ndate: 2026-10-01\n" + bomb.String() + "---\nText\n",
		"endless.md":  "---\ndate: 2026-10-01\n",
		"nodate/x.md": "Text\n",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(content, name)), 0o777); err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(content, name), data)
	}
	huge, err := os.Create(filepath.Join(content, "huge.md"))
	if err == nil {
		_, err = huge.WriteString(front)
	}
	if err == nil {
		err = huge.Truncate(50 << 20)
	}
	if err == nil {
		err = huge.Close()
	}
	for _, err := range []error{
		err,
		os.Symlink(secret, filepath.Join(content, "outside.md")),
		os.Symlink("itself.md", filepath.Join(content, "itself.md")),
		os.Symlink(filepath.Dir(secret), filepath.Join(content, "elsewhere")),
		os.Symlink("..", filepath.Join(content, "nodate/loop")),
		syscall.Mkfifo(filepath.Join(content, "fifo.md"), 0o666),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command("starpunk", "build", "--site", dir).CombinedOutput()
	if code := exitCode(err); code != 1 {
		t.Errorf("exit status %d, %v; want 1\n%s", code, err, out)
	}
	for _, name := range []string{"nul.md", "latin1.md", "bomb.md", "endless.md", "nodate/x.md", "huge.md", "outside.md", "itself.md", "fifo.md"} {
		if !strings.Contains(string(out), "content/"+name+":") {
			t.Errorf("%s is not named in\n%.3000s", name, out)
		}
	}
	built := tree(t, filepath.Join(dir, "public"))
	if built["2026/10/keys/index.html"] == "" && !strings.Contains(string(out), "content/keys.md:") {
		t.Error("of a note with many keys there is neither a page nor a word")
	}
	if !strings.Contains(built["2026/10/good/index.html"], "All is well here.") {
		t.Error("the good note has no page")
	}
	for name, data := range built {
		if strings.Contains(data, "Not of this site.") {
			t.Errorf("%s shows what a link leads to", name)
		}
	}
}

// TestAnIndexThatIsSpoiledWhileItIsInUse loses and doubles nothing: what was
// acknowledged is on the site without a restart, and after one.
func TestAnIndexThatIsSpoiledWhileItIsInUse(t *testing.T) {
	t.Parallel()
	cut := func(name string) error {
		info, err := os.Stat(name)
		if err != nil {
			return err
		}
		return os.Truncate(name, info.Size()/2)
	}
	noise := func(name string) error {
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		random := rand.NewChaCha8([32]byte{1})
		_, _ = random.Read(data) // never fails
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err == nil {
			_, err = f.Write(data)
		}
		if err == nil {
			err = f.Close()
		}
		return err
	}
	for _, test := range []struct {
		name   string
		spoil  func(index string) error
		unseen bool // it may be, as long as SQLite remembers all that it reads
	}{
		{"deleted", os.Remove, false},
		{"deleted with its log", func(index string) error {
			for _, suffix := range []string{"", "-wal", "-shm"} {
				if err := os.Remove(index + suffix); err != nil {
					return err
				}
			}
			return nil
		}, false},
		{"truncated", cut, false},
		{"emptied", func(index string) error { return os.Truncate(index, 0) }, false},
		{"overwritten with noise", noise, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := newSiteDir(t)
			env := []string{"ADMIN_ME=" + newProfile(t, map[string]string{"good": "create"})}
			index := filepath.Join(dir, ".starpunk/dev/index.db")
			p := start(t, env, "serve", "--dev", "--site", dir, "--listen", "127.0.0.1:0")
			site := p.wait(`is at (http://127\.0\.0\.1:\d+/)`)
			made := map[string]string{} // address → text
			for i := range 10 {
				if i == 3 {
					if err := test.spoil(index); err != nil {
						t.Fatal(err)
					}
				}
				text := fmt.Sprintf("Note %d of a spoiled index", i)
				made[postUntilItIsTaken(t, site, fmt.Sprintf("n%d", i), text)] = text
			}
			for address, text := range made {
				eventually(t, "an acknowledged note", address, http.StatusOK, text)
			}
			eventually(t, "the front page", site, http.StatusOK, "Note 9 of")
			p.stop()
			if !test.unseen && !strings.Contains(p.said(), "made again from the files") {
				t.Errorf("the log does not name the reason:\n%s", p.said())
			}
			checkNotDoubled(t, dir, len(made))
			p = start(t, env, "serve", "--dev", "--site", dir, "--listen", strings.TrimSuffix(strings.TrimPrefix(site, "http://"), "/"))
			p.wait(`is at (http://127\.0\.0\.1:\d+/)`)
			for address, text := range made {
				wantText(t, "an acknowledged note, after a restart", address, text)
			}
			p.stop()
			public := filepath.Join(dir, ".starpunk/dev/public")
			served := tree(t, public)
			if err := os.RemoveAll(filepath.Join(dir, ".starpunk")); err != nil {
				t.Fatal(err)
			}
			p = start(t, env, "serve", "--dev", "--site", dir, "--listen", strings.TrimSuffix(strings.TrimPrefix(site, "http://"), "/"))
			p.wait(`is at (http://127\.0\.0\.1:\d+/)`)
			p.stop()
			sameTrees(t, "the output", served, tree(t, public))
		})
	}
}

// postUntilItIsTaken sends a post again as long as the answer is that the
// server can't take it now, and returns its address.
func postUntilItIsTaken(t *testing.T, site, slug, text string) (location string) {
	t.Helper()
	waitFor(t, "an answer that "+slug+" is taken", func() bool {
		a := send(t, "good", "POST", site+"micropub", form, url.Values{"content": {text}, "mp-slug": {slug}}.Encode())
		if a.status < 300 {
			location = a.location
		} else if a.status < 500 {
			t.Fatalf("%s: %d %s", slug, a.status, a.body)
		}
		return location != ""
	})
	return location
}

// checkNotDoubled wants one file of each note that was posted.
func checkNotDoubled(t *testing.T, dir string, notes int) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "content/notes/*/*/*-n[0-9]*.md"))
	if err != nil || len(files) != notes {
		t.Errorf("%d files of %d notes, %v: %q", len(files), notes, err, files)
	}
}

// TestAnIndexThatIsDeletedUnderTwoProcesses checks that both processes notice it,
// whichever makes it again.
func TestAnIndexThatIsDeletedUnderTwoProcesses(t *testing.T) {
	t.Parallel()
	dir := newSiteDir(t)
	env := []string{"ADMIN_ME=" + newProfile(t, map[string]string{"good": "create"})}
	r := start(t, env, "receive", "--dev", "--site", dir, "--listen", "127.0.0.1:0")
	site := r.wait(`"micropub":"(http://127\.0\.0\.1:\d+/)micropub"`)
	w := start(t, env, "watch", "--dev", "--site", dir)
	w.wait(`"msg":"ready"`)
	postUntilItIsTaken(t, site, "n0", "Before")
	for _, name := range []string{"index.db", "index.db-wal", "index.db-shm"} {
		if err := os.Remove(filepath.Join(dir, ".starpunk/dev", name)); err != nil {
			t.Fatal(err)
		}
	}
	for i := 1; i < 5; i++ {
		location := postUntilItIsTaken(t, site, fmt.Sprintf("n%d", i), fmt.Sprintf("Note %d without an index", i))
		page := filepath.Join(dir, ".starpunk/dev/public", strings.TrimPrefix(location, site), "index.html")
		waitFor(t, "the page of a note", func() bool {
			data, err := os.ReadFile(page)
			return err == nil && strings.Contains(string(data), fmt.Sprintf("Note %d without an index", i))
		})
	}
	for _, p := range []*process{r, w} {
		p.wait("the index was deleted or replaced while it was in use")
	}
	// They have one index again: what one writes, the other sees at once.
	waitFor(t, "an answer that a page is live", func() bool {
		return send(t, "good", "POST", site+"micropub", form, "content=Live").status == http.StatusCreated
	})
	checkNotDoubled(t, dir, 5)
	w.stop()
	r.stop()
}

// TestAFullDiskIsNotTheEnd fills the disk under a running site.
func TestAFullDiskIsNotTheEnd(t *testing.T) {
	disk := t.TempDir()
	mount := exec.Command("mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", disk)
	if out, err := mount.CombinedOutput(); err != nil {
		t.Skipf("only root can mount a disk: %s", bytes.TrimSpace(out))
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "-l", disk).CombinedOutput(); err != nil {
			t.Errorf("umount: %v\n%s", err, out)
		}
	})
	dir := filepath.Join(disk, "site")
	if out, err := exec.Command("starpunk", "init", dir).CombinedOutput(); err != nil {
		t.Fatalf("starpunk init: %v\n%s", err, out)
	}
	env := []string{"ADMIN_ME=" + newProfile(t, map[string]string{"good": "create"})}
	p := start(t, env, "serve", "--dev", "--site", dir, "--listen", "127.0.0.1:0")
	site := p.wait(`is at (http://127\.0\.0\.1:\d+/)`)
	post := func(slug string) answer {
		return send(t, "good", "POST", site+"micropub", form, url.Values{"content": {strings.Repeat(slug+" ", 2000)}, "mp-slug": {slug}}.Encode())
	}
	acknowledged := map[string]string{}
	if a := post("before"); a.status != http.StatusCreated {
		t.Fatalf("before the disk is full: %d %s", a.status, a.body)
	}
	ballast := filepath.Join(dir, "ballast")
	data := make([]byte, 1<<20)
	for n := len(data); n >= 512; {
		f, err := os.OpenFile(ballast, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(data[:n]); err != nil {
			n /= 2
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	refused := 0
	for i := range 5 {
		slug := fmt.Sprintf("full-%d", i)
		switch a := post(slug); a.status {
		case http.StatusCreated, http.StatusAccepted:
			acknowledged[slug] = strings.TrimPrefix(a.location, site)
		case http.StatusInsufficientStorage, http.StatusInternalServerError:
			refused++
		default:
			t.Errorf("on a full disk: %d %s", a.status, a.body)
		}
	}
	if refused == 0 {
		t.Error("the disk was not full")
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	a := post("after")
	if a.status != http.StatusCreated && a.status != http.StatusAccepted {
		t.Errorf("when there is room again: %d %s", a.status, a.body)
	}
	acknowledged["after"] = strings.TrimPrefix(a.location, site)
	for slug, address := range acknowledged {
		eventually(t, slug, site+address, http.StatusOK, slug)
	}
	eventually(t, "the front page", site, http.StatusOK, "after after")
	p.stop()
}

// TestABackupIsACopy restores a site from the three things that a backup needs.
func TestABackupIsACopy(t *testing.T) {
	dir := newSiteDir(t)
	env := []string{"ADMIN_ME=" + newProfile(t, map[string]string{"good": "create update delete media"})}
	p := start(t, env, "serve", "--dev", "--site", dir, "--listen", "127.0.0.1:0")
	site := p.wait(`is at (http://127\.0\.0\.1:\d+/)`)
	kept := created(t, "good", site, form, "content=Kept&mp-slug=kept")
	gone := created(t, "good", site, form, "content=Gone&mp-slug=gone")
	send(t, "good", "POST", site+"micropub", jsonType, `{"action":"update","url":"`+kept+`","add":{"category":["backup"]}}`)
	send(t, "good", "POST", site+"micropub", form, url.Values{"action": {"delete"}, "url": {gone}}.Encode())
	p.stop()
	if err := os.MkdirAll(filepath.Join(dir, "media/3f"), 0o777); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "media/3f/3f.txt"), "an upload")
	restored := filepath.Join(t.TempDir(), "restored")
	if err := os.Mkdir(restored, 0o777); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"content", "media", "static", "starpunk.toml"} {
		if out, err := exec.Command("cp", "-r", filepath.Join(dir, part), restored).CombinedOutput(); err != nil {
			t.Fatalf("cp: %v\n%s", err, out)
		}
	}
	for _, dir := range []string{dir, restored} {
		if out, err := exec.Command("starpunk", "build", "--site", dir).CombinedOutput(); err != nil {
			t.Fatalf("starpunk build: %v\n%s", err, out)
		}
	}
	built := tree(t, filepath.Join(restored, "public"))
	sameTrees(t, "the restored site", built, tree(t, filepath.Join(dir, "public")))
	if page := built[strings.TrimPrefix(kept, site)+"index.html"]; !strings.Contains(page, "Kept") || !strings.Contains(page, "backup") {
		t.Errorf("the page of a note in the backup is %q", page)
	}
	if _, there := built["media/3f/3f.txt"]; !there {
		t.Error("an upload is missing")
	}
}
