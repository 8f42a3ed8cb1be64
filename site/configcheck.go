package site

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// configChecks are the checks of the keys, in their order: the first mistake is
// reported. A check may also set a default that depends on other keys, or give a value
// its normal form.
var configChecks = []struct {
	key   string
	check func(c *Config) error
}{
	{"url", func(c *Config) error { return required(c.URL, `url = "https://your.domain/"`) }},
	{"title", func(c *Config) error { return required(c.Title, `title = "Your name"`) }},
	{"url", func(c *Config) error { return normalize(&c.URL, siteURL) }},
	{"me", func(c *Config) error {
		c.Me = cmp.Or(c.Me, c.URL)
		return normalize(&c.Me, profileURL)
	}},
	{"receiver.url", func(c *Config) error {
		c.Receiver.URL = cmp.Or(c.Receiver.URL, c.URL)
		return normalize(&c.Receiver.URL, siteURL)
	}},
	{"description", func(c *Config) error {
		c.Description = cmp.Or(c.Description, c.Title)
		return nil
	}},
	{"author.name", func(c *Config) error {
		c.Author.Name = cmp.Or(c.Author.Name, c.Title)
		return nil
	}},
	{"author.fediverse", func(c *Config) error {
		f := c.Author.Fediverse
		return errorUnless(f == "" || fediverseAddress().MatchString(f), "%q is not an address such as \"@ada@social.example\"", f)
	}},
	{"author.photo", func(c *Config) error {
		p := c.Author.Photo
		return errorUnless(p == "" || isLink(p) && !isMail(p), "%q is neither an http(s) URL nor a path such as \"/me.jpg\"", p)
	}},
	{"author.links", func(c *Config) error {
		return checkEach(c.Author.Links, isLink, "%q is not a URL such as \"https://social.example/@ada\"")
	}},
	{"lang", func(c *Config) error {
		return errorUnless(languageTag().MatchString(c.Lang), "%q is not a language tag such as \"en\" or \"de-CH\"", c.Lang)
	}},
	{"timezone", (*Config).loadTimezone},
	{"permalink", func(c *Config) error { return checkPermalink(c.Permalink) }},
	{"nav", (*Config).checkNav},
	{"receiver.token_cache_ttl", func(c *Config) error { return c.Receiver.TokenCacheTTL.check() }},
	{"receiver.endpoint_cache_ttl", func(c *Config) error { return c.Receiver.EndpointCacheTTL.check() }},
	{"receiver.publish_wait", func(c *Config) error { return c.Receiver.PublishWait.check() }},
	{"receiver.max_upload", func(c *Config) error {
		return errorUnless(c.Receiver.MaxUpload >= 1, "%d is not a size such as \"100MiB\"", c.Receiver.MaxUpload)
	}},
	{"home.count", func(c *Config) error { return c.Home.checkCount() }},
	{"home.types", func(c *Config) error { return c.Home.checkTypes() }},
	{"feed.count", func(c *Config) error { return c.Feed.checkCount() }},
	{"feed.types", func(c *Config) error { return c.Feed.checkTypes() }},
	{"markdown.hard_wraps", func(c *Config) error {
		w := c.Markdown.HardWraps
		return errorUnless(slices.Contains([]string{"notes", "all", "none"}, w), "%q is not one of notes, all, none", w)
	}},
	{"receiver.listen", func(c *Config) error {
		return errorUnless(isListenAddress(c.Receiver.Listen), "%q is not an address such as \"127.0.0.1:8080\"", c.Receiver.Listen)
	}},
	{"metrics.listen", func(c *Config) error {
		l := c.Metrics.Listen
		return errorUnless(l == "" || isListenAddress(l), "%q is not an address such as \"127.0.0.1:9400\"", l)
	}},
	{"receiver.trusted_proxies", func(c *Config) error {
		return checkEach(c.Receiver.TrustedProxies, isPrefix, "%q is neither an address nor a prefix such as \"10.0.0.0/8\"")
	}},
	{"content.ignore", func(c *Config) error { return checkEach(c.Content.Ignore, isPattern, "%q is not a pattern") }},
	{"links", func(c *Config) error {
		_, err := c.rels()
		return err
	}},
	{"provider.enabled", (*Config).checkProvider},
	{"index", func(c *Config) error {
		c.Index = c.path(c.Index)
		return nil
	}},
	{"build.output", func(c *Config) error {
		c.Build.Output = c.path(c.Build.Output)
		return c.checkOutput()
	}},
}

