package site

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // the time zone of a site must not depend on the machine's files

	"github.com/dustin/go-humanize"
	"github.com/pelletier/go-toml/v2"
)

// ConfigFile is the name of the configuration file in a site's folder.
const ConfigFile = "starpunk.toml"

const maxConfigBytes = 1 << 20

// A Config is the configuration of a site from starpunk.toml and the environment,
// checked and with its defaults. Paths are absolute.
type Config struct {
	Root string `toml:"-"` // the site's folder

	URL         string            `toml:"url"` // "https://example.org/", always with a final slash
	Title       string            `toml:"title"`
	Me          string            `toml:"me"` // the owner's profile URL
	Description string            `toml:"description"`
	Lang        string            `toml:"lang"`
	Timezone    string            `toml:"timezone"`
	Permalink   string            `toml:"permalink"`
	Nav         []NavItem         `toml:"nav"`
	Author      Author            `toml:"author"`
	Links       map[string]any    `toml:"links"`     // relation → URL or path, or a list of them; see [Config.Rels]
	Redirects   map[string]string `toml:"redirects"` // former address → path or URL; see [Config.RedirectFrom]
	Content     Content           `toml:"content"`
	Home        Selection         `toml:"home"`
	Feed        Selection         `toml:"feed"`
	Markdown    Markdown          `toml:"markdown"`
	Build       Build             `toml:"build"`
	Index       string            `toml:"index"`
	Receiver    Receiver          `toml:"receiver"`
	Provider    Provider          `toml:"provider"`
	SyndicateTo []Destination     `toml:"syndicate_to"`
	Channels    []Destination     `toml:"channels"`
	Metrics     Metrics           `toml:"metrics"`

	Location *time.Location `toml:"-"` // Timezone, loaded
	Preview  bool           `toml:"-"` // --dev: drafts and scheduled notes are shown, with a mark
	Warnings []string       `toml:"-"` // to log once, at the start

	publicURL string `toml:"-"` // the site's URL; set in a preview, whose URL differs

	redirects  map[string]Redirect `toml:"-"` // Redirects, checked, by Redirect.From
	feedCopies map[string][]string `toml:"-"` // see FeedCopies
}

// A NavItem is one entry of the owner's menu.
type NavItem struct {
	Name string `toml:"name"`
	URL  string `toml:"url"`
}

// An Author is the owner's h-card.
type Author struct {
	Name  string   `toml:"name"`
	Photo string   `toml:"photo"`
	Note  string   `toml:"note"`
	Email string   `toml:"email"`
	Links []string `toml:"links"`

	Fediverse string `toml:"fediverse"` // "@ida@example.net": meta fediverse:creator
}

// fediverseAddress matches the values of meta fediverse:creator that Mastodon reads.
var fediverseAddress = lazyRegexp(`^@?[\w.-]{1,100}@[\w.-]{1,255}$`)

// languageTag matches a language tag (BCP 47, §2.1) as HTML and feeds have it.
var languageTag = lazyRegexp(`^(?i)([a-z]{2,3}(-[a-z]{3}){0,3}(-[a-z]{4})?(-([a-z]{2}|\d{3}))?(-([a-z\d]{5,8}|\d[a-z\d]{3}))*(-[a-wyz\d](-[a-z\d]{2,8})+)*(-x(-[a-z\d]{1,8})+)?|x(-[a-z\d]{1,8})+)$`)

// Content configures which files under content/ are not notes.
type Content struct {
	Ignore []string `toml:"ignore"` // patterns of path/filepath.Match; "/**" at the end takes a whole folder
}

// A Selection is the notes that the front page or the feeds show whole.
type Selection struct {
	Types []string `toml:"types"` // post types
	Count int      `toml:"count"`
}

// Markdown is the configuration of the Markdown renderer.
type Markdown struct {
	HardWraps string `toml:"hard_wraps"` // which notes keep their line breaks: notes (those without a title), all, none
	RawHTML   bool   `toml:"raw_html"`   // let HTML in Markdown through the sanitiser instead of showing it literally
}

// Build is the output folder and the command after a build.
type Build struct {
	Output string `toml:"output"`
	After  string `toml:"after"`
}

// A Receiver is the configuration of the Micropub endpoint.
type Receiver struct {
	Listen              string   `toml:"listen"`
	URL                 string   `toml:"url"` // where clients reach /micropub; "https://example.org/", with a final slash
	TokenCache          bool     `toml:"token_cache"`
	TokenCacheTTL       Duration `toml:"token_cache_ttl"`
	EndpointCacheTTL    Duration `toml:"endpoint_cache_ttl"`
	PublishWait         Duration `toml:"publish_wait"`
	MaxUpload           Size     `toml:"max_upload"`
	StrictBearer        bool     `toml:"strict_bearer"`
	AllowPrivateNetwork bool     `toml:"allow_private_network"`
	TrustedProxies      []string `toml:"trusted_proxies"` // addresses or prefixes
	IntrospectionSecret string   `toml:"introspection_secret"`
}

