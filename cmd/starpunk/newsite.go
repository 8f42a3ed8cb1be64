package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"starpunk/site"
)

// A newSite holds the values that init writes into a new site.
type newSite struct {
	dir                          string
	title, url, author, timezone string
	signIn                       string // see [readSignIn]
	me                           string // "" for the site itself
}

const exampleURL = "https://example.org/"

const configTemplate = `# Configuration of this StarPunk site. A key that is missing has its default.

url = %s
title = %s
%s
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

# Apps sign in with your domain. If this site is your profile page and StarPunk is not
# your IndieAuth provider, put its links here. They go into the head of every page.
[links]
icon = "/favicon.svg"
%s
# [build]
# after = "rsync -a --delete --delay-updates --exclude=/.starpunk public/ you@host.example:www/"
`

const aboutTemplate = `---
title: About
---
This is %s. It is a folder of text files, made into a website by StarPunk.

Write something about yourself in ` + "`content/about.md`" + `.
`

// faviconTemplate is the icon, with a verb for the letter in its middle.
const faviconTemplate = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#93390f"/><text x="16" y="23" font-family="Georgia, serif" font-size="20" text-anchor="middle" fill="#fcf9f3">%s</text></svg>
`

const firstNoteTemplate = `---
date: %s
tags: [hello]
---
The first note on my own website.
`

// config returns the text of a valid configuration. Errors name the flag that has
// the mistake.
func (n *newSite) config() (string, error) {
	s, err := readSignIn(n.howToSignIn())
	if err != nil {
		return "", fmt.Errorf("--sign-in: %w", err)
	}
	if s.elsewhere && n.me == "" {
		return "", errors.New("--sign-in elsewhere: name that page with --me")
	}
	me := `# me = "https://example.org/"      # your profile URL, if it is not the site itself`
	if n.me != "" {
		me = "me = " + strconv.Quote(n.me) + "      # your profile page, which has the links of your provider"
	}
	title := cmp.Or(n.title, "My notes")
	text := fmt.Sprintf(configTemplate, strconv.Quote(cmp.Or(n.url, exampleURL)), strconv.Quote(title), me,
		strconv.Quote(cmp.Or(n.timezone, "UTC")), strconv.Quote(cmp.Or(n.author, title)), s.links())
	// Checked before writing: a mistake in a flag must not leave half a site behind.
	cfg, err := site.ParseConfig(n.dir, []byte(text), func(string) string { return "" })
	if syntax := (*site.SyntaxError)(nil); errors.As(err, &syntax) {
		return "", errors.New("--" + syntax.Msg) // keys and flags have the same names
	}
	if err != nil {
		return "", err
	}
	return text, n.checkSignIn(cfg, s)
}

// howToSignIn returns the value of --sign-in, or its default. With --me the
// default is elsewhere: the profile page has the links.
func (n *newSite) howToSignIn() string {
	if n.me != "" {
		return cmp.Or(n.signIn, "elsewhere")
	}
	return cmp.Or(n.signIn, "later")
}

// checkSignIn refuses addresses with which no app could sign in.
func (n *newSite) checkSignIn(cfg *site.Config, s signIn) error {
	for _, f := range []struct{ flag, address string }{{"--url", n.url}, {"--me", n.me}} {
		if f.address != "" && !strings.HasPrefix(strings.ToLower(f.address), "https://") {
			return fmt.Errorf("%s: %q does not begin with https://, without which no app can sign in", f.flag, f.address)
		}
	}
	if _, own := cfg.Local(cfg.Me); !own && (s.own || len(s.provider) > 0) {
		return fmt.Errorf("--sign-in: the links of a provider belong into your profile page, and %s is not a page of this site; put them there, and use --sign-in elsewhere", cfg.Me)
	}
	return nil
}

func checkZone(name string) error {
	if _, err := time.LoadLocation(name); err != nil || name == "Local" || name == "" {
		return fmt.Errorf("%q is not an IANA time zone such as \"Europe/Berlin\"", name)
	}
	return nil
}

// localZone returns the name of the machine's time zone, or "UTC" if it has none.
func localZone() string {
	name := os.Getenv("TZ")
	if name == "" {
		target, err := filepath.EvalSymlinks("/etc/localtime")
		if err != nil {
			return "UTC"
		}
		_, name, _ = strings.Cut(filepath.ToSlash(target), "/zoneinfo/")
	}
	if checkZone(name) != nil {
		return "UTC"
	}
	return name
}

// vacant refuses a folder that holds a site.
func (n *newSite) vacant() error {
	name := filepath.Join(n.dir, site.ConfigFile)
	if _, err := os.Lstat(name); err == nil {
		return fmt.Errorf("%s exists already: this folder holds a site", name)
	}
	return nil
}

// write makes the files of a new site, dated now.
func (n *newSite) write(now time.Time) error {
	config, err := n.config()
	if err != nil {
		return err
	}
	zone, err := time.LoadLocation(cmp.Or(n.timezone, "UTC"))
	if err != nil {
		return err
	}
	now = now.In(zone).Truncate(time.Second)
	files := []struct{ name, text string }{
		{site.ConfigFile, config},
		{".gitignore", "/public/\n/.starpunk/\n/provider.json\n.starpunk-*.tmp\n"},
		{"static/favicon.svg", fmt.Sprintf(faviconTemplate, initial(cmp.Or(n.title, "My notes")))},
		{"content/about.md", fmt.Sprintf(aboutTemplate, cmp.Or(n.title, "My notes"))},
		{now.Format("content/notes/2006/01/02-") + "first-note.md", fmt.Sprintf(firstNoteTemplate, now.Format(time.RFC3339))},
	}
	for _, f := range files {
		err := writeNewFile(filepath.Join(n.dir, filepath.FromSlash(f.name)), f.text)
		if err != nil && (!errors.Is(err, fs.ErrExist) || f.name == site.ConfigFile) {
			return fmt.Errorf("new site: %w", err)
		}
	}
	return nil
}

// initial returns the first letter or digit of a title as a capital, or a star
// if it has none.
func initial(title string) string {
	for _, r := range title {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return string(unicode.ToUpper(r))
		}
	}
	return "★"
}

// nextSteps returns the three steps that are printed after init.
func (n *newSite) nextSteps() string {
	where, flag := n.dir, " --site "+shellWord(n.dir)
	if filepath.Clean(n.dir) == "." {
		where, flag = "this folder", ""
	}
	third := fmt.Sprintf("starpunk check%s           checks, once it is on the web, that apps can sign in.", flag)
	switch {
	case cmp.Or(n.url, exampleURL) == exampleURL:
		third = fmt.Sprintf("Put your own address into %s, and the site on the web: docs/deploy/README.md.", filepath.Join(n.dir, site.ConfigFile))
	case n.howToSignIn() == "starpunk":
		third = fmt.Sprintf("Put the site on the web (docs/deploy/README.md). Then starpunk provider link%s prints an address that registers your passkey.", flag)
	case n.howToSignIn() == "later":
		third = "Choose how you sign in to apps (docs/indieauth.md), and put the site on the web (docs/deploy/README.md)."
	}
	return fmt.Sprintf(`A new site is in %s.

  1. starpunk serve --dev%[2]s     shows it on this machine.
  2. starpunk new%[2]s "Hello"     adds a note; so does any text editor.
  3. %[3]s
`, where, flag, third)
}

var plainWord = regexp.MustCompile(`^[\w./~+@%-]+$`)

// shellWord returns a word as it is typed into a shell.
func shellWord(s string) string {
	if plainWord.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
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
