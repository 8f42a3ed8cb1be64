//go:build unix

package main

import (
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"starpunk/cmd/starpunk/internal/deploytest"
)

// A laptop has a copy of a site that runs on a server, to which an app posts. Its
// commands are those of docs/sync.md.
type laptop struct {
	*world
	t     *testing.T
	site  string // its address
	home  string // with the copy in "blog"
	boxes []string
	env   []string

	mu    sync.Mutex
	posts map[string]string // the acknowledged posts: text by address
}

// newLaptop starts the server, and reads the boxes of a section of the page.
func newLaptop(t *testing.T, section string, programs ...string) *laptop {
	t.Helper()
	for _, program := range programs {
		deploytest.Needs(t, program)
	}
	trustTestCertificates(t)
	w := newWorld(t)
	w.scope = "create update delete"
	w.configure(fmt.Sprintf("indieauth-metadata = %q", w.provider.URL+"/metadata"))
	p := w.serve()
	t.Cleanup(p.stop)
	l := &laptop{world: w, t: t, site: w.front.URL + "/", home: t.TempDir(), posts: map[string]string{}}
	page, err := os.ReadFile("../../docs/sync.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, found := strings.Cut(string(page), "\n## "+section+"\n")
	if !found {
		t.Fatalf("docs/sync.md has no section %s", section)
	}
	text, _, _ = strings.Cut(text, "\n## ")
	for _, m := range regexp.MustCompile("(?ms)^```sh\n(.*?)^```$").FindAllStringSubmatch(text, -1) {
		l.boxes = append(l.boxes, strings.ReplaceAll(m[1], "/srv/starpunk/ada.example", w.dir))
	}
	// The server is this machine: ssh only runs the command.
	bin := filepath.Join(l.home, "bin")
	if err := os.Mkdir(bin, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(bin, "ssh"), []byte("#!/bin/sh\n"+
		"while :; do case \"$1\" in -o|-l|-p) shift 2;; -*) shift;; *) break;; esac; done\nshift\ncd \"$HOME\" && exec sh -c \"$*\"\n"), 0o777); err != nil {
		t.Fatal(err)
	}
	l.env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "HOME="+l.home, "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+filepath.Join(l.home, "gitconfig"), "GIT_EDITOR=true")
	writeFile(t, filepath.Join(l.home, "gitconfig"), "[user]\nname = Ada\nemail = ada@laptop.example\n")
	return l
}

// try runs a command in a folder below the home.
func (l *laptop) try(dir, command string) (string, error) {
	cmd := exec.Command("sh", "-ec", command)
	cmd.Dir = filepath.Join(l.home, dir)
	cmd.Env = l.env
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (l *laptop) run(dir, command string) string {
	l.t.Helper()
	out, err := l.try(dir, command)
	if err != nil {
		l.t.Fatalf("%s\n%v\n%s", command, err, out)
	}
	return out
}

// fails runs a command that must fail with a message.
func (l *laptop) fails(dir, command, message string) {
	l.t.Helper()
	out, err := l.try(dir, command)
	if err == nil || !strings.Contains(out, message) {
		l.t.Errorf("%s\n%v, want a failure with %q\n%s", command, err, message, out)
	}
}

func (l *laptop) write(name, text string) string {
	l.t.Helper()
	name = filepath.Join(l.home, "blog", name)
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		l.t.Fatal(err)
	}
	writeFile(l.t, name, text)
	return name
}

// post lets the app post a note, and returns its address.
func (l *laptop) post(text string) string {
	l.t.Helper()
	location := created(l.t, "good", l.site, jsonType, `{"type":["h-entry"],"properties":{"content":["`+text+`"]}}`)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.posts[location] = text
	return location
}

// update lets the app replace the text of a note.
func (l *laptop) update(address, text string) {
	l.t.Helper()
	a := send(l.t, "good", "POST", l.site+"micropub", jsonType, `{"action":"update","url":"`+address+`","replace":{"content":["`+text+`"]}}`)
	if a.status/100 != 2 {
		l.t.Fatalf("update: %d %s", a.status, a.body)
	}
	l.posts[address] = text
}

// keepPosting posts notes until the function that it returns is called. Each call of the
// other function waits for one more post.
func (l *laptop) keepPosting() (next, stop func()) {
	done, posted, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for n := 1; ; n++ {
			text := fmt.Sprintf("Post number %d. from the app", n)
			a := send(l.t, "good", "POST", l.site+"micropub", jsonType, `{"type":["h-entry"],"properties":{"content":["`+text+`"]}}`)
			if a.status != http.StatusCreated {
				l.t.Errorf("a post meanwhile: %d %s", a.status, a.body)
			}
			l.mu.Lock()
			l.posts[a.location] = text
			l.mu.Unlock()
			select {
			case <-done:
				return
			case posted <- struct{}{}:
			default:
			}
		}
	}()
	return func() { <-posted }, func() { close(done); <-ended }
}

