package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// newest is the moment of the newest note of a corpus: a fixed one, so that
// the same corpus comes out on any day.
var newest = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// A corpus is a number of notes with the shape of a personal site: most are a
// few lines, some are articles, and they lie in folders by month.
type corpus struct {
	notes    int
	perMonth int // notes in each month; 0: they are spread over ten years
	seed     uint64
}

const (
	tagCount    = 200
	tenYears    = 120 // months
	longestList = 12  // items
)

// make writes the notes to dir/content, with a _index.md in each folder, which
// Hugo needs to make pages of years and months and StarPunk skips.
func (c corpus) make(dir string) error {
	random := rand.New(rand.NewPCG(c.seed, uint64(c.notes)))
	w := &words{random: random, zipf: rand.NewZipf(random, 1.1, 8, uint64(len(vocabulary)-1))}
	tags := rand.NewZipf(random, 1.2, 2, tagCount-1)
	span := time.Duration(c.months()) * 30 * 24 * time.Hour
	folders := map[string]bool{}
	for i := range c.notes {
		at := newest.Add(-span / time.Duration(c.notes) * time.Duration(i)).Truncate(time.Second)
		folder := filepath.Join(dir, "content", "notes", at.Format("2006"), at.Format("01"))
		if !folders[folder] {
			folders[folder] = true
			if err := makeFolder(folder, at); err != nil {
				return err
			}
		}
		slug := fmt.Sprintf("%s-%d", w.word(), c.notes-i)
		name := filepath.Join(folder, at.Format("02-")+slug+".md")
		if err := os.WriteFile(name, []byte(w.note(at, slug, tags)), 0o666); err != nil {
			return err
		}
	}
	return nil
}

func (c corpus) months() int {
	if c.perMonth == 0 {
		return tenYears
	}
	return max(1, (c.notes+c.perMonth-1)/c.perMonth)
}

func makeFolder(folder string, at time.Time) error {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	year := "---\ntitle: \"" + at.Format("2006") + "\"\nurl: " + at.Format("/2006/") + "\n---\n"
	if err := os.WriteFile(filepath.Join(filepath.Dir(folder), "_index.md"), []byte(year), 0o666); err != nil {
		return err
	}
	month := "---\ntitle: " + at.Format("January 2006") + "\nurl: " + at.Format("/2006/01/") + "\n---\n"
	return os.WriteFile(filepath.Join(folder, "_index.md"), []byte(month), 0o666)
}

// words writes text that looks like text.
type words struct {
	random *rand.Rand
	zipf   *rand.Zipf
}

// note returns the text of a note's file: 70 % have 20–80 words, 25 % 100–400, and
// 5 %, all of them articles, 800–2,000.
func (w *words) note(at time.Time, slug string, tags *rand.Zipf) string {
	var b strings.Builder
	fmt.Fprintf(&b, "---\ndate: %s\nslug: %s\n", at.Format(time.RFC3339), slug)
	count, named := 20+w.random.IntN(61), false
	switch p := w.random.IntN(100); {
	case p >= 95:
		count, named = 800+w.random.IntN(1201), true
	case p >= 70:
		count, named = 100+w.random.IntN(301), w.random.IntN(3) == 0
	}
	if named {
		fmt.Fprintf(&b, "title: %s\n", w.title())
	}
	if list := w.tags(tags); len(list) > 0 {
		fmt.Fprintf(&b, "tags: [%s]\n", strings.Join(list, ", "))
	}
	b.WriteString("---\n")
	w.text(&b, count, named)
	return b.String()
}

// tags returns zero to four of the corpus's tags, a few of them common and most
// rare.
func (w *words) tags(zipf *rand.Zipf) []string {
	var list []string
	seen := map[uint64]bool{}
	for range w.random.IntN(5) {
		if tag := zipf.Uint64(); !seen[tag] {
			seen[tag] = true
			list = append(list, fmt.Sprintf("%s-%d", vocabulary[tag%uint64(len(vocabulary))], tag))
		}
	}
	return list
}

