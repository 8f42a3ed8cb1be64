package site

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

const minimal = "url = \"https://Example.org\"\ntitle = \"Alice\"\n"

func environ(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

func TestDefaultsFollowFromURLAndTitle(t *testing.T) {
	c, err := ParseConfig("/srv/blog", []byte(minimal), environ(nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, check := range []struct{ name, got, want string }{
		{"url has a final slash and a lower-case host", c.URL, "https://example.org/"},
		{"me is the site", c.Me, "https://example.org/"},
		{"clients reach the receiver at the site", c.Receiver.URL, "https://example.org/"},
		{"the description is the title", c.Description, "Alice"},
		{"the author is the title", c.Author.Name, "Alice"},
		{"the output is public", c.Build.Output, "/srv/blog/public"},
		{"the index is hidden", c.Index, "/srv/blog/.starpunk/index.db"},
		{"the zone is UTC", c.Location.String(), "UTC"},
	} {
		if check.got != check.want {
			t.Errorf("%s: got %q, want %q", check.name, check.got, check.want)
		}
	}
	if c.Receiver.MaxUpload != 100<<20 || c.Receiver.TokenCacheTTL.Duration != 5*time.Minute {
		t.Errorf("max_upload %d, token_cache_ttl %v", c.Receiver.MaxUpload, c.Receiver.TokenCacheTTL)
	}
}

func TestEveryKeyOfTheManualIsAccepted(t *testing.T) {
	c, err := ParseConfig("/srv/blog", []byte(`
url = "https://example.org/"
title = "Alice"
me = "https://alice.example"
description = "Notes"
lang = "de"
timezone = "Europe/Berlin"
permalink = "/:type/:year/:month/:day/:hour/:minute/:slug/"
nav = [{name = "About", url = "/about/"}]
index = "/var/lib/blog/index.db"
syndicate_to = [{uid = "https://social.example/@alice", name = "Social"}]
channels = [{uid = "default", name = "Default"}]
[author]
name = "Alice"
photo = "/alice.jpg"
note = "Writes."
email = "alice@example.org"
links = ["https://social.example/@alice"]
[links]
authorization_endpoint = "https://indieauth.example/auth"
hub = ["https://hub.example/", "https://hub2.example/"]
icon = "/favicon.svg"
[content]
ignore = ["drafts/**", "*.draft.md"]
[home]
types = ["note"]
count = 10
[feed]
types = ["article"]
count = 5
[markdown]
hard_wraps = "all"
raw_html = true
[build]
output = "/srv/www"
after = "rsync -a public/ host:"
[receiver]
listen = "127.0.0.1:9000"
url = "https://pub.example.org"
token_cache = false
token_cache_ttl = "1m"
endpoint_cache_ttl = "2h"
publish_wait = "500ms"
max_upload = "20MiB"
strict_bearer = true
allow_private_network = true
trusted_proxies = ["10.0.0.1", "192.168.0.0/16"]
introspection_secret = "user:password"
[metrics]
listen = "127.0.0.1:9100"
`), environ(nil))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Rels()["hub"]; len(got) != 2 || got[1] != "https://hub2.example/" {
		t.Errorf("hub links: %v", got)
	}
	if got := c.Rels()["icon"]; len(got) != 1 || got[0] != "https://example.org/favicon.svg" {
		t.Errorf("icon link: %v", got)
	}
	if got := c.Receiver.ProxyPrefixes(); len(got) != 2 || got[0].String() != "10.0.0.1/32" {
		t.Errorf("proxies: %v", got)
	}
	if c.Me != "https://alice.example/" || c.Receiver.MaxUpload != 20<<20 {
		t.Errorf("me %q, max_upload %d", c.Me, c.Receiver.MaxUpload)
	}
}

func TestMistakesInTheConfigurationNameTheLine(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"a misspelt key is reported with the nearest key", "url = \"https://a.example\"\n\ntitel = \"A\"\n", "starpunk.toml:3: unknown key `titel`, did you mean `title`?"},
		{"a misspelt key in a table", minimal + "[receiver]\nlisten_on = 1\ntokencache = true\n", "starpunk.toml:4: unknown key `receiver.listen_on`"},
		{"a key in the wrong table", minimal + "output = \"x\"\n", "starpunk.toml:3: unknown key `output`, did you mean `build.output`?"},
		{"no url", "title = \"A\"\n", "starpunk.toml:1: url: missing"},
		{"no title", "url = \"https://a.example\"\n", "starpunk.toml:1: title: missing"},
		{"a url without a scheme", "title = \"A\"\nurl = \"a.example\"\n", "starpunk.toml:2: url: \"a.example\" is not an http(s) URL"},
		{"a url with a path", "title = \"A\"\nurl = \"https://a.example/blog\"\n", "a StarPunk site is a whole host"},
		{"a password in a url", "title = \"A\"\nurl = \"https://u:secret@a.example/\"\n", "starpunk.toml:2: url: a user name or password does not belong here"},
		{"an unknown time zone", minimal + "timezone = \"Mars/Base\"\n", "starpunk.toml:3: timezone: \"Mars/Base\""},
		{"the machine's own zone", minimal + "timezone = \"Local\"\n", "starpunk.toml:3: timezone: \"Local\""},
		{"a permalink without a slug", minimal + "permalink = \"/:year/\"\n", "starpunk.toml:3: permalink: \"/:year/\" has no :slug"},
		{"an unknown placeholder", minimal + "permalink = \"/:week/:slug/\"\n", "\":week\" is not one of"},
		{"a permalink that climbs", minimal + "permalink = \"/../:slug/\"\n", "is not a plain path"},
		{"a permalink in a hidden folder", minimal + "permalink = \"/.git/:slug/\"\n", "is not a plain path"},
		{"a permalink with a query", minimal + "permalink = \"/?/:slug/\"\n", "is not a plain path"},
		{"a permalink with a name in capitals", minimal + "permalink = \"/:YEAR/:slug/\"\n", "is not a plain path"},
		{"a permalink at the address of the feed", minimal + "permalink = \"/feed.xml/:slug/\"\n", "is the address of the site's own /feed.xml"},
		{"a permalink that is too long for a file", minimal + "permalink = \"/" + strings.Repeat("x", 201) + "/:slug/\"\n", "is not a plain path"},
		{"a count out of range", minimal + "[home]\n\ncount = 1000\n", "starpunk.toml:5: home.count: 1000 is not between 1 and 100"},
		{"an unknown post type", minimal + "[feed]\ntypes = [\"poem\"]\n", "starpunk.toml:4: feed.types: \"poem\" is not a post type"},
		{"a bad duration", minimal + "[receiver]\npublish_wait = \"soon\"\n", "starpunk.toml:4: receiver.publish_wait: "},
		{"a bad size", minimal + "[receiver]\nmax_upload = \"large\"\n", "starpunk.toml:4: receiver.max_upload: "},
		{"a bad proxy", minimal + "[receiver]\ntrusted_proxies = [\"caddy\"]\n", "starpunk.toml:4: receiver.trusted_proxies: "},
		{"a duration without a unit", minimal + "[receiver]\npublish_wait = 2\n", "starpunk.toml:4: receiver.publish_wait: must be a duration such as \"5m\""},
		{"no size", minimal + "[receiver]\nmax_upload = \"0\"\n", "starpunk.toml:4: receiver.max_upload: "},
		{"a wrong type", minimal + "lang = 3\n", "starpunk.toml:3: lang: must be a text"},
		{"a text \"true\"", minimal + "[markdown]\nraw_html = \"true\"\n", "starpunk.toml:4: markdown.raw_html: must be true or false"},
		{"a number as a text", minimal + "[home]\ncount = \"20\"\n", "starpunk.toml:4: home.count: must be a number"},
		{"a text for a list", minimal + "[feed]\ntypes = \"note\"\n", "starpunk.toml:4: feed.types: must be a list of texts"},
		{"a number in a list of texts", minimal + "[feed]\ntypes = [1]\n", "starpunk.toml:4: feed.types: must be a list of texts"},
		{"a text for a list of tables", minimal + "nav = \"About\"\n", "starpunk.toml:3: nav: must be a list of {name, url}"},
		{"a number in a menu", minimal + "nav = [{name = 3}]\n", "starpunk.toml:3: nav: must be a list of {name, url}"},
		{"a text for a table", minimal + "author = \"Ada\"\n", "starpunk.toml:3: author: must be a table"},
		{"a menu that leads nowhere", minimal + "nav = [{name = \"About\"}]\n", "starpunk.toml:3: nav: \"About\" has no url"},
		{"a menu without words", minimal + "nav = [{url = \"/about/\"}]\n", "starpunk.toml:3: nav: \"/about/\" has no name"},
		{"a menu that leads elsewhere from each page", minimal + "nav = [{name = \"About\", url = \"about/\"}]\n", "starpunk.toml:3: nav: \"about/\" is neither an http(s) URL nor a path such as \"/about/\"\n"},
		{"a menu that runs a script", minimal + "nav = [{name = \"X\", url = \"javascript:alert(1)\"}]\n", "starpunk.toml:3: nav: \"javascript:alert(1)\" is neither an http(s) URL nor a path"},
		{"a menu with half a URL", minimal + "nav = [{name = \"X\", url = \"https:/x.example\"}]\n", "starpunk.toml:3: nav: \"https:/x.example\" is neither"},
		{"a photo that is elsewhere for each page", minimal + "[author]\nphoto = \"me.jpg\"\n", "starpunk.toml:4: author.photo: \"me.jpg\" is neither an http(s) URL nor a path such as \"/me.jpg\"\n"},
		{"a photo that is an address for mail", minimal + "[author]\nphoto = \"mailto:a@a.example\"\n", "starpunk.toml:4: author.photo: \"mailto:a@a.example\" is neither"},
		{"a profile without a scheme", minimal + "[author]\nlinks = [\"https://a.example/\", \"soc.example/@a\"]\n", "starpunk.toml:4: author.links: \"soc.example/@a\" is not a URL such as \"https://social.example/@ada\"\n"},
		{"a language by its name", minimal + "lang = \"english\"\n", "starpunk.toml:3: lang: \"english\" is not a language tag such as \"en\" or \"de-CH\"\n"},
		{"a language as systems have it", minimal + "lang = \"en_GB\"\n", "starpunk.toml:3: lang: \"en_GB\" is not"},
		{"no language", minimal + "lang = \"\"\n", "starpunk.toml:3: lang: \"\" is not"},
		{"a misspelt table", minimal + "[reciever]\nlisten = \"127.0.0.1:80\"\n", "starpunk.toml:3: unknown key `reciever`, did you mean `receiver`?"},
		{"a word that shares a syllable with a key", minimal + "theme = \"x\"\n", "starpunk.toml:3: unknown key `theme`\n"},
		{"a key of other generators", minimal + "menu = []\n", "starpunk.toml:3: unknown key `menu`, did you mean `nav`?"},
		{"another spelling of url", "baseURL = \"https://a.example\"\n", "starpunk.toml:1: unknown key `baseURL`, did you mean `url`?"},
		{"an unknown key in a list of tables", minimal + "nav = [{title = \"About\", url = \"/about/\"}]\n", "starpunk.toml:3: nav: an entry has name and url; `title` is not known"},
		{"an unknown key in a table of a list", minimal + "[[nav]]\nname = \"About\"\nhref = \"/about/\"\n", "starpunk.toml:5: nav: an entry has name and url; `href` is not known"},
		{"a typographic quote", "url = “https://a.example/”\n", "starpunk.toml:1: “ is a typographic quote; use \""},
		{"a text without quotes", "url = \"https://a.example\"\ntitle = Ada\n", "starpunk.toml:2: title: a text needs quotes; write title = \"Ada\""},
		{"a typographic quote in a list", minimal + "[feed]\ntypes = [‘note’]\n", "starpunk.toml:4: ‘ is a typographic quote; use \""},
		{"a city without its region", minimal + "timezone = \"London\"\n", "starpunk.toml:3: timezone: \"London\" is not an IANA time zone; did you mean \"Europe/London\"?"},
		{"a zone in another case", minimal + "timezone = \"america/new york\"\n", "starpunk.toml:3: timezone: \"america/new york\" is not an IANA time zone; did you mean \"America/New_York\"?"},
		{"a zone with a small word", minimal + "timezone = \"port of spain\"\n", "did you mean \"America/Port_of_Spain\"?"},
		{"a relation outside of its table", minimal + "hub = \"https://hub.example/\"\n", "starpunk.toml:3: unknown key `hub`\n"},
		{"no TOML at all", "url https\n", "starpunk.toml:1: "},
		{"a link that leads nowhere", minimal + "[links]\nhub = \"hub\"\n", "links: hub: hub is neither a URL nor a path"},
		{"a provider without HTTPS", "title = \"A\"\nurl = \"http://a.example\"\n[provider]\nenabled = true\n", "starpunk.toml:4: provider.enabled: passkeys and apps need HTTPS, and the address of StarPunk is http://a.example/"},
		{"two providers", minimal + "[links]\nIndieAuth-Metadata = \"https://auth.example/\"\n[provider]\nenabled = true\n", "starpunk.toml:6: provider.enabled: links.IndieAuth-Metadata names another provider"},
		{"the site as its output", minimal + "[build]\noutput = \".\"\n", "starpunk.toml:4: build.output: /srv/blog is the site's own folder or above it"},
		{"a parent as output", minimal + "[build]\noutput = \"..\"\n", "the site's own folder or above it"},
		{"content as output", minimal + "[build]\noutput = \"content/x\"\n", "is below content/, which has sources"},
		{"the repository as output", minimal + "[build]\noutput = \".git\"\n", "is below .git/"},
		{"a file over the bound", minimal + strings.Repeat("#", maxConfigBytes), "larger than 1 MiB"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := ParseConfig("/srv/blog", []byte(tc.text), environ(nil))
			if err == nil || !strings.Contains(err.Error()+"\n", tc.want) {
				t.Errorf("got %v\nwant …%s…", err, tc.want)
			}
		})
	}
}