// texts returns how many notes below a content folder have each of the texts.
func (l *laptop) texts(dir string) map[string]int {
	l.t.Helper()
	found := map[string]int{}
	err := filepath.WalkDir(filepath.Join(dir, "content"), func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(name) != ".md" {
			return err
		}
		data, err := os.ReadFile(name)
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil {
			return err
		}
		_, text, _ := strings.Cut(string(data), "\n---\n")
		found[strings.TrimSpace(text)]++
		return nil
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return found
}

// wantOnce wants each text once, on both machines.
func (l *laptop) wantOnce(texts ...string) {
	l.t.Helper()
	for _, dir := range []string{l.dir, filepath.Join(l.home, "blog")} {
		found := l.texts(dir)
		for _, text := range texts {
			if found[text] != 1 {
				l.t.Errorf("%s has %q %d times", dir, text, found[text])
			}
		}
	}
}

// wantPages waits until the notes of the laptop are on the site.
func (l *laptop) wantPages(texts []string) {
	l.t.Helper()
	for n, text := range texts {
		eventually(l.t, "a note of the laptop", fmt.Sprintf("%s2026/11/laptop-%d/", l.site, n+1), http.StatusOK, text)
	}
}

func (l *laptop) acknowledged() (texts []string) {
	for _, text := range l.posts {
		texts = append(texts, text)
	}
	return texts
}

// fileWith returns the file with a text, relative to the folder of the site.
func (l *laptop) fileWith(dir, text string) string {
	l.t.Helper()
	found := ""
	err := filepath.WalkDir(filepath.Join(dir, "content"), func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			if data, err := os.ReadFile(name); err == nil && strings.Contains(string(data), text) {
				found, err = filepath.Rel(dir, name)
				return err
			}
		}
		return err
	})
	if err != nil || found == "" {
		l.t.Fatalf("no file with %q in %s: %v", text, dir, err)
	}
	return found
}

func (l *laptop) wantFile(name, text string) {
	l.t.Helper()
	if data, err := os.ReadFile(name); err != nil || !strings.Contains(string(data), text) {
		l.t.Errorf("%s has not %q: %v\n%s", name, text, err, data)
	}
}

func (l *laptop) replaceIn(name, old, new string) {
	l.t.Helper()
	data, err := os.ReadFile(name)
	if err != nil || !strings.Contains(string(data), old) {
		l.t.Fatalf("%s has not %q: %v\n%s", name, old, err, data)
	}
	writeFile(l.t, name, strings.ReplaceAll(string(data), old, new))
}

// withGit does the preparation, and returns the recipe for each time.
func withGit(t *testing.T) (l *laptop, recipe string) {
	l = newLaptop(t, "git", "git", "flock")
	if len(l.boxes) != 3 {
		t.Fatalf("docs/sync.md has %d boxes for git, want 3", len(l.boxes))
	}
	l.run("", l.boxes[0])
	l.run("", l.boxes[1])
	return l, l.boxes[2]
}

func TestPushesLoseNoPostOfAnApp(t *testing.T) {
	l, recipe := withGit(t)
	writeFile(t, filepath.Join(l.dir, "provider.json"), "{}\n") // as if StarPunk were the provider
	next, stop := l.keepPosting()
	var own []string
	for n := 1; n <= 5; n++ {
		text := fmt.Sprintf("Note %d. of the laptop", n)
		own = append(own, text)
		l.write(fmt.Sprintf("content/notes/2026/11/01-laptop-%d.md", n), fmt.Sprintf("---\ndate: 2026-11-01\n---\n%s\n", text))
		if n > 1 { // and an edit
			last := filepath.Join(l.home, "blog", fmt.Sprintf("content/notes/2026/11/01-laptop-%d.md", n-1))
			l.replaceIn(last, own[n-2], own[n-2]+", edited")
			own[n-2] += ", edited"
		}
		next()
		l.run("blog", recipe)
	}
	stop()
	l.run("blog", recipe)
	l.wantOnce(l.acknowledged()...)
	l.wantOnce(own...)
	for address, text := range l.posts {
		wantText(t, "a post", address, text)
	}
	l.wantPages(own)
	if out := l.run("blog", "git ls-files"); strings.Contains(out, "provider.json") || strings.Contains(out, ".starpunk") {
		t.Errorf("the repository has files of the server only:\n%s", out)
	}
	if out := l.run("", "cd "+l.dir+" && git status --short"); out != "" {
		t.Errorf("the server's files differ from its commits:\n%s", out)
	}
}

func TestAPushIsRefusedAtTheMomentOfAnUpdate(t *testing.T) {
	l, recipe := withGit(t)
	address := l.post("Posted first")
	l.run("blog", recipe)
	l.write("content/notes/2026/11/01-laptop.md", "---\ndate: 2026-11-01\n---\nFrom the laptop\n")
	before, push, found := strings.Cut(recipe, "git push")
	if !found {
		t.Fatal("the recipe has no git push")
	}
	l.run("blog", before)
	l.update(address, "Updated meanwhile")
	l.fails("blog", "git push"+push, "An app changed a note at this moment. Sync again.")
	wantText(t, "the update", address, "Updated meanwhile")
	l.run("blog", recipe)
	l.wantOnce("Updated meanwhile", "From the laptop")

	l.write("content/notes/2026/11/02-laptop.md", "---\ndate: 2026-11-02\n---\nThe second one\n")
	l.run("blog", before)
	if a := send(t, "good", "POST", l.site+"micropub", form, "action=delete&url="+address); a.status/100 != 2 {
		t.Fatalf("delete: %d %s", a.status, a.body)
	}
	l.fails("blog", "git push"+push, "An app changed a note at this moment. Sync again.")
	l.run("blog", recipe)
	l.wantOnce("The second one")
	if a := get(t, address); a.status == http.StatusOK {
		t.Errorf("the deleted note is published again")
	}
}

