package receiver

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"starpunk/receiver/indieauth"
	"starpunk/site"
	"starpunk/site/store"
)

const (
	lockTime = 20 * time.Second     // for another writer to finish
	livePoll = 3 * time.Millisecond // how often a create looks whether its page is live
)

// create saves a new note (Micropub §3.2) and answers when its page is live.
func (rc *Receiver) create(w http.ResponseWriter, r *http.Request, req *request, tok *indieauth.Token) error {
	n, err := rc.newNote(req, tok)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), lockTime)
	defer cancel()
	created, err := rc.store.Create(ctx, n)
	if err != nil {
		return err
	}
	status := http.StatusCreated
	if !rc.settled(r.Context(), n, created) {
		status = http.StatusAccepted
	}
	rc.log.Info("note created", "request", w.Header().Get("X-Request-Id"), "file", "content/"+created.File, "app", n.Client, "status", status)
	location := permalinkURL(rc.cfg, created.Permalink)
	w.Header().Set("Location", location)
	sendJSON(w, status, map[string]string{"url": location})
	return nil
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
	for _, name := range slices.Sorted(maps.Keys(req.Properties)) {
		if err := setProperty(rc.cfg, n, name, req.Properties[name]); err != nil {
			return nil, err
		}
	}
	// Whoever may only draft does not publish.
	n.Draft = n.Draft || !tok.Has("create")
	n.Slug = cmp.Or(site.MakeSlug(firstText(req.Commands["mp-slug"])), n.ProposeSlug())
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
// as one whose front matter outgrows its bound.
func (rc *Receiver) checkReadable(n *site.Note) error {
	data, err := n.Format()
	if err != nil {
		return err
	}
	_, err = site.Parse("notes/"+n.Slug+".md", data, rc.cfg.Location)
	if _, ok := errors.AsType[*site.SyntaxError](err); ok {
		e := invalid("The properties are too large or too many for a note.")
		e.Err = err
		return e
	}
	return err
}

// settled says whether the answer can be that all is done: the note's page,
// its lists and the feeds are there, or it is to have none for now.
func (rc *Receiver) settled(ctx context.Context, n *site.Note, created store.Created) bool {
	switch {
	case !created.Indexed:
		return false
	case n.Visibility == site.Private:
		return true
	case !rc.cfg.Preview && (n.Draft || n.Published.Unix() > rc.now().Unix()):
		return true
	}
	building, err := rc.store.Building()
	if err != nil {
		rc.log.Error("note is saved, but nobody can tell when its page will be there", "error", err)
	}
	return building && rc.waitLive(ctx, created)
}

// waitLive waits for the page of a note, as long as the configuration says.
func (rc *Receiver) waitLive(ctx context.Context, created store.Created) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(rc.cfg.Receiver.PublishWait))
	defer cancel()
	tick := time.NewTicker(livePoll)
	defer tick.Stop()
	for {
		live, err := rc.store.Live(ctx, created.File, created.Hash)
		if err != nil && ctx.Err() == nil {
			rc.log.Error("note is saved, but nobody can tell when its page will be there", "error", err)
		}
		if live || err != nil {
			return live
		}
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
	}
}