func TestLinksAndLanguagesThatAreAccepted(t *testing.T) {
	for _, more := range []string{
		"nav = [{name = \"A\", url = \"/about/\"}, {name = \"B\", url = \"/\"}, {name = \"C\", url = \"https://b.example/x?y#z\"}, {name = \"D\", url = \"mailto:a@a.example\"}]",
		"[author]\nlinks = [\"https://social.example/@a\", \"http://b.example\", \"mailto:a@a.example\", \"/about/\"]",
		"author.photo = \"/media/3f/3f9a.jpg\"", "author.photo = \"https://a.example/a b.jpg\"", "author.photo = \"\"",
		"lang = \"de-CH\"", "lang = \"zh-Hant-TW\"", "lang = \"es-419\"", "lang = \"sl-rozaj-biske-1994\"", "lang = \"gsw-u-sd-chzh\"", "lang = \"EN\"", "lang = \"x-mine\"", "lang = \"de-x-a\"",
	} {
		if _, err := ParseConfig("/srv/blog", []byte(minimal+more), environ(nil)); err != nil {
			t.Errorf("%s: %v", more, err)
		}
	}
}

func TestTheEnvironmentOverrides(t *testing.T) {
	c, err := ParseConfig("/srv/blog", []byte(minimal+"[receiver]\ntoken_cache = true\n"), environ(map[string]string{
		"SITE_URL": "https://other.example", "SITE_NAME": "Bob", "ADMIN_ME": "https://bob.example/~bob",
		"STARPUNK_OUTPUT": "/srv/www", "STARPUNK_INDEX": "/tmp/i.db", "STARPUNK_LISTEN": "127.0.0.1:1",
		"MICROPUB_TOKEN_CACHE_ENABLED": "False", "MICROPUB_TOKEN_CACHE_TTL": "90",
		"STARPUNK_INTROSPECTION_SECRET": "s3cret", "TOKEN_ENDPOINT": "https://evil.example/",
	}))
	if err != nil {
		t.Fatal(err)
	}
	if c.URL != "https://other.example/" || c.Title != "Bob" || c.Me != "https://bob.example/~bob" ||
		c.Build.Output != "/srv/www" || c.Index != "/tmp/i.db" || c.Receiver.Listen != "127.0.0.1:1" ||
		c.Receiver.TokenCache || c.Receiver.TokenCacheTTL.Duration != 90*time.Second || c.Receiver.IntrospectionSecret != "s3cret" {
		t.Errorf("not all variables took effect: %+v", c)
	}
	if len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0], "TOKEN_ENDPOINT is ignored") {
		t.Errorf("warnings: %q", c.Warnings)
	}
	for _, tc := range []struct{ variable, value, want string }{
		{"MICROPUB_TOKEN_CACHE_ENABLED", "perhaps", `"perhaps" is neither true nor false`},
		{"MICROPUB_TOKEN_CACHE_TTL", "-1", `"-1" is not a number of seconds`},
		{"SITE_URL", "nowhere", `"nowhere" is not an http(s) URL`},
		{"STARPUNK_LISTEN", "19604", `"19604" is not an address such as "127.0.0.1:8080"`},
	} {
		_, err := ParseConfig("/srv/blog", []byte(minimal), environ(map[string]string{tc.variable: tc.value}))
		if want := "environment: " + tc.variable + ": " + tc.want; err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s=%s: got %v, want %s…", tc.variable, tc.value, err, want)
		}
	}
}

