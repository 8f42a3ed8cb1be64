package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path"
	"runtime"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"starpunk/site"
	"starpunk/site/media"
	"starpunk/site/store"
	"starpunk/site/store/upload"

	"github.com/spf13/cobra"
)

// A draft holds the text and the flags of "new".
type draft struct {
	text, title, summary, slug, date string
	replyTo, likeOf, repostOf        string
	bookmarkOf                       string
	tags, photos, alts               []string
	hold                             bool

	file string // temporary file of an editor; "" if none was opened
}

// A target is a flag that names the page which a note is about.
type target struct {
	flag, property string
	url            *string
	needsNoText    bool
}

func (d *draft) targets() []target {
	return []target{
		{"reply-to", "in-reply-to", &d.replyTo, false},
		{"like-of", "like-of", &d.likeOf, true},
		{"repost-of", "repost-of", &d.repostOf, true},
		{"bookmark-of", "bookmark-of", &d.bookmarkOf, true},
	}
}

func newNewCommand() *cobra.Command {
	var d draft
	cmd := &cobra.Command{
		Use:   "new [TEXT]",
		Short: "Write a note",
		Long: `New writes a note and prints the name of its file. It reads the text from its
arguments, or from standard input, also with the argument "-". At a terminal,
without a text, it opens your editor ($VISUAL or $EDITOR). A running "serve" or
"watch" publishes the note. A text may begin with front matter, like the file of
a note; flags take precedence over it.

A photo is treated like an upload from an app: the copy in media/ has no data
about the place, the time and the author of the picture.`,
		Example: `  starpunk new "Hello from my own domain." --tag indieweb
  starpunk new --title "On files" < article.md
  starpunk new --photo harbour.jpg --alt "A harbour at dawn" "Early."
  starpunk new --reply-to https://example.net/post "I agree."
  starpunk new --like-of https://example.net/post`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := d.check(); err != nil {
				return &misuseError{cmd.CommandPath(), err}
			}
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			switch d.text = strings.Join(args, " "); d.text {
			case "":
				d.text, err = d.readText(cmd)
			case "-":
				d.text, err = readInput(cmd)
			}
			if err != nil {
				return err
			}
			created, err := d.create(cmd.Context(), cfg)
			if err != nil {
				return d.keepText(err)
			}
			d.removeText()
			_, err = fmt.Fprintln(cmd.OutOrStdout(), path.Join("content", created.File))
			return err
		},
	}
	cmd.Flags().StringVar(&d.title, "title", "", "`TITLE`: makes the note an article")
	cmd.Flags().StringVar(&d.slug, "slug", "", "`SLUG`: last part of its address")
	cmd.Flags().StringSliceVar(&d.tags, "tag", nil, "`TAG`, or several with commas; may be given several times")
	cmd.Flags().StringArrayVar(&d.photos, "photo", nil, "`FILE` of a photo; may be given several times")
	cmd.Flags().StringArrayVar(&d.alts, "alt", nil, "`TEXT` that describes a photo; once for each, in the same order")
	cmd.Flags().StringVar(&d.summary, "summary", "", "`TEXT` that the front page shows instead of the whole note")
	cmd.Flags().StringVar(&d.date, "date", "", "`DATE` of the note, such as \"2026-11-22 09:30\" (default: now)")
	cmd.Flags().StringVar(&d.replyTo, "reply-to", "", "`URL` of the page that the note replies to")
	cmd.Flags().StringVar(&d.likeOf, "like-of", "", "`URL` of the page that the note likes")
	cmd.Flags().StringVar(&d.repostOf, "repost-of", "", "`URL` of the page that the note reposts")
	cmd.Flags().StringVar(&d.bookmarkOf, "bookmark-of", "", "`URL` of the page that the note bookmarks")
	cmd.Flags().BoolVar(&d.hold, "draft", false, "keep it as a draft")
	completeFlag(cmd, "photo", files)
	return cmd
}

func (d *draft) check() error {
	if len(d.alts) > len(d.photos) {
		return fmt.Errorf("--alt is given %d times, for %d photos", len(d.alts), len(d.photos))
	}
	for _, t := range d.targets() {
		u, err := url.Parse(*t.url)
		if *t.url != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
			return fmt.Errorf("--%s: %q is not an http(s) URL", t.flag, *t.url)
		}
	}
	if _, ok := site.ParseTime(d.date, time.UTC); d.date != "" && !ok {
		return fmt.Errorf("--date: %q is not a date and time such as \"2026-11-22 09:30\"", d.date)
	}
	for i, tag := range d.tags {
		d.tags[i] = strings.TrimSpace(tag)
	}
	d.tags = slices.DeleteFunc(d.tags, func(tag string) bool { return tag == "" })
	return nil
}

