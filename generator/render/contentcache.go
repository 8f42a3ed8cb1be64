package render

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"os"
	"sync"

	"starpunk/generator/markdown"
	"starpunk/site"
	"starpunk/site/store"
	"starpunk/site/store/durable"
	"starpunk/site/store/link"
)

const (
	// contentCacheMost limits the file of a content cache, in bytes. Builds render the
	// newest notes first, so the cache of a larger site has these.
	contentCacheMost = 256 << 20
	// contentCacheBuffer is how many bytes are written to the file at once.
	contentCacheBuffer = 256 << 10

	contentCacheMagic = "StarPunk content 1 "
)

// A contentCache has the rendered content of notes in a file beside the index, from one
// build of many pages to the next: a build with changed layouts does not convert Markdown
// again. It is open only during such builds, and takes no memory between them.
//
// It has only self-contained content. The key of a content is a hash of all that the
// content depends on, except [queue.Fingerprint].Meaning: the file is valid for one of these, and
// is emptied for another. It may be deleted or damaged at any time: each record has a
// checksum. A cache whose file can't be read or written is empty. The methods of a
// contentCache may be called by several goroutines at once.
//
// The file begins with a line, and then has records: the key, the length of the rest and
// its checksum, 4 bytes each, and the rest.
type contentCache struct {
	file *os.File // nil: it can't be used
	most int64    // limit of the file, in bytes
	log  *slog.Logger

	mu      sync.Mutex
	records map[contentKey]contentRecord
	size    int64  // of the file, including the buffer
	buffer  []byte // records that are not written yet
	used    int64  // bytes of the records that were read or added
}

// A contentKey is a hash of all that self-contained content depends on, except
// [queue.Fingerprint].Meaning.
type contentKey [16]byte

// A contentRecord is the place of a record in the file, and its use in this build.
type contentRecord struct {
	at     int64 // offset of its rest
	length uint32
	sum    uint32
	used   bool
}

const contentHeader = len(contentKey{}) + 8 // bytes of a record before its rest

var contentSums = crc32.MakeTable(crc32.Castagnoli)

func contentCacheFile(index string) string { return index + "-content" }

// openContentCache opens the cache beside an index for one [queue.Fingerprint].Meaning.
// The file has at most the given number of bytes.
func openContentCache(index, meaning string, most int64, log *slog.Logger) *contentCache {
	c := &contentCache{most: most, log: log, records: map[contentKey]contentRecord{}}
	var err error
	if c.file, err = openForContent(contentCacheFile(index)); err == nil {
		err = c.load(contentCacheMagic + meaning + "\n")
	}
	if err != nil {
		c.fail(err)
	}
	return c
}

func openForContent(name string) (*os.File, error) {
	if info, err := os.Lstat(name); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: %w", name, durable.ErrIrregular)
	}
	return os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
}

// load finds the records of the file, up to the first invalid one. It empties a file with
// another first line.
func (c *contentCache) load(first string) error {
	info, err := c.file.Stat()
	if err != nil {
		return err
	}
	r := bufio.NewReaderSize(c.file, contentCacheBuffer)
	line := make([]byte, len(first))
	if _, err := io.ReadFull(r, line); err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	if string(line) != first {
		if err := c.file.Truncate(0); err != nil {
			return err
		}
		c.buffer, c.size = append(c.buffer, first...), int64(len(first))
		return nil
	}
	c.size = int64(len(first))
	for {
		var header [contentHeader]byte
		if _, err := io.ReadFull(r, header[:]); err != nil {
			break
		}
		var key contentKey
		rest := header[copy(key[:], header[:]):]
		record := contentRecord{
			at: c.size + int64(contentHeader), length: binary.LittleEndian.Uint32(rest), sum: binary.LittleEndian.Uint32(rest[4:]),
		}
		if record.at+int64(record.length) > info.Size() {
			break
		}
		if _, err := r.Discard(int(record.length)); err != nil {
			break
		}
		c.records[key] = record
		c.size = record.at + int64(record.length)
	}
	return c.file.Truncate(c.size)
}

// fail closes a file that can't be read or written.
func (c *contentCache) fail(err error) {
	c.log.Debug("cannot cache rendered content", "error", err)
	if c.file != nil {
		_ = c.file.Close() // records have checksums, so an incomplete one does no harm
	}
	c.file, c.buffer = nil, nil
}

// contentKeyOf returns the key of the content of a row.
func contentKeyOf(row *store.Row) (key contentKey) {
	h := sha256.New()
	fmt.Fprintf(h, "%s%s\x00%s", row.Hash[:], row.Permalink, row.File)
	copy(key[:], h.Sum(nil))
	return key
}

// get returns the content of a row; nil if the cache does not have it. same reports
// whether the file is as the row has it: otherwise get returns nil.
func (c *contentCache) get(row *store.Row, same bool) (r *markdown.Content, description string) {
	if c == nil || !same {
		return nil, ""
	}
	data := c.read(contentKeyOf(row))
	if data == nil {
		return nil, ""
	}
	r, description, err := decodeContent(data)
	if err != nil {
		c.log.Debug("rendered content can't be read", "file", row.File, "error", err)
		return nil, ""
	}
	return r, description
}

