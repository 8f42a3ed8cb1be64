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

	"starpunk/receiver/media"
	"starpunk/site"
	"starpunk/site/store"

	"github.com/spf13/cobra"
)

// A draft is what "new" is told about a note.
type draft struct {
	text, title, slug, replyTo string
	tags, photos, alts         []string
	hold                       bool

	file string // what an editor wrote, until it is a note; "" if none did
}

func newNewCommand() *cobra.Command {
	var d draft
	cmd := &cobra.Command{
		Use:   "new [TEXT]",
		Short: "Write a note",
		Long: `New writes a note and prints the name of its file. The text is given as
argument or on standard input, which "-" stands for, too; at a terminal,
without either, your editor ($VISUAL or $EDITOR) opens. A running "serve" or
"watch" publishes the note.

A photo goes the way of an upload from an app: what tells where, when and by
whom it was taken is left out of the copy in media/.`,
		Example: `  starpunk new "Hello from my own domain." --tag indieweb
  starpunk new --title "On files" < article.md
  starpunk new --photo harbour.jpg --alt "A harbour at dawn" "Early."
  starpunk new --reply-to https://example.net/post "I agree."`,
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
				return d.kept(err)
			}
			d.forget()
			_, err = fmt.Fprintln(cmd.OutOrStdout(), path.Join("content", created.File))
			return err
		},
	}
	cmd.Flags().StringVar(&d.title, "title", "", "`TITLE`: makes the note an article")
	cmd.Flags().StringVar(&d.slug, "slug", "", "`SLUG`: last part of its address")
	cmd.Flags().StringSliceVar(&d.tags, "tag", nil, "`TAG`, or several with commas; may be given several times")
	cmd.Flags().StringArrayVar(&d.photos, "photo", nil, "`FILE` of a photo; may be given several times")
	cmd.Flags().StringArrayVar(&d.alts, "alt", nil, "what the photo shows, as `TEXT`; once for each, in the same order")
	cmd.Flags().StringVar(&d.replyTo, "reply-to", "", "`URL` of the page that the note replies to")
	cmd.Flags().BoolVar(&d.hold, "draft", false, "keep it as a draft")
	completeFlag(cmd, "photo", files)
	return cmd
}

func (d *draft) check() error {
	if len(d.alts) > len(d.photos) {
		return fmt.Errorf("--alt is given %d times, for %d photos", len(d.alts), len(d.photos))
	}
	if d.replyTo == "" {
		return nil
	}
	u, err := url.Parse(d.replyTo)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("--reply-to: %q is not an http(s) URL", d.replyTo)
	}
	return nil
}

// readText reads the text that was piped in. At a terminal a photo needs none,
// and everything else is written in an editor.
func (d *draft) readText(cmd *cobra.Command) (string, error) {
	if !isTerminal(cmd.InOrStdin()) {
		return readInput(cmd)
	}
	if len(d.photos) > 0 {
		return "", nil
	}
	editor := cmp.Or(os.Getenv("VISUAL"), os.Getenv("EDITOR"))
	if editor == "" {
		return "", &misuseError{cmd.CommandPath(), errors.New("no text: give it as argument or on standard input, or set EDITOR")}
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

// edit returns what the owner writes in an editor, which is a command line.
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
		return "", d.kept(fmt.Errorf("editor %s: %w", editor, err))
	}
	written, err := os.Open(f.Name()) // again: editors replace the file
	if err != nil {
		return "", fmt.Errorf("read text: %w", err)
	}
	defer written.Close()
	if text, err = readNote(written); err != nil {
		return "", d.kept(err)
	}
	return text, nil
}

// kept adds to an error where the text is that became no note: nobody should
// have to write it twice.
func (d *draft) kept(err error) error {
	if info, statErr := os.Stat(d.file); statErr == nil && info.Size() > 0 {
		return fmt.Errorf("%w; the text is in %s", err, d.file)
	}
	d.forget()
	return err
}

// forget removes the file that an editor wrote.
func (d *draft) forget() {
	if d.file != "" {
		_ = os.Remove(d.file) // the system clears its temporary folder at the latest
	}
}

// checkTexts refuses what no note can have in its file: the next build would.
func (d *draft) checkTexts() error {
	texts := map[string][]string{"the text": {d.text}, "--title": {d.title}, "--reply-to": {d.replyTo}, "--tag": d.tags, "--alt": d.alts}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		for _, s := range texts[name] {
			if !utf8.ValidString(s) {
				return fmt.Errorf("%s is not UTF-8; write it in that encoding", name)
			}
			if strings.ContainsRune(s, 0) {
				return fmt.Errorf("%s has a NUL byte; is it a text?", name)
			}
		}
	}
	return nil
}

func (d *draft) create(ctx context.Context, cfg *site.Config) (store.Created, error) {
	if err := d.checkTexts(); err != nil {
		return store.Created{}, err
	}
	text := site.NormalText(d.text)
	if text == "" && d.title == "" && len(d.photos) == 0 {
		return store.Created{}, errors.New("a note without text, title or photo is nothing")
	}
	now := time.Now().In(cfg.Location).Truncate(time.Second)
	n := &site.Note{
		H: "entry", Name: d.title, Content: text, Published: now, Category: d.tags,
		Draft: d.hold, Visibility: site.Public, Properties: map[string][]any{},
	}
	if d.replyTo != "" {
		address := d.replyTo
		if local, ok := cfg.Local(address); ok {
			address = local
		}
		n.Properties["in-reply-to"] = []any{address}
	}
	n.Slug = cmp.Or(site.MakeSlug(d.slug), n.ProposeSlug())
	s, err := store.Open(ctx, cfg, store.Options{Logger: logger()})
	if err != nil {
		return store.Created{}, err
	}
	defer s.Close()
	if err := s.Scan(ctx); err != nil { // so that every slug that is taken is known
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

// savePhoto keeps a file as if an app had sent it, and returns its path on the
// site.
func savePhoto(ctx context.Context, cfg *site.Config, s *store.Store, file string) (address string, err error) {
	f, err := os.Open(file)
	if err != nil {
		return "", fmt.Errorf("photo: %w", err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return "", fmt.Errorf("photo %s: it is a folder", file)
	}
	address, err = s.SaveUpload(ctx, f, int64(cfg.Receiver.MaxUpload), func(dst io.Writer, src io.ReaderAt, size int64) (string, error) {
		t, err := media.Clean(dst, src, size)
		if err == nil && !strings.HasPrefix(t.MIME, "image/") {
			err = fmt.Errorf("it is %s, and no picture", t.MIME)
		}
		return t.Ext, err
	})
	if errors.Is(err, store.ErrTooLarge) {
		err = fmt.Errorf("it is larger than receiver.max_upload, %d bytes", cfg.Receiver.MaxUpload)
	}
	if refused := (*media.Error)(nil); errors.As(err, &refused) {
		err = errors.New(refused.Sentence)
	}
	if err != nil {
		return "", fmt.Errorf("photo %s: %w", file, err)
	}
	return address, nil
}
