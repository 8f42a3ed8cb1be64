//go:build unix

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"io/fs"
	"log"
	"maps"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// TestTorture posts, updates, deletes, undeletes and uploads from several
// clients while an editor saves, renames and removes files, and kills the
// program again and again: at any moment, and at each step of a save. Then
// every acknowledged write must exist once and whole, and every other one whole
// or not at all.
//
// STARPUNK_ROUNDS is the number of rounds; STARPUNK_SEED repeats the choices of a run,
// but not their timing.
func TestTorture(t *testing.T) {
	if testing.Short() {
		t.Skip("takes many seconds")
	}
	n := rounds(t, 6)
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("STARPUNK_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("STARPUNK_SEED=%d", seed)
	x := newTorture(t, seed)
	for round := range n {
		if round > 0 && round%siteRounds == 0 {
			x.examine()
			x.begin()
		}
		x.round(round)
		if t.Failed() {
			t.Fatalf("in round %d; the site is kept in %s", round, x.keep())
		}
	}
	x.examine()
	x.report(n)
}

const (
	siteRounds = 25 // of one site, before it grows too large to be looked at often
	clients    = 4
	lastStep   = 120 // since its start, that a process kills itself at
	mostSent   = 30  // requests, before it is killed
)

// A torture is one site with what is known of it.
type torture struct {
	t        *testing.T
	random   *rand.Rand
	binary   string
	provider *httptest.Server
	env      []string

	dir     string
	site    int
	mu      sync.Mutex
	notes   map[string]*tortured // by id
	uploads map[string]bool      // acknowledged, by path below the site
	edited  map[string]string    // content of the editor's files, by name

	answered atomic.Int64   // requests of a round
	sent     map[string]int // by action and what came of it
	diedAt   map[string]int
	diskSize int
}

// A tortured is a note of a client. After a request without an answer it may have
// either of two states.
type tortured struct {
	id, address string
	states      []string // "3", "3 deleted", ""
}

func (n *tortured) certain() bool { return len(n.states) == 1 }

func newTorture(t *testing.T, seed uint64) *torture {
	t.Helper()
	x := &torture{
		t: t, random: rand.New(rand.NewPCG(seed, seed)), binary: filepath.Join(t.TempDir(), "starpunk"),
		sent: map[string]int{}, diedAt: map[string]int{},
	}
	if out, err := exec.Command("go", "build", "-tags", "torture", "-o", x.binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	x.provider = httptest.NewUnstartedServer(http.HandlerFunc(x.serveProvider))
	x.provider.Config.ErrorLog = log.New(io.Discard, "", 0) // who is killed does not say goodbye
	x.provider.StartTLS()
	t.Cleanup(x.provider.Close)
	certificates := filepath.Join(t.TempDir(), "certificates.pem")
	writeFile(t, certificates, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: x.provider.Certificate().Raw})))
	x.env = append(os.Environ(), "SSL_CERT_FILE="+certificates, "SSL_CERT_DIR="+t.TempDir(), "ADMIN_ME="+x.provider.URL+"/")
	x.begin()
	return x
}

func (x *torture) serveProvider(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/token" {
		fmt.Fprint(w, `<!DOCTYPE html><link rel="token_endpoint" href="/token">`)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{ // the client would notice
		"me": x.provider.URL + "/", "client_id": "https://app.example/", "scope": "create update delete media",
	})
}

// begin continues with a new site.
func (x *torture) begin() {
	x.t.Helper()
	x.site++
	x.dir = filepath.Join(x.t.TempDir(), fmt.Sprintf("site-%d", x.site))
	x.notes, x.uploads, x.edited = map[string]*tortured{}, map[string]bool{}, map[string]string{}
	if out, err := exec.Command(x.binary, "init", x.dir).CombinedOutput(); err != nil {
		x.t.Fatalf("starpunk init: %v\n%s", err, out)
	}
	writeFile(x.t, filepath.Join(x.dir, "starpunk.toml"), `
url = "https://ida.example/"
title = "Tortured"
[receiver]
listen = "127.0.0.1:0"
allow_private_network = true
publish_wait = "200ms"
`)
	if err := os.MkdirAll(filepath.Join(x.dir, "content/edited"), 0o777); err != nil {
		x.t.Fatal(err)
	}
}

// keep moves the site to where the end of the test leaves it.
func (x *torture) keep() string {
	kept, err := os.MkdirTemp("", "tortured-*")
	if err == nil {
		err = os.Rename(x.dir, filepath.Join(kept, "site"))
	}
	if err != nil {
		x.t.Error(err)
	}
	return kept
}

