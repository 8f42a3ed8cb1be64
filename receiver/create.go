package receiver

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"starpunk/receiver/indieauth"
	"starpunk/site"
	"starpunk/site/store"
)

const lockTimeout = 20 * time.Second // for another writer to finish

// create saves a new note (Micropub §3.2) with the files of the request (§3.3),
// and responds when its page is live: 201, or 202 if that takes too long. A
// request that is sent twice creates one note and gets the same response.
func (rc *Receiver) create(w http.ResponseWriter, r *http.Request, req *request, tok *indieauth.Token) error {
	n, err := rc.newNote(req, tok)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), lockTimeout)
	defer cancel()
	digest, err := req.digest()
	if err != nil {
		return err
	}
	if err := rc.store.CheckPlace(n.Published); err != nil { // before the files are stored
		return err
	}
	files, err := keepUploads(ctx, req.Uploads)
	if err != nil {
		return err
	}
	published := rc.store.Published()
	created, err := rc.store.CreateOnce(ctx, n, digest)
	if err != nil {
		return err
	}
	if created.Again {
		published = nil
	}
	var checks []check
	if !rc.hasNoPage(n) {
		checks = append(checks, rc.isLive(created.File, created.Hash))
		for _, path := range files {
			checks = append(checks, rc.isCopied(path))
		}
	}
	status := http.StatusAccepted
	if created.Indexed && rc.waitFrom(r.Context(), published, checks...) {
		status = http.StatusCreated
	}
	rc.respond(w, success{
		status: status, location: permalinkURL(rc.cfg, created.Permalink),
		event: "note created", file: "content/" + created.File,
		details: []any{"app", n.Client, "again", created.Again},
	})
	return nil
}

// digest identifies a request by its content and its token, independent of its
// encoding and its multipart boundary. A file counts by its content, because its
// path is derived from that.
func (r *request) digest() (store.Digest, error) {
	commands := maps.Clone(r.Commands)
	delete(commands, "mp-photo-alt") // its texts are part of the photos, in every encoding
	dropEmpty(commands)
	// Equal maps are encoded as equal bytes: their keys are sorted.
	data, err := json.Marshal([]any{r.Token, r.Type, r.Properties, commands})
	if err != nil {
		return store.Digest{}, fmt.Errorf("digest of the request: %w", err)
	}
	return sha256.Sum256(data), nil
}

// newNote turns a request into a note that can be saved. It reports every
// mistake that the request may have.
func (rc *Receiver) newNote(req *request, tok *indieauth.Token) (*site.Note, error) {
	if len(req.Properties) == 0 {
		return nil, invalid("The request has no properties; a note needs at least one, such as content.")
	}
	n := &site.Note{
		Kind: site.KindNote, H: req.Type, Visibility: site.Public,
		Published: rc.localNow(), Client: strings.TrimSpace(tok.ClientID), Properties: map[string][]any{},
	}
	sortHTMLFirst(req.Properties["content"])
	for _, name := range slices.Sorted(maps.Keys(req.Properties)) {
		if err := setProperty(rc.cfg, n, name, req.Properties[name]); err != nil {
			return nil, err
		}
	}
	// A token for drafts only must not publish.
	n.Draft = n.Draft || !tok.Has("create")
	n.Undated = n.Draft && len(req.Properties["published"]) == 0
	n.Slug = cmp.Or(site.ChosenSlug(firstText(req.Commands["mp-slug"])), n.ProposeSlug())
	rc.logIgnored(req)
	return n, rc.checkReadable(n)
}

// localNow returns the present time in the site's time zone, with the precision
// of a note's file.
func (rc *Receiver) localNow() time.Time {
	t, _ := site.ParseTime(rc.now().In(rc.cfg.Location).Format(time.RFC3339), time.UTC) // a formatted time can always be parsed
	return t
}

// logIgnored logs the names of ignored commands that have a known name. It only
// counts unknown names, which might contain anything.
func (rc *Receiver) logIgnored(req *request) {
	unknown := 0
	for name := range req.Commands {
		switch name {
		case "mp-slug", "mp-photo-alt":
		case "mp-syndicate-to", "mp-channel", "mp-destination":
			rc.log.Debug("command ignored", "command", name)
		default:
			unknown++
		}
	}
	if unknown > 0 {
		rc.log.Info("unknown commands ignored", "count", unknown)
	}
}

// checkReadable refuses a note that can be written but not read back. Examples
// are front matter beyond its limit, and a text that looks like front matter
// and so would not be published. It also refuses a public note without any
// content to show.
func (rc *Receiver) checkReadable(n *site.Note) error {
	read, err := rc.roundTrip(n)
	_, mistake := errors.AsType[*site.SyntaxError](err)
	switch {
	case err != nil && !mistake:
		return err
	case err == nil && read.IsEmpty() && !read.Draft && read.Visibility != site.Private:
		return invalid("The note would be empty: it needs a text, a name, or a property such as photo.")
	case err == nil && read.Draft == n.Draft:
		return nil
	}
	e := invalid("The properties are too large or too many for a note.")
	bare := *n
	bare.Content = ""
	if read, err := rc.roundTrip(&bare); err == nil && read.Draft == n.Draft {
		e = invalid("The text looks like front matter or has merge conflict markers, so it cannot be published. Write another line before it, or put it into a code block.")
	}
	e.Err = err
	return e
}

// roundTrip formats a note as its file and parses that.
func (rc *Receiver) roundTrip(n *site.Note) (*site.Note, error) {
	data, err := n.Format()
	if err != nil {
		return nil, err
	}
	return site.Parse(cmp.Or(n.File, "notes/"+n.Slug+".md"), data, rc.cfg.Location)
}
