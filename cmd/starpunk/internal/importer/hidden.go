package importer

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"starpunk/site"
)

// obey applies the intent of the front matter, who may see a page and when, by the
// keys of whatever tool ([site.IntentOf]), and reports each that withholds it.
func (p *page) obey(fields []site.Field, old *oldSite, loc *time.Location, report *Report) {
	in := site.IntentOf(fields, loc)
	p.note.Draft = p.note.Draft || in.Draft
	p.note.Visibility = in.Visibility
	p.note.ShownUntil = in.ShownUntil
	p.shownFrom = in.ShownFrom
	if !in.ShownUntil.IsZero() && in.ShownUntil.Before(old.now) {
		report.find(p.where, 1, "expired", "it was shown until %s only; brought over, and not shown", in.ShownUntil.Format(time.DateOnly))
	}
	for _, notice := range in.Notices {
		report.find(p.where, notice.Line, "draft", "%s", notice.Msg)
	}
	for _, because := range in.Because {
		isReported := slices.ContainsFunc(in.Notices, func(n site.Notice) bool { return n.Line == because.Line })
		if !isReported && !saysDraft(fields, because) {
			kind, as := "draft", "a draft"
			if because.Visibility {
				kind, as = in.Visibility, in.Visibility
			}
			report.find(p.where, because.Line, kind, "%s: brought over as %s", because.Key, as)
		}
	}
}

// saysDraft reports whether a key says in so many words that the page is a draft,
// which needs no report.
func saysDraft(fields []site.Field, because site.Because) bool {
	return slices.ContainsFunc(fields, func(f site.Field) bool {
		key := strings.ToLower(f.Key)
		_, isBool := f.Value.(bool)
		return f.Key == because.Key && (key == "draft" || key == "published") && isBool
	})
}

// withholds reports whether a field alone keeps a page from readers or lists, or
// does so at another time.
func withholds(f site.Field, now time.Time, loc *time.Location) bool {
	in := site.IntentOf([]site.Field{f}, loc)
	return in.Draft || in.Visibility != site.Public || in.ShownFrom.After(now) || !in.ShownUntil.IsZero()
}

// schedule keeps back what the old site was to show only later.
func (p *page) schedule(old *oldSite, report *Report) {
	n, from := p.note, p.shownFrom
	if old.tool == Hugo && n.Kind != site.KindNote && p.date.After(from) {
		from = p.date // Hugo has dates of pages, too
	}
	if from.After(old.now) && from.After(n.Published) {
		n.ShownFrom = from
		report.find(p.where, 1, "scheduled", "it was to be shown from %s on; kept back until then", from.Format(time.DateOnly))
	}
}

// hold makes a draft of what nobody could see.
func (p *page) hold(report *Report, line int, format string, args ...any) {
	p.note.Draft = true
	report.find(p.where, line, "draft", "%s; brought over as a draft", fmt.Sprintf(format, args...))
}