// A victim is a process that is going to be killed.
type victim struct {
	cmd  *exec.Cmd
	said *syncBuffer
	done chan struct{} // closed when it is dead
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func (x *torture) start(die string, args ...string) *victim {
	x.t.Helper()
	v := &victim{cmd: exec.Command(x.binary, append(args, "--site", x.dir)...), said: &syncBuffer{}, done: make(chan struct{})}
	v.cmd.Env = append(slices.Clone(x.env), "STARPUNK_DIE="+die)
	v.cmd.Stdout, v.cmd.Stderr = v.said, v.said
	if err := v.cmd.Start(); err != nil {
		x.t.Fatal(err)
	}
	x.t.Cleanup(v.kill)
	go func() {
		_ = v.cmd.Wait() // killed: there is nothing to learn
		close(v.done)
	}()
	return v
}

func (v *victim) kill() {
	_ = v.cmd.Process.Kill() // it may be dead already
	<-v.done
}

// wait waits until a victim says something, or is dead.
func (v *victim) wait(pattern string) (match string, alive bool) {
	re := regexp.MustCompile(pattern)
	for deadline := time.Now().Add(testTimeout); time.Now().Before(deadline); {
		if m := re.FindStringSubmatch(v.said.String()); m != nil {
			return m[len(m)-1], true
		}
		select {
		case <-v.done:
			return "", false
		case <-time.After(2 * time.Millisecond):
		}
	}
	return "", false
}

// round starts the program, has everybody work, kills it, and looks at the
// files.
func (x *torture) round(n int) {
	x.t.Helper()
	die := func() string {
		if x.random.IntN(3) == 0 {
			return "" // at any moment
		}
		return strconv.Itoa(1+x.random.IntN(lastStep)) + []string{"", "+"}[x.random.IntN(2)]
	}
	var victims []*victim
	for _, role := range [][]string{{"serve"}, {"receive", "watch"}}[n%2] {
		victims = append(victims, x.start(die(), role))
	}
	address, alive := victims[0].wait(`"msg":"ready","listen":"([^"]+)"`)
	var group sync.WaitGroup
	stop := make(chan struct{})
	if alive {
		for c := range clients {
			w := &worker{torture: x, random: rand.New(rand.NewPCG(x.random.Uint64(), 1)), name: fmt.Sprintf("s%d-r%d-c%d", x.site, n, c), address: address, stop: stop}
			group.Go(w.work)
		}
	}
	editor := rand.New(rand.NewPCG(x.random.Uint64(), 2))
	group.Go(func() { x.edit(editor, stop) })
	x.let(victims, x.random.IntN(mostSent))
	for _, v := range victims {
		v.kill()
		if m := regexp.MustCompile(`dies (\w+ \w+)`).FindStringSubmatch(v.said.String()); m != nil {
			x.diedAt[m[1]]++
		} else {
			x.diedAt["at any moment"]++
		}
		if strings.Contains(v.said.String(), "panic") || strings.Contains(v.said.String(), "made again") {
			x.t.Errorf("starpunk %q says:\n%s", v.cmd.Args[1:], v.said)
		}
	}
	close(stop)
	group.Wait()
	x.checkFiles()
}

// let makes all clients work until some requests are answered, or a victim is dead,
// and a little longer.
func (x *torture) let(victims []*victim, requests int) {
	x.answered.Store(0)
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline) && int(x.answered.Load()) < requests; {
		for _, v := range victims {
			select {
			case <-v.done:
				return
			case <-time.After(time.Millisecond):
			}
		}
	}
	time.Sleep(time.Duration(x.random.IntN(20_000)) * time.Microsecond)
}

// A worker is a client.
type worker struct {
	*torture
	random  *rand.Rand
	name    string
	address string
	stop    chan struct{}
	made    int
}

// work sends requests until the program is dead.
func (w *worker) work() {
	for {
		select {
		case <-w.stop:
			return
		default:
		}
		if !w.request() {
			return
		}
	}
}

func (w *worker) request() (alive bool) {
	note := w.choose()
	switch {
	case w.random.IntN(6) == 0:
		return w.upload()
	case note == nil:
		return w.create()
	case strings.HasSuffix(note.states[0], " deleted"):
		return w.change(note, "undelete", strings.TrimSuffix(note.states[0], " deleted"))
	case w.random.IntN(3) == 0:
		return w.change(note, "delete", note.states[0]+" deleted")
	}
	version, err := strconv.Atoi(note.states[0])
	if err != nil {
		w.t.Error(err)
	}
	return w.change(note, "update", strconv.Itoa(version+1))
}

