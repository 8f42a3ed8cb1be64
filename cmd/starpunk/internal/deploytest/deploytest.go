// Package deploytest helps tests that run real web servers with the configurations of
// docs/deploy.
package deploytest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Needs skips a test where a program is not installed, unless STARPUNK_DEPLOY_CHECK is
// set.
func Needs(t *testing.T, program string) {
	t.Helper()
	_, err := exec.LookPath(program)
	if err != nil && os.Getenv("STARPUNK_DEPLOY_CHECK") != "" {
		t.Fatal(err)
	}
	if err != nil {
		t.Skipf("%s is not installed", program)
	}
}

// Configuration returns a file of docs/deploy, which top leads to. replace has pairs of
// old and new texts. The file must have each of the old ones.
func Configuration(t *testing.T, top, name string, replace ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(top, "docs/deploy", name))
	if err != nil {
		t.Fatal(err)
	}
	return Replace(t, string(data), replace...)
}

// Replace replaces pairs of old and new texts. text must have each of the old ones.
func Replace(t *testing.T, text string, replace ...string) string {
	t.Helper()
	for pair := range slices.Chunk(replace, 2) {
		if !strings.Contains(text, pair[0]) {
			t.Fatalf("the configuration has no %q", pair[0])
		}
		text = strings.ReplaceAll(text, pair[0], pair[1])
	}
	return text
}

// NginxMain returns the main configuration of an nginx that runs in the foreground as
// the test's user, with its files in a folder.
func NginxMain(dir, servers string) string {
	temporary := ""
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		temporary += fmt.Sprintf("\t%s_temp_path %s;\n", kind, filepath.Join(dir, kind))
	}
	account := ""
	if os.Getuid() == 0 {
		account = "user root;\n" // only the test's user can read its folders
	}
	return fmt.Sprintf("%sdaemon off;\npid %s;\nerror_log stderr;\nevents {}\nhttp {\n\taccess_log off;\n%s\tinclude /etc/nginx/mime.types;\n%s\n}\n",
		account, filepath.Join(dir, "nginx.pid"), temporary, servers)
}