// needsText reports whether a note with these flags would be empty without a text.
func (d *draft) needsText() bool {
	return len(d.photos) == 0 && !slices.ContainsFunc(d.targets(), func(t target) bool { return t.needsNoText && *t.url != "" })
}

// readText reads the text from standard input. At a terminal it opens an editor,
// unless the note is a photo or a like, which needs no text.
func (d *draft) readText(cmd *cobra.Command) (string, error) {
	if !isTerminal(cmd.InOrStdin()) {
		return readInput(cmd)
	}
	if !d.needsText() {
		return "", nil
	}
	editor := cmp.Or(os.Getenv("VISUAL"), os.Getenv("EDITOR"))
	if editor == "" {
		return "", &misuseError{cmd.CommandPath(), errors.New("no text: pass it as an argument or on standard input, or set EDITOR")}
	}
	return d.edit(cmd.Context(), editor)
}

func readInput(cmd *cobra.Command) (string, error) {
	return unlessInterrupted(cmd.Context(), func() (string, error) { return readNote(cmd.InOrStdin()) })
}

func readNote(r io.Reader) (string, error) {
	data, err := io.ReadAll(io.LimitReader(r, site.MaxNoteBytes+1))
	if err != nil {
		return "", fmt.Errorf("read text: %w", err)
	}
	if len(data) > site.MaxNoteBytes {
		return "", fmt.Errorf("the text is larger than %d MiB", site.MaxNoteBytes>>20)
	}
	return string(data), nil
}

// edit returns the text that the owner writes in an editor, which is a command
// line.
func (d *draft) edit(ctx context.Context, editor string) (text string, err error) {
	f, err := os.CreateTemp("", "note-*.md")
	if err != nil {
		return "", fmt.Errorf("open editor: %w", err)
	}
	d.file = f.Name()
	if err := f.Close(); err != nil {
		return "", fmt.Errorf("open editor: %w", err)
	}
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", editor+` "$1"`, "sh", f.Name())
	if runtime.GOOS == "windows" {
		cmd = exec.CommandContext(ctx, "cmd", "/C", editor, f.Name())
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return "", d.keepText(fmt.Errorf("editor %s: %w", editor, err))
	}
	written, err := os.Open(f.Name()) // again: editors replace the file
	if err != nil {
		return "", fmt.Errorf("read text: %w", err)
	}
	defer written.Close()
	if text, err = readNote(written); err != nil {
		return "", d.keepText(err)
	}
	return text, nil
}

// keepText adds to an error the name of the file with the owner's text, which
// became no note.
func (d *draft) keepText(err error) error {
	if info, statErr := os.Stat(d.file); statErr == nil && info.Size() > 0 {
		return fmt.Errorf("%w; the text is in %s", err, d.file)
	}
	d.removeText()
	return err
}

// removeText removes the temporary file of an editor.
func (d *draft) removeText() {
	if d.file != "" {
		_ = os.Remove(d.file) // if it fails, the system clears its temporary folder later
	}
}

// checkTexts refuses characters that the file of a note cannot have. The next
// build would refuse them, too.
func (d *draft) checkTexts() error {
	texts := map[string][]string{"the text": {d.text}, "--title": {d.title}, "--summary": {d.summary}, "--tag": d.tags, "--alt": d.alts}
	for _, t := range d.targets() {
		texts["--"+t.flag] = []string{*t.url}
	}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		for _, s := range texts[name] {
			if !utf8.ValidString(s) {
				return fmt.Errorf("%s is not UTF-8; write it in that encoding", name)
			}
			if strings.ContainsRune(s, 0) {
				return fmt.Errorf("%s has a NUL byte, which is not allowed in a text", name)
			}
		}
	}
	return nil
}

