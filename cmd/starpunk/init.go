package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"starpunk/site"

	"github.com/spf13/cobra"
)

// A newSite is what init is told about a site.
type newSite struct {
	dir                          string
	title, url, author, timezone string
}

func newInitCommand() *cobra.Command {
	var n newSite
	cmd := &cobra.Command{
		Use:   "init [DIR]",
		Short: "Begin a new site",
		Long: `Init writes a commented configuration, an about page and a first note into a
folder. It replaces nothing that is there.`,
		Args: misuse(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			n.dir = siteDir(cmd)
			if len(args) > 0 {
				n.dir = args[0]
			}
			if err := n.write(time.Now()); err != nil {
				return err
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), `A new site is in %[1]s.

  1. Put your address and name into %[2]s.
  2. starpunk serve --dev --site %[1]s     shows it on this machine.
  3. starpunk new --site %[1]s "Hello"     adds a note; so does any text editor.
`, n.dir, filepath.Join(n.dir, site.ConfigFile))
			return err
		},
	}
	cmd.Flags().StringVar(&n.title, "title", "My notes", "`TITLE` of the site")
	cmd.Flags().StringVar(&n.url, "url", "https://example.org/", "`URL` of the site")
	cmd.Flags().StringVar(&n.author, "author", "", "your `NAME` (default: the title)")
	cmd.Flags().StringVar(&n.timezone, "timezone", "UTC", "`ZONE` of dates without an offset")
	return cmd
}

const configTemplate = `# Configuration of this StarPunk site. A key that is missing has its default.

url = %s
title = %s
# me = "https://example.org/"      # your profile URL, if it is not the site itself
# description = "What this site is about"
# lang = "en"
timezone = %s
# permalink = "/:year/:month/:slug/"
nav = [{name = "About", url = "/about/"}]

[author]
name = %s
# photo = "/me.jpg"                # a file in static/
# note = "A few words about you"
# links = ["https://social.example/@you"]   # profiles of yours elsewhere (rel=me)

# Apps sign in with your domain. If this site is your profile page, name the
# endpoints of your IndieAuth provider here; they go into the head of every page.
[links]
# authorization_endpoint = "https://provider.example/auth"
# token_endpoint = "https://provider.example/token"
`

const aboutTemplate = `---
title: About
---
This is %s. It is a folder of text files, made into a website by StarPunk.

Write something about yourself in ` + "`content/about.md`" + `.
`

const firstNoteTemplate = `---
date: %s
tags: [hello]
---
The first note on my own website.
`

// write makes the files of a new site, dated now.
func (n *newSite) write(now time.Time) error {
	loc, err := time.LoadLocation(n.timezone)
	if err != nil || n.timezone == "Local" {
		return fmt.Errorf("--timezone: %q is not an IANA time zone such as \"Europe/Berlin\"", n.timezone)
	}
	now = now.In(loc).Truncate(time.Second)
	config := fmt.Sprintf(configTemplate, strconv.Quote(n.url), strconv.Quote(n.title),
		strconv.Quote(n.timezone), strconv.Quote(cmp.Or(n.author, n.title)))
	// A mistake in a flag must not leave half a site behind.
	if _, err := site.ParseConfig(n.dir, []byte(config), func(string) string { return "" }); err != nil {
		return err
	}
	files := []struct{ name, text string }{
		{site.ConfigFile, config},
		{".gitignore", "/public/\n/.starpunk/\n"},
		{"content/about.md", fmt.Sprintf(aboutTemplate, n.title)},
		{now.Format("content/notes/2006/01/02-") + "first-note.md", fmt.Sprintf(firstNoteTemplate, now.Format(time.RFC3339))},
	}
	if _, err := os.Lstat(filepath.Join(n.dir, site.ConfigFile)); err == nil {
		return fmt.Errorf("%s is there already: this folder holds a site", filepath.Join(n.dir, site.ConfigFile))
	}
	for _, f := range files {
		err := writeNewFile(filepath.Join(n.dir, filepath.FromSlash(f.name)), f.text)
		if err != nil && (!errors.Is(err, fs.ErrExist) || f.name == site.ConfigFile) {
			return fmt.Errorf("new site: %w", err)
		}
	}
	return nil
}

// writeNewFile writes a file that does not exist yet.
func writeNewFile(name, text string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = strings.NewReader(text).WriteTo(f)
	return errors.Join(err, f.Close())
}
