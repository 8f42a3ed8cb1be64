package index

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"zombiezen.com/go/sqlite"
)

// isPermission reports whether err may have its cause in the permissions of files.
func isPermission(err error) bool {
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultReadOnly, sqlite.ResultPerm, sqlite.ResultCantOpen, sqlite.ResultAuth:
		return true
	}
	return errors.Is(err, fs.ErrPermission)
}

// permissionsOf continues an error about files that can't be written: their mode and
// owner, the user of this process, and the command that may help. If a file does not
// exist, it names the folder that should have it.
func permissionsOf(names ...string) string {
	text, remedy := "", ""
	for _, name := range names {
		info, err := nearest(&name)
		if err != nil {
			continue
		}
		text += fmt.Sprintf("; %s is %s and belongs to %s", name, info.Mode(), ownerOf(info))
		if remedy == "" && !isOwner(info) {
			remedy = fmt.Sprintf(": chown -R %s %s", processUser(), name)
		}
	}
	return text + "; this process runs as " + processUser() + remedy
}

// nearest returns the description of a file, or of the first folder above it that
// exists, and sets name to its name.
func nearest(name *string) (fs.FileInfo, error) {
	for {
		info, err := os.Lstat(*name)
		parent := filepath.Dir(*name)
		if !errors.Is(err, fs.ErrNotExist) || parent == *name {
			return info, err
		}
		*name = parent
	}
}