// text writes about count words in paragraphs, and in an article also lists,
// quotes, code and headings.
func (w *words) text(b *strings.Builder, count int, article bool) {
	for part := 0; count > 0; part++ {
		if part > 0 {
			b.WriteByte('\n')
		}
		kind := w.random.IntN(16)
		if count < 60 && kind < 4 {
			kind = 4
		}
		switch {
		case kind == 0:
			count -= w.list(b)
		case kind == 1:
			count -= w.paragraph(b, "> ", min(count, 40))
		case kind == 2:
			b.WriteString("```go\nfunc " + w.word() + "(n int) string {\n\tif n > 0 {\n\t\treturn \"" + w.word() + "\"\n\t}\n\treturn \"\" // " + w.sentence(5) + "\n}\n```\n")
			count -= 15
		case kind == 3 && article && part > 0:
			b.WriteString("## " + w.title() + "\n")
			count -= 4
		default:
			count -= w.paragraph(b, "", min(count, 30+w.random.IntN(60)))
		}
	}
}

func (w *words) list(b *strings.Builder) int {
	count := 0
	for range 3 + w.random.IntN(longestList-3) {
		n := 3 + w.random.IntN(8)
		b.WriteString("- " + w.sentence(n) + "\n")
		count += n
	}
	return count
}

func (w *words) paragraph(b *strings.Builder, prefix string, count int) int {
	b.WriteString(prefix)
	for left := count; left > 0; {
		n := min(left, 5+w.random.IntN(14))
		b.WriteString(w.sentence(n))
		if left -= n; left > 0 {
			b.WriteByte(' ')
		}
	}
	b.WriteByte('\n')
	return count
}

// sentence returns n words, with some links, code, emphasis, or a picture.
func (w *words) sentence(n int) string {
	parts := make([]string, n)
	for i := range parts {
		word := w.word()
		switch w.random.IntN(60) {
		case 0:
			word = "[" + word + "](https://example.org/" + word + "/)"
		case 1:
			word = "https://example.net/" + word
		case 2:
			word = "*" + word + "*"
		case 3:
			word = "`" + word + "`"
		case 4:
			word = "**" + word + "**"
		case 5:
			word += " " + emoji[w.random.IntN(len(emoji))]
		}
		parts[i] = word
	}
	parts[0] = strings.ToUpper(parts[0][:1]) + parts[0][1:]
	return strings.Join(parts, " ") + []string{".", ".", ".", "!", "?"}[w.random.IntN(5)]
}

// title returns a few words without markup.
func (w *words) title() string {
	parts := make([]string, 4+w.random.IntN(5))
	for i := range parts {
		parts[i] = w.word()
	}
	return "About " + strings.Join(parts, " ")
}

func (w *words) word() string { return vocabulary[w.zipf.Uint64()] }

var (
	emoji = []string{"🌊", "⛵", "🎉", "👩‍🔧", "🧭", "🙂"}

	vocabulary = strings.Fields(`the of and to a in that it is was for on as with at by this from they we
		boat tide harbour weather barometer wind rope sail mast keel anchor compass chart lantern clock spring
		wheel brass glass paper letter page note garden bread coffee morning evening night winter summer autumn
		rain snow cloud storm river bridge road walk train station window door table chair music song book story
		word line sentence picture camera light shadow colour blue green red yellow grey old new small large quiet
		loud quick slow early late near far north south east west inside outside above below before after always
		never often rarely again almost perhaps nearly every many few other same another first last next open closed
		find keep lose make send read write listen watch remember forget begin end carry follow leave stay return
		island shore beach gull heron seal mackerel kelp sand pebble cliff lighthouse buoy pilot crew captain friend
		neighbour market street city village house kitchen workshop bench hammer file lathe screw gear pinion escapement
		server protocol feed permalink markup style page domain browser reader editor terminal folder backup release`)
)
