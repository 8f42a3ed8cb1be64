package index

import (
	"sync"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// The block of memory that holds pages of the index, for all connections of the
// process. Further pages are allocated one by one.
const (
	cachedPages = 600
	pageBytes   = 4096 // SQLite's default, which the index has
)

// usePageCache gives SQLite one block of memory for pages. Without it SQLite
// allocates each page by itself, and its allocator returns each to the system: a build
// of 10,000 notes called munmap as many times.
//
// It has an effect only before the first connection of the process. A failure costs
// only time, so that no error is returned. See
// https://www.sqlite.org/malloc.html#_page_cache_memory.
var usePageCache = sync.OnceFunc(func() {
	tls := libc.NewTLS()
	defer tls.Close()
	header := libc.Xmalloc(tls, 4)
	if header == 0 {
		return
	}
	defer libc.Xfree(tls, header)
	if !configure(tls, sqlite3.SQLITE_CONFIG_PCACHE_HDRSZ, header) {
		return
	}
	line := pageBytes + libc.AtomicLoadPInt32(header)
	if block := libc.Xmalloc(tls, libc.Tsize_t(line)*cachedPages); block != 0 {
		configure(tls, sqlite3.SQLITE_CONFIG_PAGECACHE, block, line, int32(cachedPages))
	}
})

// configure sets an option of the library as a whole. It reports whether the
// library accepted it.
func configure(tls *libc.TLS, option int32, args ...any) bool {
	list := libc.NewVaList(args...)
	if list == 0 {
		return false
	}
	defer libc.Xfree(tls, list)
	return sqlite3.Xsqlite3_config(tls, option, list) == sqlite3.SQLITE_OK
}