// Provider configures the IndieAuth provider of StarPunk itself.
type Provider struct {
	Enabled bool `toml:"enabled"`
}

// A Destination is a syndication target or a channel (Micropub §3.7.3).
type Destination struct {
	UID  string `toml:"uid" json:"uid"`
	Name string `toml:"name" json:"name"`
}

// Metrics is the listener for Prometheus. An empty Listen turns it off.
type Metrics struct {
	Listen string `toml:"listen"`
}

// A Duration is a time.Duration that is written as "5m" or "1h30m". A number is not a
// duration, since it has no unit.
type Duration struct{ time.Duration }

// UnmarshalText reads a duration. Any other text becomes a negative duration, which
// [Config.check] refuses: only there the line is known.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil {
		v = -1
	}
	d.Duration = v
	return nil
}

// A Size is a number of bytes written as "100MiB".
type Size int64

// UnmarshalText reads a size.
func (s *Size) UnmarshalText(text []byte) error {
	v, err := humanize.ParseBytes(string(text))
	if err != nil || v > 1<<40 {
		return fmt.Errorf("%q is not a size such as \"100MiB\"", text)
	}
	*s = Size(v)
	return nil
}

// defaults returns the configuration of a site whose file has no keys.
func defaults(root string) *Config {
	shown := []string{"note", "article", "photo", "video", "audio", "bookmark", "event"}
	return &Config{
		Root:      root,
		Lang:      "en",
		Timezone:  "UTC",
		Permalink: "/:year/:month/:slug/",
		Content:   Content{Ignore: []string{"templates/**"}},
		Home:      Selection{Types: shown, Count: 20},
		Feed:      Selection{Types: slices.Clone(shown), Count: 20},
		Markdown:  Markdown{HardWraps: "notes"},
		Build:     Build{Output: "public"},
		Index:     ".starpunk/index.db",
		Receiver: Receiver{
			Listen:           "127.0.0.1:8080",
			TokenCache:       true,
			TokenCacheTTL:    Duration{5 * time.Minute},
			EndpointCacheTTL: Duration{time.Hour},
			PublishWait:      Duration{2 * time.Second},
			MaxUpload:        100 << 20,
			TrustedProxies:   []string{"127.0.0.0/8", "::1/128"},
		},
	}
}

// LoadConfig reads dir/starpunk.toml, applies the variables of the environment that
// may replace a key, and checks the result. A mistake in the file is a [*SyntaxError]
// with its line. getenv is [os.Getenv], except in tests.
func LoadConfig(dir string, getenv func(string) string) (*Config, error) {
	root, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("site folder %s: %w", dir, err)
	}
	// The real path, so that one folder reached by two names has one identity.
	if real, err := filepath.EvalSymlinks(root); err == nil {
		root = real
	}
	file := filepath.Join(root, ConfigFile)
	data, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("no %s in %s: run \"starpunk init\" there, or name the site's folder with --site", ConfigFile, root)
	}
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	return ParseConfig(root, data, getenv)
}

// ParseConfig is [LoadConfig] for a file that is already in memory.
func ParseConfig(root string, data []byte, getenv func(string) string) (*Config, error) {
	if len(data) > maxConfigBytes {
		return nil, &SyntaxError{File: ConfigFile, Line: 1, Msg: "larger than 1 MiB"}
	}
	c := defaults(root)
	dec := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields()
	if err := dec.Decode(c); err != nil {
		return nil, configError(data, err)
	}
	variables, err := c.environment(getenv)
	if err != nil {
		return nil, err
	}
	if err := c.check(keyLines(data), variables); err != nil {
		return nil, err
	}
	return c, nil
}