func (d *draft) create(ctx context.Context, cfg *site.Config) (store.Created, error) {
	if err := d.checkTexts(); err != nil {
		return store.Created{}, err
	}
	n, err := d.note(cfg, time.Now().In(cfg.Location).Truncate(time.Second))
	if err != nil {
		return store.Created{}, err
	}
	s, err := store.Open(ctx, cfg, store.Options{Logger: logger()})
	if err != nil {
		return store.Created{}, err
	}
	defer s.Close()
	if err := s.Scan(ctx); err != nil { // so that the index has every slug in use
		return store.Created{}, err
	}
	for i, file := range d.photos {
		address, err := savePhoto(ctx, cfg, s, file)
		if err != nil {
			return store.Created{}, err
		}
		var photo any = address
		if i < len(d.alts) && d.alts[i] != "" {
			photo = map[string]any{"value": address, "alt": d.alts[i]}
		}
		n.Properties["photo"] = append(n.Properties["photo"], photo)
	}
	return s.Create(ctx, n)
}

// note returns the note of the text and the flags, without its photos. now is its
// date if neither has one.
func (d *draft) note(cfg *site.Config, now time.Time) (*site.Note, error) {
	n, err := parseText(d.text, cfg.Location, now)
	if err != nil {
		return nil, err
	}
	n.Name, n.Summary = cmp.Or(d.title, n.Name), cmp.Or(d.summary, n.Summary)
	n.Draft = n.Draft || d.hold
	if len(d.tags) > 0 {
		n.Category = d.tags
	}
	if date, ok := site.ParseTime(d.date, cfg.Location); ok {
		n.Published = date
	}
	n.Undated = n.Draft && n.Published.Equal(now)
	for _, t := range d.targets() {
		if *t.url != "" {
			address := *t.url
			if local, ok := cfg.Local(address); ok {
				address = local
			}
			n.Properties[t.property] = []any{address}
		}
	}
	if n.Content == "" && n.Name == "" && len(n.Properties) == 0 && len(d.photos) == 0 {
		return nil, errors.New("nothing to write: pass a text, --title or --photo")
	}
	n.Slug = cmp.Or(site.ChosenSlug(d.slug), n.Slug)
	if n.Slug == "" {
		n.Slug = n.ProposeSlug()
	}
	return n, nil
}

// noSlug is the slug of a note until it gets its own.
const noSlug = "untitled"

// parseText reads the text of a note, which may begin with front matter. The
// note has no slug unless the front matter gives it one.
func parseText(text string, loc *time.Location, now time.Time) (*site.Note, error) {
	text = site.NormalText(text)
	if first, _, _ := strings.Cut(text, "\n"); strings.TrimSpace(first) != "---" && strings.TrimSpace(first) != "+++" {
		return &site.Note{H: "entry", Content: text, Published: now, Visibility: site.Public, Properties: map[string][]any{}}, nil
	}
	n, err := site.Parse(now.Format("2006-01-02-1504-")+noSlug+".md", []byte(text), loc)
	if mistake := (*site.SyntaxError)(nil); errors.As(err, &mistake) {
		return nil, fmt.Errorf("line %d of the text: %s", mistake.Line, mistake.Msg)
	}
	if err != nil {
		return nil, err
	}
	if len(n.Notices) > 0 { // the notice is about a line that the new file would not have
		return nil, fmt.Errorf("line %d of the text: %s", n.Notices[0].Line, n.Notices[0].Msg)
	}
	if n.Published.Equal(now.Truncate(time.Minute)) {
		n.Published = now
	}
	if n.Slug == noSlug {
		n.Slug = ""
	}
	n.File = ""
	return n, nil
}

// savePhoto stores a file like an upload from an app, and returns its path on the
// site.
func savePhoto(ctx context.Context, cfg *site.Config, s *store.Store, file string) (address string, err error) {
	f, err := os.Open(file)
	if err != nil {
		return "", fmt.Errorf("photo: %w", err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return "", fmt.Errorf("photo %s: is a folder", file)
	}
	address, err = s.Uploads.Save(ctx, f, int64(cfg.Receiver.MaxUpload), func(dst io.Writer, src io.ReaderAt, size int64) (string, error) {
		t, err := media.Clean(dst, src, size)
		if err == nil && !strings.HasPrefix(t.MIME, "image/") {
			err = fmt.Errorf("is not a picture but %s", t.MIME)
		}
		return t.Ext, err
	})
	if errors.Is(err, upload.ErrTooLarge) {
		err = fmt.Errorf("is larger than receiver.max_upload, %d bytes", cfg.Receiver.MaxUpload)
	}
	if refused := (*media.Error)(nil); errors.As(err, &refused) {
		err = errors.New(refused.Sentence)
	}
	if err != nil {
		return "", fmt.Errorf("photo %s: %w", file, err)
	}
	return address, nil
}