// check makes all checks of configChecks, and reads the redirects. lines has the line of
// each key, variables the environment variable of each key that one has replaced.
func (c *Config) check(lines map[string]int, variables map[string]string) error {
	for _, k := range configChecks {
		err := k.check(c)
		if err == nil {
			continue
		}
		if variable, ok := variables[k.key]; ok {
			return fmt.Errorf("environment: %s: %w", variable, err)
		}
		return &SyntaxError{File: ConfigFile, Line: max(lines[k.key], 1), Msg: k.key + ": " + err.Error()}
	}
	return c.readRedirects(lines)
}

// errorUnless returns an error with a message, unless ok.
func errorUnless(ok bool, format string, args ...any) error {
	if ok {
		return nil
	}
	return fmt.Errorf(format, args...)
}

// checkEach returns an error for the first value that is not valid.
func checkEach(values []string, isValid func(string) bool, format string) error {
	for _, v := range values {
		if !isValid(v) {
			return fmt.Errorf(format, v)
		}
	}
	return nil
}

func required(value, example string) error {
	if value == "" {
		return errors.New("missing; add " + example)
	}
	return nil
}

// normalize replaces a value by its normal form.
func normalize(value *string, normalForm func(string) (string, error)) (err error) {
	*value, err = normalForm(*value)
	return err
}

func isListenAddress(s string) bool {
	_, _, err := net.SplitHostPort(s)
	return err == nil
}

func isPrefix(s string) bool {
	_, err := parsePrefix(s)
	return err == nil
}

func isPattern(s string) bool {
	_, err := filepath.Match(strings.TrimSuffix(s, "/**"), "")
	return err == nil
}

func (d Duration) check() error {
	return errorUnless(d.Duration >= 0, "must be a duration such as \"5m\"")
}

func (s *Selection) checkCount() error {
	return errorUnless(s.Count >= 1 && s.Count <= 100, "%d is not between 1 and 100", s.Count)
}

func (s *Selection) checkTypes() error {
	for _, t := range s.Types {
		if !slices.Contains(PostTypes, t) {
			return fmt.Errorf("%q is not a post type; known are %s", t, strings.Join(PostTypes, ", "))
		}
	}
	return nil
}

// checkProvider refuses a provider that no app could use, and one beside another.
func (c *Config) checkProvider() error {
	if !c.Provider.Enabled {
		return nil
	}
	if !strings.HasPrefix(c.Receiver.URL, "https://") {
		return fmt.Errorf("passkeys and apps need HTTPS, and the address of StarPunk is %s; set url or receiver.url", c.Receiver.URL)
	}
	own := ProviderLinks(c.Receiver.URL)
	for rel := range c.Links {
		if _, ok := own[strings.ToLower(rel)]; ok {
			return fmt.Errorf("links.%s names another provider; remove one of the two", rel)
		}
	}
	return nil
}

// loadTimezone sets Location.
func (c *Config) loadTimezone() (err error) {
	if c.Location, err = time.LoadLocation(c.Timezone); err != nil || c.Timezone == "Local" {
		return fmt.Errorf("%q is not an IANA time zone%s", c.Timezone, nearestZone(c.Timezone))
	}
	return nil
}

func (c *Config) checkNav() error {
	for _, item := range c.Nav {
		switch {
		case item.URL == "":
			return fmt.Errorf("%q has no url", item.Name)
		case item.Name == "":
			return fmt.Errorf("%q has no name", item.URL)
		case !isLink(item.URL):
			return fmt.Errorf("%q is neither an http(s) URL nor a path such as \"/about/\"", item.URL)
		}
	}
	return nil
}

// path returns a configured path as an absolute one. A relative path begins at the
// site's folder.
func (c *Config) path(p string) string {
	if filepath.IsAbs(p) {
		return filepath.Clean(p)
	}
	return filepath.Join(c.Root, filepath.FromSlash(p))
}

// checkOutput refuses an output folder in which a build would destroy sources:
// StarPunk deletes files from its output that it did not write.
func (c *Config) checkOutput() error {
	out := c.Build.Output
	if rel, err := filepath.Rel(out, c.Root); err == nil && filepath.IsLocal(rel) {
		return fmt.Errorf("%s is the site's own folder or above it; name a folder for the output only, such as \"public\"", out)
	}
	for _, name := range []string{"content", "static", "media", "layouts", ".git"} {
		source := filepath.Join(c.Root, name)
		if rel, err := filepath.Rel(source, out); err == nil && filepath.IsLocal(rel) {
			return fmt.Errorf("%s is or is below %s/, which has sources; name a folder for the output only, such as \"public\"", out, name)
		}
	}
	return nil
}
