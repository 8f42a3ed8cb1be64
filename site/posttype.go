package site

// PostTypes are the results of [Note.PostType].
var PostTypes = []string{
	"note", "article", "photo", "video", "audio", "bookmark", "event",
	"reply", "like", "repost", "rsvp", "checkin", "read",
}

// PostTypePlural returns the path element and the English name of the list of a post
// type: "replies" for "reply".
func PostTypePlural(t string) string {
	switch t {
	case "reply":
		return "replies"
	case "audio":
		return "audio"
	default:
		return t + "s"
	}
}

// PostType implements [Post Type Discovery], with newer types (bookmark, check-in,
// read) before the test for a name.
//
// [Post Type Discovery]: https://www.w3.org/TR/post-type-discovery/#algorithm
func (n *Note) PostType() string {
	if n.H == "event" {
		return "event"
	}
	for _, rule := range []struct{ property, postType string }{
		{"rsvp", "rsvp"},
		{"in-reply-to", "reply"},
		{"repost-of", "repost"},
		{"like-of", "like"},
		{"video", "video"},
		{"photo", "photo"},
		{"audio", "audio"},
		{"bookmark-of", "bookmark"},
		{"checkin", "checkin"},
		{"read-of", "read"},
	} {
		if n.has(rule.property) {
			return rule.postType
		}
	}
	// A name that only repeats the text is not a title: such a post is a note.
	if n.TitleText() == "" || hasPrefixText(n.Content, n.Name) {
		return "note"
	}
	return "article"
}