// read returns the rest of a record; nil if there is none.
func (c *contentCache) read(key contentKey) []byte {
	file, record := c.use(key)
	if file == nil {
		return nil
	}
	data := make([]byte, record.length)
	if _, err := file.ReadAt(data, record.at); err != nil || crc32.Checksum(data, contentSums) != record.sum {
		return nil
	}
	return data
}

// use returns the place of a record and counts it as used; nil if the file does not have
// it.
func (c *contentCache) use(key contentKey) (*os.File, contentRecord) {
	c.mu.Lock()
	defer c.mu.Unlock()
	record, ok := c.records[key]
	if !ok || c.file == nil || record.at >= c.size-int64(len(c.buffer)) {
		return nil, record
	}
	if !record.used {
		record.used = true
		c.records[key] = record
		c.used += int64(contentHeader) + int64(record.length)
	}
	return c.file, record
}

// put adds the content of a row, if it is self-contained and the file has room. See
// [contentCache.get] for same.
func (c *contentCache) put(row *store.Row, same bool, r *markdown.Content, description string) {
	if c == nil || !same || !r.SelfContained {
		return
	}
	data, key := encodeContent(r, description), contentKeyOf(row)
	c.mu.Lock()
	defer c.mu.Unlock()
	size := int64(contentHeader + len(data))
	if c.file == nil || c.size+size > c.most {
		return
	}
	record := contentRecord{at: c.size + int64(contentHeader), length: uint32(len(data)), sum: crc32.Checksum(data, contentSums), used: true}
	c.buffer = append(c.buffer, key[:]...)
	c.buffer = binary.LittleEndian.AppendUint32(c.buffer, record.length)
	c.buffer = binary.LittleEndian.AppendUint32(c.buffer, record.sum)
	c.buffer = append(c.buffer, data...)
	c.records[key] = record
	c.size += size
	c.used += size
	if len(c.buffer) >= contentCacheBuffer {
		c.flush()
	}
}

// flush writes the records that are not written yet. The caller holds the lock.
func (c *contentCache) flush() {
	if c.file == nil || len(c.buffer) == 0 {
		return
	}
	if _, err := c.file.WriteAt(c.buffer, c.size-int64(len(c.buffer))); err != nil {
		c.fail(err)
		return
	}
	c.buffer = c.buffer[:0]
}

// close writes the buffer and closes the file. If all pages were rendered, and they used
// less than half of the file, it empties the file.
func (c *contentCache) close(all bool) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flush()
	if c.file == nil {
		return
	}
	var err error
	if all && c.used < c.size/2 {
		err = c.file.Truncate(0)
	}
	if err = errors.Join(err, c.file.Close()); err != nil {
		c.log.Debug("cannot cache rendered content", "error", err)
	}
	c.file = nil
}

// encodeContent returns the rest of a record: links, warnings, the description and the
// content, which needs no length.
func encodeContent(r *markdown.Content, description string) []byte {
	data := make([]byte, 0, len(r.HTML)+len(description)+8)
	data = binary.AppendUvarint(data, uint64(len(r.OwnLinks)))
	for _, l := range r.OwnLinks {
		data = appendText(appendText(data, l.Path), l.Fragment)
		data = appendText(binary.AppendUvarint(data, uint64(l.Line)), l.Link)
	}
	data = binary.AppendUvarint(data, uint64(len(r.Warnings)))
	for _, w := range r.Warnings {
		data = appendText(data, w)
	}
	return append(appendText(data, description), r.HTML...)
}

func appendText(data []byte, s string) []byte {
	return append(binary.AppendUvarint(data, uint64(len(s))), s...)
}

func decodeContent(data []byte) (r *markdown.Content, description string, err error) {
	d := contentDecoder{rest: data}
	r = &markdown.Content{SelfContained: true}
	for range d.number() {
		l := link.OwnLink{Place: link.Place{Path: d.text(), Fragment: d.text()}, Line: d.number(), Link: d.text()}
		r.OwnLinks = append(r.OwnLinks, l)
	}
	for range d.number() {
		r.Warnings = append(r.Warnings, d.text())
	}
	description = d.text()
	r.HTML = string(d.rest)
	return r, description, d.err
}

// A contentDecoder reads the result of encodeContent. After its first error all values
// are empty.
type contentDecoder struct {
	rest []byte
	err  error
}

// number returns a number, at most [site.MaxNoteBytes].
func (d *contentDecoder) number() int {
	n, size := binary.Uvarint(d.rest)
	if size <= 0 || n > site.MaxNoteBytes {
		d.rest, d.err = nil, io.ErrUnexpectedEOF
		return 0
	}
	d.rest = d.rest[size:]
	return int(n)
}

func (d *contentDecoder) text() string {
	n := d.number()
	if n > len(d.rest) {
		d.rest, d.err = nil, io.ErrUnexpectedEOF
		return ""
	}
	s := string(d.rest[:n])
	d.rest = d.rest[n:]
	return s
}