// choose returns one of the notes whose state is certain, and sometimes none.
func (w *worker) choose() *tortured {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(w.notes)) {
		n := w.notes[id]
		if strings.Contains(id, w.name[strings.LastIndex(w.name, "-"):]+"-") && n.certain() && n.states[0] != "" && w.random.IntN(3) == 0 {
			return n
		}
	}
	return nil
}

func text(id, version string) string {
	return fmt.Sprintf("BEGIN %s v%s %sEND", id, version, strings.Repeat("word ", 300))
}

func (w *worker) create() (alive bool) {
	w.made++
	n := &tortured{id: fmt.Sprintf("%s-%d", w.name, w.made), states: []string{"", "1"}}
	w.mu.Lock()
	w.notes[n.id] = n
	w.mu.Unlock()
	body := url.Values{"content": {text(n.id, "1")}, "mp-slug": {"same"}, "category": {w.name[strings.LastIndex(w.name, "-")+1:]}}
	status, location := w.send("micropub", form, []byte(body.Encode()))
	w.record("create", status, n, "1")
	w.mu.Lock()
	n.address = location
	w.mu.Unlock()
	return status != 0
}

func (w *worker) change(n *tortured, action, state string) (alive bool) {
	w.mu.Lock()
	n.states = append(n.states, state)
	w.mu.Unlock()
	body := map[string]any{"action": action, "url": n.address}
	if action == "update" {
		body["replace"] = map[string]any{"content": []string{text(n.id, state)}}
	}
	data, err := json.Marshal(body)
	if err != nil {
		w.t.Error(err)
	}
	status, _ := w.send("micropub", jsonType, data)
	w.record(action, status, n, state)
	return status != 0
}

// record records the state of a note after an answer: changed, unchanged, or unknown.
func (w *worker) record(action string, status int, n *tortured, state string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent[fmt.Sprintf("%s %d", action, status)]++
	switch {
	case status/100 == 2:
		n.states = []string{state}
	case status != 0 && status < 500:
		w.t.Errorf("%s of %s: %d", action, n.id, status)
	}
}

func (w *worker) upload() (alive bool) {
	img := image.NewRGBA(image.Rect(0, 0, 40, 40))
	for i := range 1600 {
		img.Set(i%40, i/40, color.RGBA{uint8(w.random.Uint32()), uint8(w.random.Uint32()), 7, 255})
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "noise.png")
	if err == nil {
		err = png.Encode(part, img)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		w.t.Error(err)
	}
	status, location := w.send("micropub/media", form.FormDataContentType(), body.Bytes())
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent[fmt.Sprintf("upload %d", status)]++
	if status == http.StatusCreated {
		w.uploads[strings.TrimPrefix(location, "https://ida.example/")] = true
	} else if status != 0 && status < 500 {
		w.t.Errorf("upload: %d", status)
	}
	return status != 0
}

// send returns status 0 if there was no answer.
func (w *worker) send(endpoint, contentType string, body []byte) (status int, location string) {
	req, err := http.NewRequest("POST", "http://"+w.address+"/"+endpoint, bytes.NewReader(body))
	if err != nil {
		w.t.Error(err)
		return 0, ""
	}
	req.Header.Set("Authorization", "Bearer good")
	req.Header.Set("Content-Type", contentType)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, ""
	}
	_ = resp.Body.Close() // the answer is its status
	w.answered.Add(1)
	return resp.StatusCode, resp.Header.Get("Location")
}

// edit works as a person with a text editor does, and file managers.
func (x *torture) edit(random *rand.Rand, stop chan struct{}) {
	dir := filepath.Join(x.dir, "content/edited")
	for i := 0; ; i++ {
		select {
		case <-stop:
			return
		case <-time.After(time.Duration(random.IntN(8)) * time.Millisecond):
		}
		name := fmt.Sprintf("e%d.md", random.IntN(12))
		data := fmt.Sprintf("---\ndate: 2026-0%d-01\ntags: [edited]\n---\nSave %d of %s\n", 1+random.IntN(9), i, name)
		var err error
		switch random.IntN(4) {
		case 0: // in place
			err = os.WriteFile(filepath.Join(dir, name), []byte(data), 0o666)
			x.edited[name] = data
		case 1: // as a new file, and renamed
			temp := filepath.Join(dir, ".save~")
			if err = os.WriteFile(temp, []byte(data), 0o666); err == nil {
				err = os.Rename(temp, filepath.Join(dir, name))
			}
			x.edited[name] = data
		case 2:
			other := fmt.Sprintf("e%d.md", random.IntN(12))
			if x.edited[name] == "" {
				continue
			}
			err = os.Rename(filepath.Join(dir, name), filepath.Join(dir, other))
			data := x.edited[name]
			delete(x.edited, name)
			x.edited[other] = data
		case 3:
			if x.edited[name] == "" {
				continue
			}
			err = os.Remove(filepath.Join(dir, name))
			delete(x.edited, name)
		}
		if err != nil {
			x.t.Errorf("the editor: %v", err)
		}
	}
}

