package main

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheServerAndTheCommandsShareTheProvidersFile signs in without a passkey, as a
// browser without JavaScript does, and revokes the app on the command line.
func TestTheServerAndTheCommandsShareTheProvidersFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	command := func(args ...string) string {
		t.Helper()
		out, err := exec.Command("starpunk", append(args, "--site", dir)...).CombinedOutput()
		if err != nil {
			t.Fatalf("starpunk %q: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	command("init", "--url", "https://ada.example", "--sign-in", "starpunk", dir)
	p := start(t, nil, "serve", "--site", dir, "--listen", "127.0.0.1:0")
	address := p.wait(`"listen":"([^"]+)"`)
	p.wait(`no passkey is registered yet`)

	var cookie string
	send := func(method, path string, form url.Values) (*http.Response, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, "http://"+address+path, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Host = "ada.example"
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Cookie", cookie)
		if token := form.Get("token"); token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		a, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Body.Close()
		body, err := io.ReadAll(a.Body)
		if err != nil {
			t.Fatal(err)
		}
		return a, string(body)
	}
	if _, body := send("GET", "/.well-known/oauth-authorization-server", nil); !strings.Contains(body, `"issuer":"https://ada.example/"`) {
		t.Fatalf("metadata %s", body)
	}
	const client = "http://127.0.0.1:4000/"
	const challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" // RFC 7636 Appendix B
	request := url.Values{
		"response_type": {"code"}, "client_id": {client}, "redirect_uri": {client}, "state": {"s"}, "scope": {"create"},
		"code_challenge": {challenge}, "code_challenge_method": {"S256"},
	}
	signedIn, body := send("POST", "/auth/sign-in", url.Values{"next": {request.Encode()}, "passcode": {command("provider", "code")}})
	if signedIn.StatusCode != http.StatusSeeOther {
		t.Fatalf("sign-in: %d %s", signedIn.StatusCode, body)
	}
	cookie = strings.Split(signedIn.Header.Get("Set-Cookie"), ";")[0]
	_, body = send("GET", signedIn.Header.Get("Location"), nil)
	_, csrf, _ := strings.Cut(body, `name="csrf" value="`)
	csrf, _, _ = strings.Cut(csrf, `"`)
	decision := url.Values{"csrf": {csrf}, "decision": {"allow"}, "grant": {"create"}}
	for name, values := range request {
		decision[name] = values
	}
	allowed, body := send("POST", "/auth/authorize", decision)
	back, err := url.Parse(allowed.Header.Get("Location"))
	if err != nil || allowed.StatusCode != http.StatusSeeOther {
		t.Fatalf("decision: %d %s", allowed.StatusCode, body)
	}
	_, body = send("POST", "/auth/token", url.Values{
		"grant_type": {"authorization_code"}, "code": {back.Query().Get("code")}, "client_id": {client}, "redirect_uri": {client},
		"code_verifier": {"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"},
	})
	var tokens struct {
		Access string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(body), &tokens); err != nil || tokens.Access == "" {
		t.Fatalf("token: %v %s", err, body)
	}
	introspect := func() string {
		t.Helper()
		_, body := send("POST", "/auth/introspect", url.Values{"token": {tokens.Access}})
		return body
	}
	if got := introspect(); !strings.Contains(got, `"active":true`) {
		t.Errorf("introspection: %s", got)
	}
	list := strings.Fields(command("provider", "list"))
	if len(list) < 3 || list[0] != "app" || list[2] != client {
		t.Fatalf("provider list: %q", list)
	}
	command("provider", "revoke", list[1])
	if got := introspect(); !strings.Contains(got, `"active":false`) {
		t.Errorf("introspection after the revocation: %s", got)
	}
	p.stop()
	if strings.Contains(p.said(), tokens.Access) || strings.Contains(p.said(), back.Query().Get("code")) {
		t.Error("a secret is in the log")
	}
}

// TestRootDoesNotMakeTheProvidersFileForAnotherUser runs as root only.
func TestRootDoesNotMakeTheProvidersFileForAnotherUser(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can give a folder to another user")
	}
	dir := t.TempDir()
	if out, err := exec.Command("starpunk", "init", "--url", "https://ada.example", "--sign-in", "starpunk", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	if err := os.Chown(dir, 65534, -1); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("starpunk", "provider", "link", "--site", dir).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "belongs to the user") {
		t.Errorf("%v %s", err, out)
	}
	if _, err := os.Stat(filepath.Join(dir, "provider.json")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file was made: %v", err)
	}
}

func TestAQRCodeIsASquareWithItsQuietZone(t *testing.T) {
	t.Parallel()
	code, err := qrCode("https://ada.example/auth/register#ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(code, "\n"), "\n")
	width := 0
	for i, line := range lines {
		line = strings.TrimSuffix(strings.TrimPrefix(line, "\x1b[38;5;16;48;5;231m"), "\x1b[0m")
		if i == 0 {
			width = len([]rune(line))
			if strings.TrimSpace(line) != "" {
				t.Error("no quiet zone above the code")
			}
		}
		if len([]rune(line)) != width || !strings.HasPrefix(line, "    ") || !strings.HasSuffix(line, "    ") {
			t.Errorf("line %d: %q", i, line)
		}
	}
	if len(lines) != (width+1)/2 {
		t.Errorf("%d lines of %d modules", len(lines), width)
	}
}
