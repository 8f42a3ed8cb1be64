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

const lockTime = 20 * time.Second // for another writer to finish

// create saves a new note (Micropub §3.2), with the files that came with it
// (§3.3), and answers when its page is live. A request that was sent twice makes
// one note and gets the same answer.
func (rc *Receiver) create(w http.ResponseWriter, r *http.Request, req *request, tok *indieauth.Token) error {
	n, err := rc.newNote(req, tok)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), lockTime)
	defer cancel()
	digest, err := req.digest()
	if err != nil {
		return err
	}
	if err := rc.store.CheckPlace(n.Published); err != nil { // before its files are kept
		return err
	}
	files, err := keep(ctx, req.Uploads)
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
	status := http.StatusCreated
	copied := rc.copied(files...)
	done := created.Indexed && (rc.hidden(n) || rc.waitFrom(r.Context(), published, func(ctx context.Context) (bool, error) {
		live, err := rc.store.Live(ctx, created.File, created.Hash)
		if err != nil || !live {
			return false, err
		}
		return copied(ctx)
	}))
	if !done {
		status = http.StatusAccepted
	}
	rc.log.Info("note created", "request", w.Header().Get("X-Request-Id"), "file", "content/"+created.File,
		"app", n.Client, "status", status, "again", created.Again)
	location := permalinkURL(rc.cfg, created.Permalink)
	w.Header().Set("Location", location)
	sendJSON(w, status, map[string]string{"url": location})
	return nil
}

// digest stands for everything that a request asks for and for whose token it
// bears, whatever its encoding and its boundary. A file counts by its content,
// since its path is made of that.
func (r *request) digest() (store.Digest, error) {
	commands := maps.Clone(r.Commands)
	delete(commands, "mp-photo-alt") // stands with the photos, however it was sent
	dropEmpty(commands)
	// Equal maps are encoded as equal bytes: their keys are sorted.
	data, err := json.Marshal([]any{r.Token, r.Type, r.Properties, commands})
	if err != nil {
		return store.Digest{}, fmt.Errorf("digest of the request: %w", err)
	}
	return sha256.Sum256(data), nil
}

// newNote turns a request into a note that can be saved. It finds everything
// that may be wrong with it.
func (rc *Receiver) newNote(req *request, tok *indieauth.Token) (*site.Note, error) {
	if len(req.Properties) == 0 {
		return nil, invalid("The request has no properties; a note needs at least one, such as content.")
	}
	n := &site.Note{
		Kind: site.KindNote, H: req.Type, Visibility: site.Public,
		Published: rc.nowHere(), Client: strings.TrimSpace(tok.ClientID), Properties: map[string][]any{},
	}
	htmlFirst(req.Properties["content"])
	for _, name := range slices.Sorted(maps.Keys(req.Properties)) {
		if err := setProperty(rc.cfg, n, name, req.Properties[name]); err != nil {
			return nil, err
		}
	}
	// Whoever may only draft does not publish.
	n.Draft = n.Draft || !tok.Has("create")
	n.Undated = n.Draft && len(req.Properties["published"]) == 0
	n.Slug = cmp.Or(site.ChosenSlug(firstText(req.Commands["mp-slug"])), n.ProposeSlug())
	rc.logIgnored(req)
	return n, rc.checkReadable(n)
}

// nowHere is the present in the site's time zone, as a file can say it.
func (rc *Receiver) nowHere() time.Time {
	t, _ := site.ParseTime(rc.now().In(rc.cfg.Location).Format(time.RFC3339), time.UTC) // what we format can be read
	return t
}

// logIgnored names the commands that nothing is done about. Unless they are
// ours to know, a name is only counted: it might be anything.
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

// checkReadable refuses a note that could be written but not read again, such
// as one whose front matter outgrows its bound, or whose text looks like front
// matter itself and so is not published. It refuses one that has nothing to show,
// too.
func (rc *Receiver) checkReadable(n *site.Note) error {
	read, err := rc.readAgain(n)
	_, mistake := errors.AsType[*site.SyntaxError](err)
	switch {
	case err != nil && !mistake:
		return err
	case err == nil && read.IsEmpty() && !read.Draft && read.Visibility != site.Private:
		return invalid("Nothing would be shown: a note needs a text, a name, or a property such as photo.")
	case err == nil && read.Draft == n.Draft:
		return nil
	}
	e := invalid("The properties are too large or too many for a note.")
	bare := *n
	bare.Content = ""
	if read, err := rc.readAgain(&bare); err == nil && read.Draft == n.Draft {
		e = invalid("The text looks like front matter, or has the marks of a merge, and so is not published. Write another line before it, or put it into a code block.")
	}
	e.Err = err
	return e
}

// readAgain reads a note as it will be written.
func (rc *Receiver) readAgain(n *site.Note) (*site.Note, error) {
	data, err := n.Format()
	if err != nil {
		return nil, err
	}
	return site.Parse(cmp.Or(n.File, "notes/"+n.Slug+".md"), data, rc.cfg.Location)
}