func TestAPreviewKeepsToItself(t *testing.T) {
	for _, tc := range []struct {
		name, extra, me string
		own             bool
	}{
		{"the site is its own profile", "", "http://127.0.0.1:8080/", true},
		{"the profile is elsewhere", "me = \"http://127.0.0.1:9400/\"\n", "http://127.0.0.1:9400/", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := ParseConfig("/srv/blog", []byte(minimal+tc.extra), environ(nil))
			if err != nil {
				t.Fatal(err)
			}
			if own := c.Development("127.0.0.1:8080"); own != tc.own {
				t.Errorf("own profile: %v, want %v", own, tc.own)
			}
			if c.Me != tc.me || c.URL != "http://127.0.0.1:8080/" || c.Build.Output != "/srv/blog/.starpunk/dev/public" {
				t.Errorf("me %q, url %q, output %q", c.Me, c.URL, c.Build.Output)
			}
		})
	}
}

func TestAddressesOfTheConfigurationAreCompared(t *testing.T) {
	for _, tc := range []struct {
		name, a, b string
		same       bool
	}{
		{"a final slash does not matter", "https://example.org/", "https://example.org", true},
		{"nor the host's case", "https://EXAMPLE.org/", "https://example.org/", true},
		{"the path's case does", "https://example.org/~Bob", "https://example.org/~bob", false},
		{"the scheme does", "http://example.org/", "https://example.org/", false},
	} {
		if got := sameAddress(tc.a, tc.b); got != tc.same {
			t.Errorf("%s: sameAddress(%q, %q) = %v", tc.name, tc.a, tc.b, got)
		}
	}
}

