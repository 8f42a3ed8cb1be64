package markdown

import (
	"starpunk/site/comment"
)

// hideComments replaces the note by one without its comments, and warns of
// comments that its author may not have meant.
func (m *Renderer) hideComments(rc *renderContext) {
	text := comment.HTML
	if !rc.note.HTML {
		text = func(s string) comment.Text { return comment.Markdown(s, m.join.Parser()) }
	}
	shown := text(rc.note.Content)
	for _, remark := range shown.Remarks {
		rc.warn(rc.note.BodyLine+remark.Line, "%s", remark.Msg)
	}
	if shown.String == rc.note.Content {
		return
	}
	n := *rc.note
	n.Content = shown.String
	rc.note, rc.shown = &n, &shown
}

// lineAsWritten returns the line of the note's file for one that was counted in
// its text without comments.
func (rc *renderContext) lineAsWritten(line int) int {
	if rc.shown == nil {
		return line
	}
	return rc.note.BodyLine + rc.shown.Line(line-rc.note.BodyLine)
}