// environment applies the variables that replace a key. It returns the name of the
// variable for each replaced key.
func (c *Config) environment(getenv func(string) string) (variables map[string]string, err error) {
	variables = map[string]string{}
	for _, v := range []struct {
		name, key string
		field     *string
	}{
		{"SITE_URL", "url", &c.URL},
		{"SITE_NAME", "title", &c.Title},
		{"ADMIN_ME", "me", &c.Me},
		{"STARPUNK_OUTPUT", "build.output", &c.Build.Output},
		{"STARPUNK_INDEX", "index", &c.Index},
		{"STARPUNK_LISTEN", "receiver.listen", &c.Receiver.Listen},
		{"STARPUNK_INTROSPECTION_SECRET", "receiver.introspection_secret", &c.Receiver.IntrospectionSecret},
	} {
		if value := getenv(v.name); value != "" {
			*v.field = value
			variables[v.key] = v.name
		}
	}
	if v := getenv("STARPUNK_TRUSTED_PROXIES"); v != "" {
		c.Receiver.TrustedProxies = strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' })
		variables["receiver.trusted_proxies"] = "STARPUNK_TRUSTED_PROXIES"
	}
	if v := getenv("MICROPUB_TOKEN_CACHE_ENABLED"); v != "" {
		on, err := strconv.ParseBool(strings.ToLower(v))
		if err != nil {
			return nil, fmt.Errorf("environment: MICROPUB_TOKEN_CACHE_ENABLED: %q is neither true nor false", v)
		}
		c.Receiver.TokenCache = on
	}
	if v := getenv("MICROPUB_TOKEN_CACHE_TTL"); v != "" {
		secs, err := strconv.ParseUint(v, 10, 31)
		if err != nil {
			return nil, fmt.Errorf("environment: MICROPUB_TOKEN_CACHE_TTL: %q is not a number of seconds", v)
		}
		c.Receiver.TokenCacheTTL = Duration{time.Duration(secs) * time.Second}
	}
	if getenv("TOKEN_ENDPOINT") != "" {
		c.Warnings = append(c.Warnings, "TOKEN_ENDPOINT is ignored: endpoints are discovered from the owner's page (me)")
	}
	return variables, nil
}

// Rels returns the table links in one form: relation → absolute URLs. Relations are
// in lower case.
func (c *Config) Rels() map[string][]string {
	rels, _ := c.rels() // checked when the file was read
	return rels
}

func (c *Config) rels() (map[string][]string, error) {
	rels := make(map[string][]string, len(c.Links))
	if c.Provider.Enabled && !c.Preview { // a preview has a provider of its own
		for rel, address := range ProviderLinks(c.Receiver.URL) {
			rels[rel] = []string{address}
		}
	}
	for _, rel := range slices.Sorted(maps.Keys(c.Links)) { // sorted: of several errors the same one is returned
		value := c.Links[rel]
		values, ok := value.([]any)
		if !ok {
			values = []any{value}
		}
		for _, v := range values {
			s, _ := v.(string)
			s = c.Absolute(s)
			if u, err := url.Parse(s); err != nil || u.Host == "" {
				return nil, fmt.Errorf("%s: %v is neither a URL nor a path such as \"/favicon.svg\"", rel, v)
			}
			rels[strings.ToLower(rel)] = append(rels[strings.ToLower(rel)], s)
		}
	}
	return rels, nil
}

// Development turns c into the configuration of a preview on the loopback address
// addr ("127.0.0.1:8080"): plain HTTP, its own index and output, with drafts and
// scheduled notes. me changes only if it is the address of the site. ownMe reports
// whether it is.
func (c *Config) Development(addr string) (ownMe bool) {
	ownMe = sameAddress(c.Me, c.URL)
	c.publicURL = c.URL
	c.URL = "http://" + addr + "/"
	c.Receiver.URL = c.URL
	c.Receiver.Listen = addr
	if ownMe {
		c.Me = c.URL
	}
	c.Build.Output = filepath.Join(c.Root, ".starpunk", "dev", "public")
	c.Index = filepath.Join(c.Root, ".starpunk", "dev", "index.db")
	c.Build.After = ""
	c.Preview = true
	return ownMe
}

// ContentDir returns the folder of the notes.
func (c *Config) ContentDir() string { return filepath.Join(c.Root, "content") }

// MediaDir returns the folder of uploads, which are named by their content.
func (c *Config) MediaDir() string { return filepath.Join(c.Root, "media") }

// StaticDir returns the folder of files that are copied unchanged.
func (c *Config) StaticDir() string { return filepath.Join(c.Root, "static") }

// ProviderFile returns the file of the provider's passkeys and tokens.
func (c *Config) ProviderFile() string { return filepath.Join(c.Root, "provider.json") }

// LayoutsDir returns the folder of layouts that replace those of the default theme.
func (c *Config) LayoutsDir() string { return filepath.Join(c.Root, "layouts") }

// LockDir returns the folder of the lock files. A preview has the same one, so that
// its posts and those of the real site exclude each other.
func (c *Config) LockDir() string { return filepath.Join(c.Root, ".starpunk") }