// A configuration of any content is refused with a line that it has, or all other
// code can rely on it.
func FuzzParseConfig(f *testing.F) {
	for _, more := range []string{
		"", "me = \"https://alice.example\"\npermalink = \"/:slug/\"\ntimezone = \"Europe/Berlin\"\n",
		"permalink = \"/../:slug/\"\n", "[build]\noutput = \"content/x\"\n", "[build]\noutput = \"..\"\n", "index = \"/tmp/x\"\n",
		"[receiver]\nlisten = \"127.0.0.1:0\"\nmax_upload = \"1GiB\"\npublish_wait = \"2s\"\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\"]\n",
		"[receiver]\nmax_upload = \"-1\"\npublish_wait = \"x\"\ntoken_cache_ttl = 5\n", "[receiver]\nintrospection_secret = 7\n",
		"[links]\nhub = [\"/a\", \"https://b.example/\"]\n\"\" = {}\n", "[home]\ntypes = [\"note\"]\ncount = 101\n",
		"[content]\nignore = [\"[\", \"a/**\"]\n", "nav = [{name = \"About\", url = \"/about/\"}]\nsyndicate_to = [{uid = 1}]\n",
		"titel = 1\n", "title = \"again\"\n", "[a.b]\nc = 1\n", "x = \"\"\"\n", "\xff", "[[receiver]]\n", "timezone = \"Local\"\n", "timezone = \"../UTC\"\n",
	} {
		f.Add(minimal + more)
	}
	f.Add("")
	f.Add("url = \"ftp://x\"\ntitle = \"\"\n")
	f.Add("url = \"https://u:p@x/\"\ntitle = \"a\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseConfig("/srv/blog", []byte(text), environ(nil))
		again, errAgain := ParseConfig("/srv/blog", []byte(text), environ(nil))
		if fmt.Sprint(err) != fmt.Sprint(errAgain) || !reflect.DeepEqual(c, again) {
			t.Fatalf("%v, %v and then %v, %v", c, err, again, errAgain)
		}
		if err != nil {
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.File != ConfigFile || syntax.Line < 1 || syntax.Line > strings.Count(text, "\n")+1 || syntax.Msg == "" {
				t.Fatalf("not an error in a line of the file: %v", err)
			}
			return
		}
		for key, address := range map[string]string{"url": c.URL, "receiver.url": c.Receiver.URL, "me": c.Me} {
			u, err := url.Parse(address)
			if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || u.Scheme != "http" && u.Scheme != "https" || key != "me" && u.Path != "/" {
				t.Fatalf("%s is %q, %v", key, address, err)
			}
		}
		if c.Title == "" || c.Description == "" || c.Author.Name == "" || c.Location == nil || c.Home.Count < 1 || c.Feed.Count < 1 {
			t.Fatalf("a value is missing in %+v", c)
		}
		if out := c.Build.Output; !filepath.IsAbs(out) || !filepath.IsAbs(c.Index) || out == c.Root || strings.HasPrefix(c.Root+"/", out+"/") || strings.HasPrefix(out+"/", c.ContentDir()+"/") {
			t.Fatalf("the output is %q, the index %q", out, c.Index)
		}
		n := &Note{Kind: KindNote, Slug: "a", Published: time.Unix(0, 0)}
		wantPlain(t, c.Permalink, n.Permalink(c.Permalink))
		if len(c.Rels()) > len(c.Links)+3 || len(c.Receiver.ProxyPrefixes()) != len(c.Receiver.TrustedProxies) {
			t.Fatalf("links %v, proxies %v", c.Rels(), c.Receiver.ProxyPrefixes())
		}
		c.Development("127.0.0.1:8080")
	})
}

func TestTheProviderIsLinked(t *testing.T) {
	t.Parallel()
	c, err := ParseConfig("/srv/blog", []byte("url = \"https://ada.example\"\ntitle = \"Ada\"\n[links]\nicon = \"/i.svg\"\n[provider]\nenabled = true\n[receiver]\nurl = \"https://post.ada.example\"\n"), func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	rels := c.Rels()
	for rel, want := range map[string]string{
		"icon":                   "https://ada.example/i.svg",
		"indieauth-metadata":     "https://post.ada.example/.well-known/oauth-authorization-server",
		"authorization_endpoint": "https://post.ada.example/auth/authorize",
		"token_endpoint":         "https://post.ada.example/auth/token",
	} {
		if len(rels[rel]) != 1 || rels[rel][0] != want {
			t.Errorf("%s: %q, want %s", rel, rels[rel], want)
		}
	}
	if got := c.ProviderRegistration("SECRET"); got != "https://post.ada.example/auth/register#SECRET" {
		t.Errorf("registration at %s", got)
	}
	c.Development("127.0.0.1:8080")
	if _, ok := c.Rels()["indieauth-metadata"]; ok {
		t.Error("a preview links to the provider of the public site")
	}
}