// checkFiles compares what is on the disk with what is known.
func (x *torture) checkFiles() {
	x.t.Helper()
	found := map[string][]string{}
	note := regexp.MustCompile(`BEGIN (\S+) v(\d+) (?:word ){300}END\s*$`)
	err := filepath.WalkDir(filepath.Join(x.dir, "content"), func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") || !strings.Contains(name, "/notes/") {
			return err
		}
		data, err := os.ReadFile(name)
		m := note.FindSubmatch(data)
		if m == nil {
			if !strings.Contains(string(data), "The first note on my own website.") { // of starpunk init
				x.t.Errorf("%s is not whole: %q", name, data)
			}
			return err
		}
		state := string(m[2])
		if strings.Contains(name, "/.trash/") {
			state += " deleted"
		}
		found[string(m[1])] = append(found[string(m[1])], state)
		return err
	})
	if err != nil {
		x.t.Error(err)
	}
	for id, n := range x.notes {
		states := found[id]
		if len(states) == 0 {
			states = []string{""}
		}
		delete(found, id)
		if len(states) != 1 || !slices.Contains(n.states, states[0]) {
			x.t.Errorf("note %s is there as %q, want one of %q", id, states, n.states)
		}
		n.states = states[:1] // now it is known
		if n.address == "" {
			n.states = append(n.states, states[0]) // but its address is not: it is not used again
		}
	}
	for id := range found {
		x.t.Errorf("note %s was never sent", id)
	}
	x.checkUploads()
	for name, want := range x.edited {
		if data, err := os.ReadFile(filepath.Join(x.dir, "content/edited", name)); err != nil || string(data) != want {
			x.t.Errorf("the editor's %s holds %q, %v; it saved %q", name, data, err, want)
		}
	}
}

// checkUploads wants every upload that was acknowledged, and each whole.
func (x *torture) checkUploads() {
	x.t.Helper()
	for file := range x.uploads {
		if _, err := os.Stat(filepath.Join(x.dir, file)); err != nil {
			x.t.Errorf("upload: %v", err)
		}
	}
	files, err := filepath.Glob(filepath.Join(x.dir, "media/*/*"))
	if err != nil {
		x.t.Error(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if sum := fmt.Sprintf("%x", sha256.Sum256(data)); err != nil || sum != strings.TrimSuffix(path.Base(file), ".png") {
			x.t.Errorf("%s has the bytes of %s, %v", file, sum, err)
		}
	}
}

// examine lets the program finish its work, and compares what it made with what
// it makes from only the files.
func (x *torture) examine() {
	x.t.Helper()
	v := x.start("", "serve")
	if _, alive := v.wait(`"msg":"ready"`); !alive {
		x.t.Fatalf("starpunk serve does not come up:\n%s", v.said)
	}
	if err := v.cmd.Process.Signal(os.Interrupt); err != nil {
		x.t.Fatal(err)
	}
	<-v.done
	x.checkFiles()
	again := filepath.Join(x.t.TempDir(), "again")
	for _, part := range []string{"content", "media", "static", "starpunk.toml"} {
		if _, err := os.Stat(filepath.Join(x.dir, part)); err != nil {
			continue
		}
		if err := os.MkdirAll(again, 0o777); err != nil {
			x.t.Fatal(err)
		}
		if out, err := exec.Command("cp", "-a", filepath.Join(x.dir, part), again).CombinedOutput(); err != nil {
			x.t.Fatalf("cp: %v\n%s", err, out)
		}
	}
	build := exec.Command(x.binary, "build", "--site", again)
	build.Env = x.env
	if out, err := build.CombinedOutput(); err != nil {
		x.t.Fatalf("starpunk build: %v\n%s", err, out)
	}
	sameTrees(x.t, "output", tree(x.t, filepath.Join(x.dir, "public")), tree(x.t, filepath.Join(again, "public")))
	sameTrees(x.t, "index", x.index(x.dir), x.index(again))
	for name := range tree(x.t, x.dir) {
		if strings.HasPrefix(path.Base(name), ".starpunk-") {
			x.t.Errorf("%s was left behind", name)
		}
	}
	x.checkLinks(filepath.Join(x.dir, "public"))
	x.diskSize += len(tree(x.t, filepath.Join(x.dir, "public")))
}

// sameTrees wants what came to be in a long life to be what one build makes.
func sameTrees(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got[name] != want[name] {
			same := 0
			for same < min(len(got[name]), len(want[name])) && got[name][same] == want[name][same] {
				same++
			}
			from := max(0, same-200)
			t.Errorf("%s: %s is from byte %d on\n%.1000q\nand built again is\n%.1000q", what, name, from,
				got[name][min(from, len(got[name])):], want[name][min(from, len(want[name])):])
			return
		}
	}
	for name, text := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s: there is %s, which nothing makes: %.2000q", what, name, text)
		}
	}
}

