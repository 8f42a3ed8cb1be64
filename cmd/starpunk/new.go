package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"time"

	"starpunk/site"
	"starpunk/site/store"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"
)

// A draft is what "new" is told about a note.
type draft struct {
	text, title, slug string
	tags              []string
	hold              bool
}

func newNewCommand() *cobra.Command {
	var d draft
	cmd := &cobra.Command{
		Use:   "new [TEXT]",
		Short: "Write a note",
		Long: `New writes a note and prints the name of its file. The text is given as
argument or on standard input. A running "serve" or "watch" publishes it.`,
		Example: `  starpunk new "Hello from my own domain." --tag indieweb
  starpunk new --title "On files" < article.md`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if d.text = strings.Join(args, " "); d.text == "" {
				text, err := standardInput(cmd)
				if err != nil {
					return err
				}
				d.text = text
			}
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			created, err := d.create(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), path.Join("content", created.File))
			return err
		},
	}
	cmd.Flags().StringVar(&d.title, "title", "", "`TITLE`: makes the note an article")
	cmd.Flags().StringVar(&d.slug, "slug", "", "`SLUG`: last part of its address")
	cmd.Flags().StringSliceVar(&d.tags, "tag", nil, "`TAG`; may be given several times")
	cmd.Flags().BoolVar(&d.hold, "draft", false, "keep it as a draft")
	return cmd
}

// standardInput reads the text that was piped in.
func standardInput(cmd *cobra.Command) (string, error) {
	if f, ok := cmd.InOrStdin().(*os.File); ok && isatty.IsTerminal(f.Fd()) {
		return "", &misuseError{cmd.CommandPath(), errors.New("no text: give it as argument or on standard input")}
	}
	data, err := io.ReadAll(io.LimitReader(cmd.InOrStdin(), site.MaxNoteBytes+1))
	if err != nil {
		return "", fmt.Errorf("read text: %w", err)
	}
	if len(data) > site.MaxNoteBytes {
		return "", fmt.Errorf("the text is larger than %d MiB", site.MaxNoteBytes>>20)
	}
	return string(data), nil
}

func (d *draft) create(ctx context.Context, cfg *site.Config) (store.Created, error) {
	text := site.NormalText(d.text)
	if text == "" && d.title == "" {
		return store.Created{}, errors.New("a note without text or title is nothing")
	}
	now := time.Now().In(cfg.Location).Truncate(time.Second)
	n := &site.Note{
		H: "entry", Name: d.title, Content: text, Published: now, Category: d.tags,
		Draft: d.hold, Visibility: site.Public, Properties: map[string][]any{},
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
	return s.Create(ctx, n)
}
