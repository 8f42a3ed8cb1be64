//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheFuzzScriptListsWhatWasFound runs .ci/fuzz with a go command that plays
// what comes of fuzz targets.
func TestTheFuzzScriptListsWhatWasFound(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash")
	}
	folder := t.TempDir()
	writeFile(t, filepath.Join(folder, "x_test.go"), "package x\n\nfunc FuzzGood(f *testing.F) {}\nfunc FuzzBad(f *testing.F) {}\nfunc FuzzSlow(f *testing.F) {}\nfunc FuzzLast2(f *testing.F) {}\n")
	bin := t.TempDir()
	play := func(bad string) (said string, err error) {
		t.Helper()
		stub := `#!/bin/sh
case "$*" in
list*) echo "` + folder + `" ;;
*FuzzBad*) ` + bad + ` ;;
*FuzzSlow*) printf -- '--- FAIL: FuzzSlow (10.02s)\n    context deadline exceeded\nFAIL\nexit status 1\n'; exit 1 ;;
*) echo PASS ;;
esac
`
		if err := os.WriteFile(filepath.Join(bin, "go"), []byte(stub), 0o777); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(bash, "../../.ci/fuzz", "./...")
		cmd.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	for name, bad := range map[string]string{
		"a failing input":                        `printf -- '--- FAIL: FuzzBad (0.1s)\n    --- FAIL: FuzzBad (0.00s)\n        x_test.go:9: no\n\n    Failing input written to testdata/fuzz/FuzzBad/0123\n'; exit 1`,
		"a failing input at the end of the time": `printf -- '    x_test.go:9: no\n    Failing input written to testdata/fuzz/FuzzBad/0123\n    context deadline exceeded\n'; exit 1`,
		"a seed that fails":                      `printf -- '    --- FAIL: FuzzBad/seed#3 (0.00s)\n        x_test.go:9: no\n'; exit 1`,
	} {
		said, err := play(bad)
		if exitCode(err) != 1 || !strings.Contains(said, "\nfound:\n  FuzzBad in "+folder+": ") || strings.Contains(said, "\n  FuzzSlow") {
			t.Errorf("%s: exit status %d\n%s", name, exitCode(err), said)
		}
		if !strings.Contains(said, "fuzz FuzzLast2 in ") {
			t.Errorf("%s ends the script:\n%s", name, said)
		}
	}
	if said, err := play("echo PASS"); err != nil || !strings.HasSuffix(said, "nothing was found\n") {
		t.Errorf("when nothing is found: %v\n%s", err, said)
	}
}
