package daemon

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"starpunk/site"
	"starpunk/site/store/filestamp"

	"github.com/fsnotify/fsnotify"
)

const (
	configQuiet = 100 * time.Millisecond // after a change of the configuration, which editors save in steps
	configEvery = 5 * time.Second        // how often the file is examined, for a folder that can't be watched
)

// A configFile is the site's configuration file, which its owner may edit while the
// process runs.
type configFile struct {
	name    string // absolute
	stamp   filestamp.Stamp
	changed chan struct{} // has an element if the file changed since it was last read
	log     *slog.Logger
}

// newConfigFile describes the file as it is now: a later change is one of a configuration
// that is read after this call.
func newConfigFile(root string, log *slog.Logger) *configFile {
	f := &configFile{name: filepath.Join(root, site.ConfigFile), changed: make(chan struct{}, 1), log: log}
	f.differs()
	return f
}

// follow reports changes of the file until ctx ends.
func (f *configFile) follow(ctx context.Context) {
	notify, err := fsnotify.NewWatcher()
	if err != nil {
		notify = &fsnotify.Watcher{} // without events
	} else {
		defer notify.Close()
		err = notify.Add(filepath.Dir(f.name)) // not the file, because editors may replace it
	}
	if err != nil {
		f.log.Debug("the site's folder can't be watched; changes of the configuration are found a little later", "error", err)
	}
	look := time.NewTimer(configEvery)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-notify.Events:
			if e.Name == f.name {
				look.Reset(configQuiet)
			}
		case <-notify.Errors: // events were lost
			look.Reset(configQuiet)
		case <-look.C:
			look.Reset(configEvery)
			if f.differs() {
				select {
				case f.changed <- struct{}{}:
				default: // the change before this one was not read yet
				}
			}
		}
	}
}

// differs reports whether the file differs from the one that the last call found. A
// missing file does not count: some editors remove a file before they write it again.
func (f *configFile) differs() bool {
	info, err := os.Stat(f.name)
	if err != nil {
		return false
	}
	before := f.stamp
	f.stamp = filestamp.Of(info)
	return f.stamp != before
}
