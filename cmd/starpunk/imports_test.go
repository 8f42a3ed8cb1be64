package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// rooms are the packages of the module, each with those of the module that it
// may import. Each package must be listed.
var rooms = map[string][]string{
	"starpunk/cmd/bench":         {"starpunk/site", "starpunk/site/store"},
	"starpunk/cmd/benchreceiver": {},
	"starpunk/cmd/drawsample":    {},
	"starpunk/cmd/starpunk":      {"starpunk/cmd/starpunk/internal/check", "starpunk/cmd/starpunk/internal/daemon", "starpunk/cmd/starpunk/internal/importer", "starpunk/generator", "starpunk/receiver/indieauth", "starpunk/receiver/provider/state", "starpunk/site", "starpunk/site/media", "starpunk/site/store", "starpunk/site/store/upload"},
	"starpunk/cmd/starpunk/internal/check": {
		"starpunk/generator", "starpunk/generator/redirect", "starpunk/receiver/fetch", "starpunk/receiver/indieauth", "starpunk/receiver/provider/state",
		"starpunk/site", "starpunk/site/store", "starpunk/site/store/durable",
	},
	"starpunk/cmd/starpunk/internal/deploytest": {},
	"starpunk/cmd/starpunk/internal/daemon": {
		"starpunk/generator", "starpunk/receiver", "starpunk/receiver/fetch", "starpunk/receiver/provider", "starpunk/receiver/provider/clientinfo", "starpunk/receiver/provider/state", "starpunk/receiver/indieauth",
		"starpunk/receiver/preview", "starpunk/site", "starpunk/site/store", "starpunk/site/store/durable", "starpunk/site/store/filestamp",
	},
	"starpunk/cmd/starpunk/internal/importer": {"starpunk/generator/markdown", "starpunk/site", "starpunk/site/store"},
	"starpunk/generator":                      {"starpunk/generator/assets", "starpunk/generator/deadlink", "starpunk/generator/hook", "starpunk/generator/list", "starpunk/generator/output", "starpunk/generator/plan", "starpunk/generator/precedence", "starpunk/generator/redirect", "starpunk/generator/render", "starpunk/generator/watch", "starpunk/site", "starpunk/site/store", "starpunk/site/store/queue", "starpunk/site/store/table"},
	"starpunk/generator/assets":               {"starpunk/generator/output", "starpunk/generator/precedence", "starpunk/site", "starpunk/site/store", "starpunk/site/store/content", "starpunk/site/store/durable", "starpunk/site/store/loss", "starpunk/site/store/queue"},
	"starpunk/generator/deadlink":             {"starpunk/generator/markdown", "starpunk/generator/output", "starpunk/site", "starpunk/site/store", "starpunk/site/store/link"},
	"starpunk/generator/feed":                 {},
	"starpunk/generator/hook":                 {},
	"starpunk/generator/list":                 {"starpunk/site", "starpunk/site/store"},
	"starpunk/generator/markdown":             {"starpunk/site", "starpunk/site/comment", "starpunk/site/plaintext", "starpunk/site/store/link"},
	"starpunk/generator/output":               {"starpunk/site/store/durable"},
	"starpunk/generator/picture":              {"starpunk/site/media", "starpunk/site/store/durable"},
	"starpunk/generator/plan":                 {"starpunk/site", "starpunk/site/store/content", "starpunk/site/store/table"},
	"starpunk/generator/precedence":           {"starpunk/generator/list", "starpunk/generator/output", "starpunk/site", "starpunk/site/store", "starpunk/site/store/queue"},
	"starpunk/generator/redirect":             {"starpunk/generator/output", "starpunk/generator/precedence", "starpunk/site", "starpunk/site/store"},
	"starpunk/generator/render":               {"starpunk/generator/feed", "starpunk/generator/list", "starpunk/generator/markdown", "starpunk/generator/picture", "starpunk/generator/plan", "starpunk/generator/precedence", "starpunk/generator/theme", "starpunk/site", "starpunk/site/store", "starpunk/site/store/content", "starpunk/site/store/durable", "starpunk/site/store/link", "starpunk/site/store/queue"},
	"starpunk/generator/theme":                {"starpunk/generator/theme/compile", "starpunk/layouts", "starpunk/site", "starpunk/site/store/durable"},
	"starpunk/generator/theme/compile":        {},
	"starpunk/generator/watch":                {},
	"starpunk/layouts":                        {},
	"starpunk/migrations":                     {},
	"starpunk/receiver":                       {"starpunk/receiver/indieauth", "starpunk/site", "starpunk/site/media", "starpunk/site/store", "starpunk/site/store/upload"},
	"starpunk/receiver/linkheader":            {},
	"starpunk/receiver/provider":              {"starpunk/receiver/provider/clientinfo", "starpunk/receiver/provider/state", "starpunk/site"},
	"starpunk/receiver/provider/clientinfo":   {"starpunk/receiver/fetch", "starpunk/receiver/linkheader"},
	"starpunk/receiver/provider/state":        {"starpunk/site", "starpunk/site/store/durable", "starpunk/site/store/filelock"},
	"starpunk/receiver/fetch":                 {},
	"starpunk/receiver/indieauth":             {"starpunk/receiver/fetch", "starpunk/receiver/linkheader"},
	"starpunk/receiver/internal/logtest":      {},
	"starpunk/site/media":                     {},
	"starpunk/receiver/preview":               {"starpunk/site"},
	"starpunk/site":                           {"starpunk/site/comment", "starpunk/site/plaintext"},
	"starpunk/site/comment":                   {},
	"starpunk/site/plaintext":                 {},
	"starpunk/site/store":                     {"starpunk/migrations", "starpunk/site", "starpunk/site/store/content", "starpunk/site/store/durable", "starpunk/site/store/filelock", "starpunk/site/store/filestamp", "starpunk/site/store/index", "starpunk/site/store/link", "starpunk/site/store/loss", "starpunk/site/store/query", "starpunk/site/store/queue", "starpunk/site/store/scan", "starpunk/site/store/table", "starpunk/site/store/upload", "starpunk/site/store/wakeup"},
	"starpunk/site/store/content":             {"starpunk/site", "starpunk/site/store/durable", "starpunk/site/store/filelock", "starpunk/site/store/filestamp"},
	"starpunk/site/store/link":                {"starpunk/site", "starpunk/site/store/query"},
	"starpunk/site/store/table":               {"starpunk/site", "starpunk/site/store/content", "starpunk/site/store/filestamp", "starpunk/site/store/link", "starpunk/site/store/query"},
	"starpunk/site/store/wakeup":              {"starpunk/site/store/durable", "starpunk/site/store/index"},
	"starpunk/site/store/queue":               {"starpunk/site", "starpunk/site/store/content", "starpunk/site/store/filestamp", "starpunk/site/store/link", "starpunk/site/store/query", "starpunk/site/store/table", "starpunk/site/store/wakeup"},
	"starpunk/site/store/loss":                {"starpunk/site/store/query"},
	"starpunk/site/store/scan":                {"starpunk/site", "starpunk/site/store/content", "starpunk/site/store/durable", "starpunk/site/store/filelock", "starpunk/site/store/filestamp", "starpunk/site/store/link", "starpunk/site/store/loss", "starpunk/site/store/query", "starpunk/site/store/table"},
	"starpunk/site/store/upload":              {"starpunk/site", "starpunk/site/store/content", "starpunk/site/store/durable", "starpunk/site/store/filelock", "starpunk/site/store/filestamp", "starpunk/site/store/query", "starpunk/site/store/queue", "starpunk/site/store/wakeup"},
	"starpunk/site/store/internal/storetest":  {"starpunk/site", "starpunk/site/store", "starpunk/site/store/durable", "starpunk/site/store/queue", "starpunk/site/store/table"},
	"starpunk/site/store/durable":             {},
	"starpunk/site/store/filelock":            {},
	"starpunk/site/store/filestamp":           {},
	"starpunk/site/store/index":               {"starpunk/site/store/filelock"},
	"starpunk/site/store/query":               {"starpunk/site/store/filestamp", "starpunk/site/store/index"},
}

