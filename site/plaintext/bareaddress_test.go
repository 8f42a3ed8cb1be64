package plaintext

import "testing"

func TestBareAddresses(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"https://example.org/", "https://example.org/"},
		{"https://ru.wikipedia.org/wiki/Москва and", "https://ru.wikipedia.org/wiki/Москва"},
		{"https://fr.wikipedia.org/wiki/Été_(saison), and", "https://fr.wikipedia.org/wiki/Été_(saison)"},
		{"https://example.org/?q=été&ö=日本#Überblick.", "https://example.org/?q=été&ö=日本#Überblick"},
		{"https://müller.example/straße!", "https://müller.example/straße"},
		{"https://例え.jp/", "https://例え.jp/"},
		{"https://пример.рф", "https://пример.рф"},
		{"http://हिन्दी.भारत/पथ", "http://हिन्दी.भारत/पथ"},
		{"https://example.org。次", "https://example.org"},
		{"https://example.jpを見て", "https://example.jp"},
		{"https://ja.wikipedia.org/wiki/日本。次の文", "https://ja.wikipedia.org/wiki/日本"},
		{"https://ja.wikipedia.org/wiki/日本、次", "https://ja.wikipedia.org/wiki/日本"},
		{"https://ja.wikipedia.org/wiki/日本）です", "https://ja.wikipedia.org/wiki/日本"},
		{"https://ja.wikipedia.org/wiki/日本」", "https://ja.wikipedia.org/wiki/日本"},
		{"https://ja.wikipedia.org/wiki/【推しの子】を", "https://ja.wikipedia.org/wiki/【推しの子】を"},
		{"https://ja.wikipedia.org/wiki/日本！", "https://ja.wikipedia.org/wiki/日本"},
		{"https://ja.wikipedia.org/wiki/日本\u3000次", "https://ja.wikipedia.org/wiki/日本"},
		{"https://example.org/a)并点击", "https://example.org/a"},
		{"https://example.org/a]を見て", "https://example.org/a"},
		{"https://example.org/a(b)を見て", "https://example.org/a(b)を見て"},
		{"https://example.org/a\"を見て", "https://example.org/a"},
		{"https://example.org/a”的文章", "https://example.org/a"},
		{"https://example.org/a»и", "https://example.org/a"},
		{"https://zh.wikipedia.org/wiki/“五月花”号", "https://zh.wikipedia.org/wiki/“五月花”号"},
		{"https://fr.wikipedia.org/wiki/L'Été", "https://fr.wikipedia.org/wiki/L'Été"},
		{"https://example.org/a)b", "https://example.org/a)b"},
		{"https://example.org/\u200e. מ", "https://example.org/"},
		{"https://example.org/a\u202cb", "https://example.org/a"},
		{"https://example.org/a\u00adb", "https://example.org/a"},
		{"https://fa.wikipedia.org/wiki/می\u200cخواهم\u200c", "https://fa.wikipedia.org/wiki/می\u200cخواهم"},
		{"www.example.org/ä.", "www.example.org/ä"},
		{"WWW.Example.ORG", "WWW.Example.ORG"},
		{"Https://example.org/x", "Https://example.org/x"},
		{"https://example.org:8080/a", "https://example.org:8080/a"},
		{"https://example.org: and", "https://example.org"},
		{"https://me:secret@example.org/a", "https://me:secret@example.org/a"},
		{"http://192.168.1.1/a", "http://192.168.1.1/a"},
		{"https://example.org/a_b_*c*~d~ e", "https://example.org/a_b_*c*~d"},
		{"https://example.org/a**", "https://example.org/a"},
		{"https://example.org/a(b)c))", "https://example.org/a(b)c"},
		{"https://example.org/a[b]]", "https://example.org/a[b]"},
		{"https://example.org/a?!.,:\"'", "https://example.org/a"},
		{"https://example.org/?a=b&copy;", "https://example.org/?a=b"},
		{"https://example.org/?a=b;", "https://example.org/?a=b;"},
		{"https://example.org?", "https://example.org"},
		{"https://example.org/<b>", "https://example.org/"},
		{"https://example.org\"x\"", "https://example.org"},
		{"https://example.org-", "https://example.org"},
		{"https://a_b.example.org/", "https://a_b.example.org/"},
		{"https://a.exa_mple.org/", ""},
		{"https://localhost/", ""},
		{"https:// x", ""},
		{"https://", ""},
		{"www.example", ""},
		{"www..example.org", ""},
		{"httpsx://example.org", ""},
	} {
		if got := tc.text[:BareAddress(tc.text)]; got != tc.want {
			t.Errorf("BareAddress of %q = %q, want %q", tc.text, got, tc.want)
		}
	}
}

func FuzzBareAddress(f *testing.F) {
	for _, s := range []string{"https://example.org/a(b)", "www.例え.jp/）", "http://a.b:1/;", "https://x@y.z/\xff", "ftp://a.b?&a;"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n := BareAddress(s)
		if n < 0 || n > len(s) {
			t.Fatalf("BareAddress(%q) = %d", s, n)
		}
		if again := BareAddress(s[:n]); n > 0 && again != n {
			t.Errorf("of %q the first %d bytes are an address, and of these the first %d", s, n, again)
		}
	})
}