func TestGitReportsANoteThatWasChangedOnBothSides(t *testing.T) {
	l, recipe := withGit(t)
	address := l.post("The tide is out")
	l.run("blog", recipe)
	name := filepath.Join(l.home, "blog", l.fileWith(l.dir, "The tide is out"))
	l.replaceIn(name, "The tide is out", "The tide is low")
	l.update(address, "The tide is back")
	l.fails("blog", recipe, "CONFLICT")
	wantText(t, "the version of the app", address, "The tide is back")
	l.wantFile(name, "<<<<<<<")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(string(data), "<<<<<<<")
	writeFile(t, name, head+"The tide is low, and back\n")
	l.run("blog", "git add --all && git rebase --continue")
	l.run("blog", recipe)
	l.wantOnce("The tide is low, and back")
	eventually(t, "the merged note", address, http.StatusOK, "The tide is low, and back")
}

// withRsync returns the recipes that fetch all posts and send one note.
func withRsync(t *testing.T) (l *laptop, fetch string, sendNote func(name string) (dir, command string)) {
	l = newLaptop(t, "rsync", "rsync", "flock")
	if len(l.boxes) != 2 {
		t.Fatalf("docs/sync.md has %d boxes for rsync, want 2", len(l.boxes))
	}
	const example = "notes/2026/12/01-tide.md"
	if !strings.Contains(l.boxes[1], example) {
		t.Fatalf("the recipe has not %s", example)
	}
	for _, dir := range []string{filepath.Join(l.home, "blog/content"), filepath.Join(l.home, "blog/media"), filepath.Join(l.dir, "media")} {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	return l, l.boxes[0], func(name string) (string, string) {
		return "blog/content", strings.ReplaceAll(l.boxes[1], example, strings.TrimPrefix(name, "content/"))
	}
}

func TestRsyncLosesNoPostOfAnApp(t *testing.T) {
	l, fetch, sendNote := withRsync(t)
	next, stop := l.keepPosting()
	var own []string
	for n := 1; n <= 5; n++ {
		l.run("blog", fetch)
		text, name := fmt.Sprintf("Note %d. of the laptop", n), fmt.Sprintf("content/notes/2026/11/01-laptop-%d.md", n)
		own = append(own, text)
		l.write(name, fmt.Sprintf("---\ndate: 2026-11-01\n---\n%s\n", text))
		next()
		l.run(sendNote(name))
	}
	stop()
	l.run("blog", fetch)
	l.wantOnce(l.acknowledged()...)
	l.wantOnce(own...)
	for address, text := range l.posts {
		wantText(t, "a post", address, text)
	}
	l.wantPages(own)
}

func TestRsyncKeepsBothVersionsOfANote(t *testing.T) {
	l, fetch, sendNote := withRsync(t)
	address := l.post("The tide is out")
	l.run("blog", fetch)
	file := l.fileWith(l.dir, "The tide is out")
	name := filepath.Join(l.home, "blog", file)
	replaced := filepath.Join("before", strings.TrimPrefix(file, "content/"))
	edit := func(old, new string, age time.Duration) {
		t.Helper()
		l.replaceIn(name, old, new)
		if err := os.Chtimes(name, time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}

	l.update(address, "The tide is back") // after the edit of the laptop
	edit("The tide is out", "The tide is low", time.Hour)
	if out := l.run(sendNote(file)); !strings.Contains(out, "is newer") {
		t.Errorf("rsync does not report that the server's note is newer:\n%s", out)
	}
	wantText(t, "the version of the app", address, "The tide is back")
	if out := l.run("blog", fetch); !strings.Contains(out, filepath.Base(file)) {
		t.Errorf("rsync does not print the replaced note:\n%s", out)
	}
	l.wantFile(name, "The tide is back")
	l.wantFile(filepath.Join(l.home, "blog", replaced), "The tide is low")

	l.update(address, "The tide is high") // before the edit of the laptop
	edit("The tide is back", "The tide is low again", -time.Hour)
	if out := l.run("blog", fetch); !strings.Contains(out, "is newer") {
		t.Errorf("rsync does not report that the laptop's note is newer:\n%s", out)
	}
	if out := l.run(sendNote(file)); !strings.Contains(out, filepath.Base(file)) {
		t.Errorf("rsync does not print the replaced note:\n%s", out)
	}
	eventually(t, "the newer version", address, http.StatusOK, "The tide is low again")
	l.wantFile(filepath.Join(l.dir, replaced), "The tide is high")
	l.wantOnce("The tide is low again")
}
