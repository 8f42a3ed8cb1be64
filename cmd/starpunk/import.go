package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"starpunk/cmd/starpunk/internal/importer"
	"starpunk/site"
	"starpunk/site/store"

	"github.com/spf13/cobra"
)

// findingsShown is how many findings of one kind are listed without --all.
const findingsShown = 5

func newImportCommand() *cobra.Command {
	var o importer.Options
	var from string
	cmd := &cobra.Command{
		Use:   "import DIR",
		Short: "Bring over the notes of a Hugo, Zola or Jekyll site",
		Long: `Import reads the notes of another generator's site and writes them into this
one: front matter in StarPunk's keys, drafts as drafts, links between notes as
links to where they are now. Each former address goes into aliases, so that it
leads to the note. Pictures of page bundles are copied byte for byte, with what
they may tell of where they were taken.

DIR is the old site, or its folder of notes. Nothing is ever written there, and
nothing here is replaced. Run again, it brings over what is new.

Addresses of the old site that no note has, such as those of its feeds, are
printed last, as lines for [redirects] in starpunk.toml. That file is never changed.

What can't be brought over (shortcodes, Liquid tags, keys without a counterpart)
is listed as "FILE:LINE: what", at most five times of each kind, and counted; with
--all everything is listed. The exit status is 1 if a file was left out.`,
		Example: `  starpunk import --dry-run ../old-blog
  starpunk import ../old-blog
  starpunk import --from jekyll --permalink /blog/:year/:title/ ../old/_posts`,
		Args:              misuse(oneFolder),
		ValidArgsFunction: folders,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Dir, o.From = args[0], importer.Tool(from)
			if from != "" && !slices.Contains(importer.Tools, o.From) {
				return &misuseError{cmd.CommandPath(), fmt.Errorf("--from: %q is not one of hugo, zola, jekyll", from)}
			}
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			report, err := importNotes(cmd.Context(), cfg, o)
			if report != nil {
				printImport(cmd.OutOrStdout(), cmd.ErrOrStderr(), report, o, cfg)
			}
			if err == nil && report.Lost > 0 {
				err = errReported
			}
			return err
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "`TOOL` that makes the old site: hugo, zola or jekyll (default: found out)")
	cmd.Flags().StringVar(&o.Permalink, "permalink", "", "`PATTERN` of its addresses, as its tool writes it (default: its configuration's)")
	cmd.Flags().BoolVar(&o.DryRun, "dry-run", false, "say what would be done, and write nothing")
	cmd.Flags().BoolVar(&o.All, "all", false, "list every finding, also about what was brought over before")
	var tools []string
	for _, tool := range importer.Tools {
		tools = append(tools, string(tool))
	}
	completeFlag(cmd, "from", oneOf(tools))
	return cmd
}

// importNotes looks for what is there and brings over the rest. A dry run does
// so with an index of its own.
func importNotes(ctx context.Context, cfg *site.Config, o importer.Options) (report *importer.Report, err error) {
	if o.DryRun {
		temp, err := os.MkdirTemp("", "starpunk-import-")
		if err != nil {
			return nil, fmt.Errorf("dry run: %w", err)
		}
		defer func() { _ = os.RemoveAll(temp) }() // the system clears its temporary folder at the latest
		cfg.Index = filepath.Join(temp, "index.db")
	}
	s, err := store.Open(ctx, cfg, store.Options{Logger: logger()})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if err := s.Scan(ctx); err != nil { // so that every address that is taken is known
		return nil, err
	}
	return importer.Run(ctx, cfg, s, o)
}

func printImport(out, errOut io.Writer, r *importer.Report, o importer.Options, cfg *site.Config) {
	for _, n := range r.Notes {
		fmt.Fprintf(out, "%s → %s\n", n.From, n.To)
	}
	printFindings(errOut, r, o.All)
	verb := "brought over"
	if o.DryRun {
		verb = "to bring over"
	}
	fmt.Fprintf(out, "%s: %d notes and pages %s, %d of them drafts, with %d other files; %d were there already, %d files were left out\n",
		r.From, len(r.Notes), verb, r.Drafts, r.Files, r.There, r.Lost)
	if r.HTML > 0 && !cfg.Markdown.RawHTML {
		fmt.Fprintf(out, "%d have HTML in their Markdown, which is shown as it is typed; with markdown.raw_html = true it is sanitised and used\n", r.HTML)
	}
	for _, dir := range r.Static {
		fmt.Fprintf(out, "%s is not brought over: copy into static/ what its pages show\n", dir)
	}
	printRedirects(out, r.Redirects, o.All, len(cfg.Redirects) > 0)
}

// redirectsShown is how many lines for the configuration are listed without --all.
const redirectsShown = 40

// printRedirects lists the lines that lead addresses of the old site on.
func printRedirects(w io.Writer, redirects []importer.Redirect, all, more bool) {
	if len(redirects) == 0 {
		return
	}
	fmt.Fprintf(w, "\nThese addresses of the old site lead nowhere yet: its feeds and lists, and pages that only led elsewhere.\n"+
		"Add the lines that you want at the end of starpunk.toml:\n\n")
	if more {
		fmt.Fprintln(w, "# below [redirects], which is there already")
	} else {
		fmt.Fprintln(w, "[redirects]")
	}
	reason := ""
	for i, line := range redirects {
		if i == redirectsShown && !all {
			fmt.Fprintf(w, "# %d more; --all lists them\n", len(redirects)-i)
			return
		}
		if line.Reason != reason {
			reason = line.Reason
			fmt.Fprintf(w, "# %s\n", reason)
		}
		fmt.Fprintf(w, "%q = %q\n", line.From, line.To)
	}
}

// printFindings lists findings, and how many more there are of each kind.
func printFindings(w io.Writer, r *importer.Report, all bool) {
	count := map[string]int{}
	var kinds []string
	for _, f := range r.Findings {
		if count[f.Kind]++; count[f.Kind] == 1 {
			kinds = append(kinds, f.Kind)
		}
		if all || count[f.Kind] <= findingsShown || f.Kind == importer.LeftOut {
			fmt.Fprintf(w, "starpunk: %s\n", f)
		}
	}
	slices.Sort(kinds)
	for _, kind := range kinds {
		if n := count[kind] - findingsShown; n > 0 && !all && kind != importer.LeftOut {
			fmt.Fprintf(w, "starpunk: %s: %d more; --all lists them\n", kind, n)
		}
	}
}
