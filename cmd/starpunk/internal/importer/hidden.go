package importer

import (
	"time"

	"starpunk/site"
)

// takeHidden takes what Hugo has to keep a page from its readers, and says
// whether the field is of that kind. StarPunk keeps as a draft what nobody can
// see, and as unlisted what stands in no list.
func (p *page) takeHidden(f site.Field, now time.Time, loc *time.Location, report *Report) (known bool) {
	switch key := Hugo.key(f.Key); key {
	case "headless": // Hugo, "Page bundles"
		if f.Value == true {
			p.hold(report, f.Line, "%s: the old site made no page of it", f.Key)
		}
	case "build", "_build": // Hugo, "Build options"
		p.takeBuild(f, report)
	case "expirydate", "unpublishdate":
		switch t, ok := site.ParseTime(firstText(f.Value), loc); {
		case firstText(f.Value) == "":
		case !ok:
			p.hold(report, f.Line, "%s: %v is not a date and time", f.Key, f.Value)
		case t.Before(now):
			p.hold(report, f.Line, "%s: it was shown until then", f.Key)
		default:
			report.find(p.where, f.Line, "expiry", "%s: StarPunk takes nothing away by itself; make it a draft then", f.Key)
		}
	case "publishdate", "pubdate", "published":
		switch t, ok := site.ParseTime(firstText(f.Value), loc); {
		case f.Value == false:
			p.note.Draft = true
		case ok && p.shownFrom.IsZero():
			p.shownFrom = t
		case !ok && key == "publishdate" && firstText(f.Value) != "":
			p.hold(report, f.Line, "%s: %v is not a date and time", f.Key, f.Value)
		}
		return false // it may be its date, too
	default:
		return false
	}
	return true
}

// takeBuild reads what Hugo makes of a page: a page of its own, and a line in
// lists.
func (p *page) takeBuild(f site.Field, report *Report) {
	table, ok := f.Value.(map[string]any)
	if !ok {
		p.unknown(f, report)
		return
	}
	rest := map[string]any{}
	for name, v := range table {
		switch Hugo.key(name) {
		case "render":
			if v != "always" && v != true {
				p.hold(report, f.Line, "%s.%s: the old site made no page of it", f.Key, name)
			}
		case "list":
			if v != "always" && v != true {
				p.note.Visibility = site.Unlisted
				report.find(p.where, f.Line, "unlisted", "%s.%s: unlisted, since the old site did not list it everywhere", f.Key, name)
			}
		default:
			rest[name] = v
		}
	}
	if len(rest) > 0 {
		p.unknown(site.Field{Key: f.Key, Value: rest, Line: f.Line}, report)
	}
}

// schedule keeps back what the old site was to show only later. A note has the
// date of that day then; a page has none.
func (p *page) schedule(now time.Time, report *Report) {
	n := p.note
	switch {
	case n.Kind != site.KindNote && (p.shownFrom.After(now) || p.date.After(now)):
		p.hold(report, 1, "its date is still to come, and StarPunk shows pages at once")
	case n.Kind == site.KindNote && p.shownFrom.After(now) && p.shownFrom.After(n.Published):
		n.Published = p.shownFrom
		report.find(p.where, 1, "scheduled", "publishDate: is still to come, and became its date")
	}
}

// hold makes a draft of what nobody could see.
func (p *page) hold(report *Report, line int, format string, args ...any) {
	p.note.Draft = true
	report.find(p.where, line, "draft", format+"; brought over as a draft", args...)
}