// offline are the packages that must not use HTTP, not even through a library.
var offline = []string{
	"starpunk/cmd/starpunk/internal/importer",
	"starpunk/generator",
	"starpunk/generator/assets",
	"starpunk/generator/deadlink",
	"starpunk/generator/feed",
	"starpunk/generator/hook",
	"starpunk/generator/list",
	"starpunk/generator/markdown",
	"starpunk/generator/output",
	"starpunk/generator/picture",
	"starpunk/generator/plan",
	"starpunk/generator/precedence",
	"starpunk/generator/redirect",
	"starpunk/generator/render",
	"starpunk/generator/theme",
	"starpunk/generator/theme/compile",
	"starpunk/generator/watch",
	"starpunk/layouts",
	"starpunk/migrations",
	"starpunk/receiver/provider/state",
	"starpunk/site",
	"starpunk/site/comment",
	"starpunk/site/media",
	"starpunk/site/plaintext",
	"starpunk/site/store",
	"starpunk/site/store/content",
	"starpunk/site/store/durable",
	"starpunk/site/store/filelock",
	"starpunk/site/store/filestamp",
	"starpunk/site/store/index",
	"starpunk/site/store/link",
	"starpunk/site/store/loss",
	"starpunk/site/store/query",
	"starpunk/site/store/queue",
	"starpunk/site/store/scan",
	"starpunk/site/store/table",
	"starpunk/site/store/upload",
	"starpunk/site/store/wakeup",
}

// A goPackage is the description of a package by "go list -json".
type goPackage struct {
	ImportPath string
	Imports    []string // without those of tests
	Deps       []string // of all imports, theirs too
	CgoFiles   []string
}

func listPackages(t *testing.T) []goPackage {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,Deps,CgoFiles", "starpunk/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var list []goPackage
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		list = append(list, p)
	}
}

func TestImportsPointOneWay(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range listPackages(t) {
		seen[p.ImportPath] = true
		allowed, listed := rooms[p.ImportPath]
		if !listed {
			t.Errorf("%s is not in the table of rooms: add it, with the packages that it may import", p.ImportPath)
		}
		for _, imported := range p.Imports {
			if strings.HasPrefix(imported, "starpunk/") && !slices.Contains(allowed, imported) {
				t.Errorf("%s imports %s, want only %v", p.ImportPath, imported, allowed)
			}
		}
		if slices.Contains(offline, p.ImportPath) && slices.Contains(p.Deps, "net/http") {
			t.Errorf("%s depends on net/http, but must not use HTTP", p.ImportPath)
		}
		if len(p.CgoFiles) > 0 {
			t.Errorf("%s uses cgo in %v", p.ImportPath, p.CgoFiles)
		}
	}
	for name := range rooms {
		if !seen[name] {
			t.Errorf("the table of rooms has %s, which is not a package", name)
		}
	}
}
