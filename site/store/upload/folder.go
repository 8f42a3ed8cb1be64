package upload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math"
	"path"
	"path/filepath"
	"strings"
	"time"

	"starpunk/site"
	"starpunk/site/store/content"
	"starpunk/site/store/durable"
	"starpunk/site/store/query"
	"starpunk/site/store/queue"
	"starpunk/site/store/wakeup"

	"zombiezen.com/go/sqlite"
)

// A Folder is the folder media/ of a site, which has its uploads. Its fields are set before
// its first use. Then several goroutines may use it at once.
type Folder struct {
	Config  *site.Config
	Log     *slog.Logger
	Now     func() time.Time
	Disk    *durable.Disk
	DB      *query.DB
	Content *content.Folder // with the lock of writers
	Wakeups *wakeup.Wakeups
	Copies  *queue.Copies
}

// Save receives an upload and keeps it. It returns its path on the site.
func (m *Folder) Save(ctx context.Context, upload io.Reader, limit int64, clean Cleaner) (string, error) {
	u, err := m.Receive(ctx, upload, limit, clean)
	if err != nil {
		return "", err
	}
	defer u.Close()
	return u.Path, u.Keep(ctx)
}

// A File is an upload on disk.
type File struct {
	Source string // relative to the site, with slashes: "media/3f/3f9a….jpg"
	Size   int64  // bytes
	Time   time.Time
}

// List returns the uploads below media/ in the order of their names. Files of other
// programs are left out.
func (m *Folder) List(ctx context.Context) (files []File, err error) {
	root := m.Config.MediaDir()
	err = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !d.Type().IsRegular() || uploadHash(d.Name()) == "" {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		files = append(files, File{path.Join("media", filepath.ToSlash(rel)), info.Size(), info.ModTime()})
		return ctx.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("list uploads: %w", err)
	}
	return files, nil
}

// uploadHash returns the hash in the name of an upload, "" if it has none.
func uploadHash(name string) string {
	hash := strings.TrimSuffix(name, path.Ext(name))
	if len(hash) != hashDigits || strings.Trim(hash, "0123456789abcdef") != "" {
		return ""
	}
	return hash
}

// A MediaFile is an upload that is in the output.
type MediaFile struct {
	Path string // on the site: "/media/3f/3f9a….jpg"
	Time time.Time
}

// Media returns the uploads that are in the output, newest first, that follow after in that
// order; the zero MediaFile is before the first.
func (m *Folder) Media(ctx context.Context, after MediaFile, limit, offset int) (files []MediaFile, err error) {
	named := query.Args{":mtime": int64(math.MaxInt64), ":source": "", ":limit": limit, ":offset": offset}
	if after.Path != "" {
		named[":mtime"], named[":source"] = after.Time.UnixNano(), after.Path[1:]
	}
	err = m.DB.Each(ctx, "media", named, func(stmt *sqlite.Stmt) error {
		files = append(files, MediaFile{"/" + stmt.ColumnText(0), time.Unix(0, stmt.ColumnInt64(1))})
		return nil
	})
	return files, err
}

// Copied reports whether an upload, by its path on the site, is in the output.
func (m *Folder) Copied(ctx context.Context, upload string) (bool, error) {
	sources, err := m.DB.Texts(ctx, "copy_of", query.Args{":output": upload[1:]})
	return len(sources) > 0, err
}

// checkMedia returns an error that wraps [content.ErrLink] if a folder of uploads is a
// symbolic link.
func (m *Folder) checkMedia(dir string) error {
	if err := content.RefuseLink(m.Config.MediaDir()); err != nil {
		return err
	}
	return content.RefuseLink(filepath.Clean(dir))
}
