package state_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"starpunk/receiver/provider/state"
	"starpunk/site"
)

var (
	now   = time.Date(2026, 12, 1, 9, 30, 0, 0, time.UTC)
	lives = state.Lives{Access: time.Hour, Refresh: 24 * time.Hour}
)

// newFile returns a File in a new folder, and its path.
func newFile(t *testing.T) (f *state.File, path string) {
	t.Helper()
	dir := t.TempDir()
	path = filepath.Join(dir, "provider.json")
	return state.NewFile(path, filepath.Join(dir, ".starpunk")), path
}

func update(t *testing.T, f *state.File, change func(*state.State)) {
	t.Helper()
	err := f.Update(t.Context(), func(s *state.State) error {
		change(s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, f *state.File) *state.State {
	t.Helper()
	s, err := f.Read()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheFileHasNoSecretAndIsPrivate(t *testing.T) {
	t.Parallel()
	f, path := newFile(t)
	var secrets []string
	update(t, f, func(s *state.State) {
		_, tokens := s.AddApp(now, lives, state.App{ClientID: "https://app.example/", Scope: []string{"create"}})
		code := s.NewCode(now)
		secrets = append(secrets, tokens.Access, tokens.Refresh, s.NewLink(now), code, state.NormalizeCode(code))
		secrets = append(secrets, strings.Split(tokens.Refresh, ".")...)
	})
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range secrets {
		if len(secret) < 12 || strings.Contains(string(data), secret) {
			t.Errorf("the secret %q is short or in the file", secret)
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 || f.Exposed() {
		t.Errorf("mode %v, want 0600", info.Mode())
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if !f.Exposed() {
		t.Error("a file for all users is not reported")
	}
	update(t, f, func(*state.State) {})
	if f.Exposed() {
		t.Error("a write does not make the file private again")
	}
}

func TestAFileOnTheDiskIsReadBackUnchanged(t *testing.T) {
	t.Parallel()
	f, path := newFile(t)
	var link string
	update(t, f, func(s *state.State) { link = s.NewLink(now) })
	user := string(read(t, f).User)
	update(t, f, func(s *state.State) {
		if !s.AddPasskey(now, link, state.Passkey{Name: "Phone", CredentialID: []byte{1, 2}, PublicKey: []byte{3}, SignCount: 7, BackupEligible: true}) {
			t.Error("the link is not accepted")
		}
		s.AddApp(now, lives, state.App{ClientID: "https://app.example/", Name: "App", Scope: []string{"create", "media"}})
	})
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	update(t, f, func(*state.State) {})
	after, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(before) != string(after) {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
	s := read(t, f)
	if string(s.User) != user || len(s.User) != 32 {
		t.Errorf("user handle %x, before %x", s.User, user)
	}
	if p := s.PasskeyOf([]byte{1, 2}); p == nil || p.Name != "Phone" || p.SignCount != 7 || !p.BackupEligible {
		t.Errorf("passkey %+v", p)
	}
}

func TestMistakesNameTheLineAndAreNeverReplaced(t *testing.T) {
	t.Parallel()
	const head = "{\n  \"version\": 1,\n  \"user\": \"AAAAAAAAAAAAAAAAAAAAAAAA\"" // 18 bytes
	tests := []struct{ name, text, want string }{
		{"an empty file", "", "provider.json:1: EOF"},
		{"half a file", head + ",\n  \"apps\": [", "provider.json:4: unexpected EOF"},
		{"not JSON", "{\n\nversion", "provider.json:3: invalid character 'v'"},
		{"a key of a newer version", head + ",\n  \"more\": 1\n}", `provider.json:4: json: unknown field "more"`},
		{"another type", head + ",\n  \"apps\": 1\n}", "provider.json:4: json: cannot unmarshal number"},
		{"a newer version", "{\"version\": 2}", "provider.json:1: version: must be 1"},
		{"no user handle", "{\"version\": 1}", "provider.json:1: user: must have 16 to 64 bytes"},
		{"a hash that is not one", head + ",\n  \"link\": {\"sha256\": \"abc\"}\n}", "a hash must have 64 hexadecimal digits"},
		{"a hash with other letters", head + ",\n  \"link\": {\"sha256\": \"" + strings.Repeat("x", 64) + "\"}\n}", "invalid byte"},
		{"a second object", head + "}\n{}", "text after the end"},
		{"a repeated ID", head + ",\n \"apps\": [{\"id\": \"A\"}, {\"id\": \"A\"}]}", `id: "A" must be the ID of exactly one`},
		{"an app without an ID", head + ",\n \"apps\": [{}]}", `id: "" must be the ID`},
		{"a passkey without a key", head + ",\n \"passkeys\": [{\"id\": \"A\"}]}", "passkey A: credential_id and public_key must not be empty"},
		{"too many apps", head + ",\n \"apps\": [{}" + strings.Repeat(",{}", 1000) + "]}", "apps, passkeys: must be at most 1000"},
		{"a time that is not one", head + ",\n \"link\": {\"expires\": \"soon\"}}", "parsing time"},
		{"too large", head + strings.Repeat(" ", 8<<20), "larger than 8388608 bytes"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f, path := newFile(t)
			if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, readErr := f.Read()
			updateErr := f.Update(t.Context(), func(s *state.State) error {
				t.Error("the change was called")
				return nil
			})
			for _, err := range []error{readErr, updateErr} {
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("error %v, want %q", err, test.want)
				}
				var syntax *site.SyntaxError
				if !errors.As(err, &syntax) && test.name != "too large" {
					t.Errorf("%T, want a *site.SyntaxError", err)
				}
			}
			if data, err := os.ReadFile(path); err != nil || string(data) != test.text {
				t.Errorf("the file changed (%v)", err)
			}
		})
	}
}

func TestASymbolicLinkIsRefused(t *testing.T) {
	t.Parallel()
	f, path := newFile(t)
	target := path + ".target"
	if err := os.WriteFile(target, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
	if err := f.Update(t.Context(), func(*state.State) error { return nil }); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("error %v", err)
	}
}

func TestAChangeThatFailsStoresNothing(t *testing.T) {
	t.Parallel()
	f, path := newFile(t)
	failure := errors.New("no")
	err := f.Update(t.Context(), func(s *state.State) error {
		s.NewLink(now)
		return failure
	})
	if !errors.Is(err, failure) {
		t.Errorf("error %v, want %v", err, failure)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file was made: %v", err)
	}
}

// TestTwoProcessesLoseNoChange uses two Files, which have nothing in common but
// the path, as two processes have.
func TestTwoProcessesLoseNoChange(t *testing.T) {
	t.Parallel()
	f, path := newFile(t)
	other := state.NewFile(path, filepath.Join(filepath.Dir(path), ".starpunk"))
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			err := []*state.File{f, other}[i%2].Update(t.Context(), func(s *state.State) error {
				s.AddApp(now, lives, state.App{ClientID: fmt.Sprintf("https://app%d.example/", i), Scope: []string{"create"}})
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if got := len(read(t, f).Apps); got != 20 {
		t.Errorf("%d apps, want 20", got)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 2 { // with the folder of the lock
		t.Errorf("files %v (%v), want provider.json and .starpunk", entries, err)
	}
}

func TestAReaderSeesEachChange(t *testing.T) {
	t.Parallel()
	f, path := newFile(t)
	other := state.NewFile(path, filepath.Join(filepath.Dir(path), ".starpunk"))
	update(t, f, func(s *state.State) { s.AddApp(now, lives, state.App{ClientID: client}) })
	old := time.Now().Add(-time.Hour)
	for i := range 3 { // the second read is of the cache
		if err := os.Chtimes(path, old, old); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if s := read(t, f); len(s.Apps) != i+1 {
				t.Errorf("%d apps, want %d", len(s.Apps), i+1)
			} else {
				s.Apps = nil // a copy
			}
		}
		update(t, other, func(s *state.State) { s.AddApp(now, lives, state.App{ClientID: client}) })
	}
	if err := os.WriteFile(path, []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Read(); err == nil {
		t.Error("a broken file is read from the cache")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if s := read(t, f); len(s.Apps) != 0 {
		t.Error("a removed file is read from the cache")
	}
}

func TestAWriteRemovesTheTemporaryFileOfACrash(t *testing.T) {
	t.Parallel()
	f, path := newFile(t)
	temp := filepath.Join(filepath.Dir(path), ".starpunk-CRASH.tmp")
	if err := os.WriteFile(temp, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	update(t, f, func(*state.State) {})
	if _, err := os.Stat(temp); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s still exists: %v", temp, err)
	}
}

func TestAStateInMemoryIsNotSharedWithItsReaders(t *testing.T) {
	t.Parallel()
	f := state.InMemory()
	update(t, f, func(s *state.State) { s.AddApp(now, lives, state.App{ClientID: "https://app.example/"}) })
	first := read(t, f)
	update(t, f, func(s *state.State) { s.RemoveApp(s.Apps[0].ID) })
	if len(first.Apps) != 1 || first.Apps[0].ClientID == "" || len(first.Apps[0].Access) != 1 {
		t.Errorf("a reader's copy changed: %+v", first.Apps)
	}
	if err := f.Update(t.Context(), func(s *state.State) error { s.NewLink(now); return errors.New("no") }); err == nil {
		t.Error("no error")
	}
	if read(t, f).Link != nil {
		t.Error("a failed change was stored")
	}
}

func FuzzFile(f *testing.F) {
	f.Add([]byte(`{"version": 1, "user": "AAAAAAAAAAAAAAAAAAAAAAAA", "apps": [{"id": "A", "scope": ["create"]}]}`))
	f.Add([]byte(`{"version": 1}`))
	f.Add([]byte(`[`))
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		path := filepath.Join(dir, "provider.json")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		file := state.NewFile(path, filepath.Join(dir, ".starpunk"))
		if s, err := file.Read(); err == nil {
			s.FindAccess(now, "x")
			s.RevokeToken("x.y")
			return
		}
		if err := file.Update(t.Context(), func(*state.State) error { return nil }); err == nil {
			t.Error("a broken file was replaced")
		}
		if after, err := os.ReadFile(path); err != nil || string(after) != string(data) {
			t.Errorf("the file changed: %v", err)
		}
	})
}

// TestAReuseIsReportedAfterItIsStored makes a file that is read, but cannot be written:
// its lines are not indented, and the indented ones would be too many bytes.
func TestAReuseIsReportedAfterItIsStored(t *testing.T) {
	t.Parallel()
	f, path := newFile(t)
	_, first := addApp(t, f, "create")
	if _, err := refresh(t, f, now, first.Refresh, client); err != nil {
		t.Fatal(err)
	}
	s := read(t, f)
	for i := range 500 {
		s.Apps = append(s.Apps, state.App{ID: fmt.Sprint(i), ClientID: client})
	}
	data := compact(t, s)
	s.Apps[1].Name = strings.Repeat("x", 8<<20-100-len(data))
	data = compact(t, s)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := refresh(t, f, now, first.Refresh, client); err == nil || errors.Is(err, state.ErrReused) {
		t.Errorf("reuse that could not be stored: %v, want the reason", err)
	}
	if got := read(t, f); len(got.Apps) != 501 {
		t.Errorf("%d apps after a failed write, want 501", len(got.Apps))
	}
}

func compact(t *testing.T, s *state.State) []byte {
	t.Helper()
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
