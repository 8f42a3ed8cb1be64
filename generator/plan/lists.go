package plan

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"starpunk/site/store/table"
)

// A List selects the notes of a list: by a month, a tag or a type, of which exactly one is
// set. With a tag or a type it may have a year.
type List struct {
	Month string          // "2026-11"
	Tag   string          // address
	Type  string          // post type
	Year  string          // "2026", with Tag or Type
	Since *table.Position // only notes at this position or after it; nil: all
	Limit int             // 0: all
}

// Listed returns the notes that a list shows, newest first.
func (p *Plan) Listed(l List) []*Note {
	since := always
	if l.Since != nil {
		since = *l.Since
	}
	switch {
	case l.Month != "":
		m, ok := parseMonth(l.Month)
		if !ok {
			return nil
		}
		begin := time.Date(int(m/12), time.Month(m%12+1), 1, 0, 0, 0, 0, time.UTC)
		return p.all.within(begin, begin.AddDate(0, 1, 0), since, l.Limit, func(n *Note) bool { return month(n) == m })
	case l.Tag != "":
		return p.tags[l.Tag].ofYear(l.Year, since, l.Limit)
	}
	return p.types[l.Type].ofYear(l.Year, since, l.Limit)
}

// ofYear returns the newest notes of a group, of one year unless that is "".
func (g *group) ofYear(text string, since table.Position, limit int) []*Note {
	if g == nil {
		return nil
	}
	if text == "" {
		return g.order.newest(since, limit, func(*Note) bool { return true })
	}
	y, ok := parseYear(text)
	if !ok {
		return nil
	}
	begin := time.Date(int(y), 1, 1, 0, 0, 0, 0, time.UTC)
	return g.within(begin, begin.AddDate(1, 0, 0), since, limit, func(n *Note) bool { return year(n) == y })
}

// within returns the newest notes of a group for which keep returns true, which are of one
// year or month. This is the year or month of the date as written, so in time a note may
// be up to a day before it or after it.
func (g *group) within(begin, end time.Time, since table.Position, limit int, keep func(*Note) bool) []*Note {
	until := g.order.from(table.Position{Published: end.AddDate(0, 0, 1).Unix()})
	if first := (table.Position{Published: begin.AddDate(0, 0, -1).Unix()}); since.Compare(first) < 0 {
		since = first
	}
	return g.order[:until].newest(since, limit, keep)
}

func yearText(y int32) string  { return fmt.Sprintf("%04d", y) }
func monthText(m int32) string { return fmt.Sprintf("%04d-%02d", m/12, m%12+1) }

func parseYear(text string) (int32, bool) {
	t, err := time.Parse("2006", text)
	return int32(t.Year()), err == nil
}

func parseMonth(text string) (int32, bool) {
	t, err := time.Parse("2006-01", text)
	return int32(t.Year())*12 + int32(t.Month()) - 1, err == nil
}

// Newest returns the newest notes that can be read, of some types or, if tag is set,
// of that tag, newest first. The front page and the feeds show them.
func (p *Plan) Newest(types []string, tag string, limit int) []*Note {
	if limit == 0 {
		return nil
	}
	whole := func(n *Note) bool { return !n.Broken }
	if tag != "" {
		if g := p.tags[tag]; g != nil {
			return g.order.newest(always, limit, whole)
		}
		return nil
	}
	var all []*Note
	for i, t := range types {
		if g := p.types[t]; g != nil && !slices.Contains(types[:i], t) {
			all = append(all, g.order.newest(always, limit, whole)...)
		}
	}
	slices.SortFunc(all, func(a, b *Note) int { return compareNotes(b, a) })
	return all[:min(limit, len(all))]
}

// Months returns the months that have notes, newest first, of all years or of one.
func (p *Plan) Months(year string) (months []string) {
	y, of := parseYear(year)
	for _, m := range p.all.newestPeriods() {
		if !of || m/12 == y {
			months = append(months, monthText(m))
		}
	}
	return months
}

// Years returns the years that have notes, newest first.
func (p *Plan) Years() (years []string) {
	for _, m := range p.all.newestPeriods() {
		years = append(years, yearText(m/12))
	}
	return slices.Compact(years)
}

// TagYears returns the years in which a tag was used, newest first.
func (p *Plan) TagYears(tag string) []string { return p.tags[tag].years() }

// TypeYears returns the years that have notes of a type, newest first.
func (p *Plan) TypeYears(postType string) []string { return p.types[postType].years() }

func (g *group) years() (years []string) {
	for _, y := range g.newestPeriods() {
		years = append(years, yearText(y))
	}
	return years
}

// HasType reports whether a post type has notes.
func (p *Plan) HasType(postType string) bool { return p.types[postType] != nil }

// Tags returns all tags in the order of their addresses.
func (p *Plan) Tags() []Tag {
	tags := make([]Tag, 0, len(p.tags))
	for address := range p.tags {
		tags = append(tags, Tag{address, p.Spelling(address)})
	}
	slices.SortFunc(tags, func(a, b Tag) int { return cmp.Compare(a.Address, b.Address) })
	return tags
}

// Spelling returns a tag as its oldest note spells it; "" if no note has it.
func (p *Plan) Spelling(tag string) string {
	g := p.tags[tag]
	if g == nil {
		return ""
	}
	for _, t := range g.order[0].Tags {
		if t.Address == tag {
			return t.Spelled
		}
	}
	return ""
}