// tree reads all files below a folder but the marks of an output folder.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(dir, name) // it is below
		if err != nil || d.IsDir() || d.Name() == ".starpunk" || strings.HasPrefix(rel, ".starpunk/") {
			return err
		}
		data, err := os.ReadFile(name)
		files[rel] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// index returns the rows of an index, by file, without the times and
// inodes of the files.
func (x *torture) index(dir string) map[string]string {
	x.t.Helper()
	conn, err := sqlite.OpenConn(filepath.Join(dir, ".starpunk/index.db"), sqlite.OpenReadWrite)
	if err != nil {
		x.t.Fatal(err)
	}
	defer conn.Close()
	rows := map[string]string{}
	for _, query := range []string{
		`select file, json_array(dir, size, hex(hash), problem, kind, type, status, shows, shadowed, permalink, published, written,
			label, named, tags, todo, gone, hex(built_hash), built_permalink, built_published, built_lists, built_outputs, beside)
			from notes`,
		"select 'list ' || address, json_array(stale, outputs) from lists",
		"select 'tag ' || address, spelled from tags",
		"select 'removal ' || output, '' from removals where built is null",
	} {
		err := sqlitex.Execute(conn, query, &sqlitex.ExecOptions{ResultFunc: func(stmt *sqlite.Stmt) error {
			rows[stmt.ColumnText(0)] = stmt.ColumnText(1)
			return nil
		}})
		if err != nil {
			x.t.Fatal(err)
		}
	}
	return rows
}

// checkLinks follows every link of every page, list and feed to a file of the
// site.
func (x *torture) checkLinks(public string) {
	x.t.Helper()
	link := regexp.MustCompile(`(?:href|src)="(/[^"#?]*|https://ida\.example/[^"#?]*)|<(?:link|loc|guid)[^>]*>(https://ida\.example/[^<#?]*)<`)
	broken := map[string]string{}
	for name, data := range tree(x.t, public) {
		if !slices.Contains([]string{".html", ".xml", ".atom"}, path.Ext(name)) {
			continue
		}
		for _, m := range link.FindAllStringSubmatch(data, -1) {
			target, err := url.PathUnescape(strings.TrimPrefix(m[1]+m[2], "https://ida.example"))
			if err != nil || strings.HasPrefix(target, "//") || strings.HasPrefix(target, "/micropub") {
				continue
			}
			file := filepath.Join(public, target)
			if strings.HasSuffix(target, "/") || target == "" {
				file = filepath.Join(file, "index.html")
			}
			if _, err := os.Stat(file); err != nil {
				broken[target] = name
			}
		}
	}
	for target, name := range broken {
		x.t.Errorf("%s links to %s, which is not there", name, target)
	}
}

func (x *torture) report(rounds int) {
	x.t.Helper()
	x.t.Logf("%d rounds on %d sites; %d output files compared with clean builds", rounds, x.site, x.diskSize)
	for _, counts := range []map[string]int{x.sent, x.diedAt} {
		for _, name := range slices.Sorted(maps.Keys(counts)) {
			x.t.Logf("%6d %s", counts[name], name)
		}
	}
	if rounds < 500 { // in fewer chance may leave one out
		return
	}
	for _, step := range []string{"create", "write", "sync", "link", "exchange", "move", "remove", "syncdir", "commit"} {
		for _, when := range []string{"before ", "after "} {
			if x.diedAt[when+step] == 0 {
				x.t.Errorf("no process died %s%s", when, step)
			}
		}
	}
}
