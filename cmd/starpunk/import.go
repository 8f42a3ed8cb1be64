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
		Short: "Import the notes of a Hugo, Zola or Jekyll site",
		Long: `Import reads the notes of another generator's site and writes them into this
site: front matter with StarPunk's keys, drafts as drafts, links between notes
with their new addresses. Each former address becomes an alias, which redirects
to the note. Pictures of page bundles are copied byte for byte, including
metadata such as the place where they were taken.

DIR is the old site, or its folder of notes. Import never writes to DIR, and
replaces no file of this site. Run it again to import new notes.

Addresses of the old site that belong to no note, such as those of its feeds, are
printed last, as lines for [redirects] in starpunk.toml. That file is never changed.

Parts that cannot be imported (shortcodes, Liquid tags, keys without a counterpart)
are listed as "FILE:LINE: finding", at most five of each kind, and counted. With
--all every finding is listed. The exit status is 1 if a file was skipped.`,
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
			if err == nil && report.Skipped > 0 {
				err = errReported
			}
			return err
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "`TOOL` that makes the old site: hugo, zola or jekyll (default: detected)")
	cmd.Flags().StringVar(&o.Permalink, "permalink", "", "`PATTERN` of its addresses, in its tool's syntax (default: from its configuration)")
	cmd.Flags().BoolVar(&o.DryRun, "dry-run", false, "show what would be imported, and write nothing")
	cmd.Flags().BoolVar(&o.All, "all", false, "list every finding, also about notes that were imported before")
	var tools []string
	for _, tool := range importer.Tools {
		tools = append(tools, string(tool))
	}
	completeFlag(cmd, "from", oneOf(tools))
	return cmd
}

// importNotes brings the index up to date and imports notes that are not here yet.
// A dry run has an index of its own.
func importNotes(ctx context.Context, cfg *site.Config, o importer.Options) (report *importer.Report, err error) {
	if o.DryRun {
		temp, err := os.MkdirTemp("", "starpunk-import-")
		if err != nil {
			return nil, fmt.Errorf("dry run: %w", err)
		}
		defer func() { _ = os.RemoveAll(temp) }() // if it fails, the system clears its temporary folder later
		cfg.Index = filepath.Join(temp, "index.db")
	}
	s, err := store.Open(ctx, cfg, store.Options{Logger: logger()})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if err := s.Scan(ctx); err != nil { // so that the index has every address in use
		return nil, err
	}
	return importer.Run(ctx, cfg, s, o)
}

func printImport(out, errOut io.Writer, r *importer.Report, o importer.Options, cfg *site.Config) {
	for _, n := range r.Notes {
		fmt.Fprintf(out, "%s → %s\n", n.From, n.To)
	}
	printFindings(errOut, r, o.All)
	verb := "imported"
	if o.DryRun {
		verb = "to import"
	}
	fmt.Fprintf(out, "%s: %d notes and pages %s, %d of them drafts, with %d other files; %d were here already; %d files were skipped\n",
		r.From, len(r.Notes), verb, r.Drafts, r.Files, r.Present, r.Skipped)
	if r.HTML > 0 && !cfg.Markdown.RawHTML {
		fmt.Fprintf(out, "%d have HTML in their Markdown, which is shown as text; with markdown.raw_html = true it is sanitised and used\n", r.HTML)
	}
	for _, dir := range r.Static {
		fmt.Fprintf(out, "%s is not imported: copy the files that pages show into static/\n", dir)
	}
	printRedirects(out, r.Redirects, o.All, len(cfg.Redirects) > 0)
}

// redirectsShown is how many lines for the configuration are listed without --all.
const redirectsShown = 40

// printRedirects lists the lines that redirect addresses of the old site. more is
// set if the configuration has redirects already.
func printRedirects(w io.Writer, redirects []importer.Redirect, all, more bool) {
	if len(redirects) == 0 {
		return
	}
	fmt.Fprintf(w, "\nThese addresses of the old site lead nowhere yet: its feeds and lists, and pages that only redirected.\n"+
		"Add the lines that you want at the end of starpunk.toml:\n\n")
	if more {
		fmt.Fprintln(w, "# below [redirects], which exists already")
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

// printFindings lists findings, and the number of further ones of each kind.
func printFindings(w io.Writer, r *importer.Report, all bool) {
	count := map[string]int{}
	var kinds []string
	for _, f := range r.Findings {
		if count[f.Kind]++; count[f.Kind] == 1 {
			kinds = append(kinds, f.Kind)
		}
		if all || count[f.Kind] <= findingsShown || f.Kind == importer.Skipped {
			fmt.Fprintf(w, "starpunk: %s\n", f)
		}
	}
	slices.Sort(kinds)
	for _, kind := range kinds {
		if n := count[kind] - findingsShown; n > 0 && !all && kind != importer.Skipped {
			fmt.Fprintf(w, "starpunk: %s: %d more; --all lists them\n", kind, n)
		}
	}
}
