package importer

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"starpunk/site"
)

// applyIntent applies the intent of the front matter, which may be in the keys of
// any tool ([site.IntentOf]): who may see the page, and when. It reports each key
// that withholds the page.
func (p *page) applyIntent(fields []site.Field, old *oldSite, loc *time.Location, report *Report) {
	in := site.IntentOf(fields, loc)
	p.note.Draft = p.note.Draft || in.Draft
	p.note.Visibility = in.Visibility
	p.note.ShownUntil = in.ShownUntil
	p.shownFrom = in.ShownFrom
	if !in.ShownUntil.IsZero() && in.ShownUntil.Before(old.now) {
		report.find(p.where, 1, "expired", "was shown only until %s; imported, and not shown", in.ShownUntil.Format(time.DateOnly))
	}
	for _, notice := range in.Notices {
		report.find(p.where, notice.Line, "draft", "%s", notice.Msg)
	}
	for _, because := range in.Because {
		isReported := slices.ContainsFunc(in.Notices, func(n site.Notice) bool { return n.Line == because.Line })
		if !isReported && !isDraftKey(fields, because) {
			kind, as := "draft", "a draft"
			if because.Visibility {
				kind, as = in.Visibility, in.Visibility
			}
			report.find(p.where, because.Line, kind, "%s: imported as %s", because.Key, as)
		}
	}
}

// isDraftKey reports whether a page is a draft by a plain draft or published key,
// which needs no report.
func isDraftKey(fields []site.Field, because site.Because) bool {
	return slices.ContainsFunc(fields, func(f site.Field) bool {
		key := strings.ToLower(f.Key)
		_, isBool := f.Value.(bool)
		return f.Key == because.Key && (key == "draft" || key == "published") && isBool
	})
}

// withholds reports whether a field by itself keeps a page from readers or lists,
// now or at another time.
func withholds(f site.Field, now time.Time, loc *time.Location) bool {
	in := site.IntentOf([]site.Field{f}, loc)
	return in.Draft || in.Visibility != site.Public || in.ShownFrom.After(now) || !in.ShownUntil.IsZero()
}

// schedule holds back a page that the old site would show only later.
func (p *page) schedule(old *oldSite, report *Report) {
	n, from := p.note, p.shownFrom
	if old.tool == Hugo && n.Kind != site.KindNote && p.date.After(from) {
		from = p.date // Hugo has dates of pages, too
	}
	if from.After(old.now) && from.After(n.Published) {
		n.ShownFrom = from
		report.find(p.where, 1, "scheduled", "was scheduled for %s; held back until then", from.Format(time.DateOnly))
	}
}

// hold makes a draft of a page that was not public.
func (p *page) hold(report *Report, line int, format string, args ...any) {
	p.note.Draft = true
	report.find(p.where, line, "draft", "%s; imported as a draft", fmt.Sprintf(format, args...))
}
