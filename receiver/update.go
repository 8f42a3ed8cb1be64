package receiver

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"starpunk/receiver/indieauth"
	"starpunk/site"
	"starpunk/site/store"
)

// update changes a note (Micropub §3.4) and responds when the change is visible.
func (rc *Receiver) update(w http.ResponseWriter, r *http.Request, req *request, tok *indieauth.Token) error {
	if isForm(r) {
		return invalid("An update must be sent as JSON.")
	}
	e := &edit{rc: rc, update: &req.Update, slug: site.ChosenSlug(firstText(req.Commands["mp-slug"])), mayUpdate: tok.Has("update")}
	if e.slug == "" && len(req.Update.names()) == 0 {
		return invalid("The update is empty: it must have replace, add or delete.")
	}
	row, err := rc.findWritable(r.Context(), req.URL)
	if err != nil {
		return err
	}
	if row.Status == store.StatusDeleted {
		return errUnknownURL()
	}
	e.permalink = row.Permalink
	ctx, cancel := context.WithTimeout(r.Context(), lockTimeout)
	defer cancel()
	changed, err := rc.store.Update(ctx, row.File, e.change)
	if err != nil {
		return fileError(err)
	}
	var checks []check
	if !e.hadNoPage || !e.hasNoPage {
		if !e.hasNoPage {
			checks = append(checks, rc.isLive(changed.File, changed.Hash))
		}
		checks = append(checks, rc.isRemoved(changed.OldFile, changed.OldPermalink))
	}
	visible := changed.Indexed && rc.wait(r.Context(), checks...)
	rc.respondChange(w, changed, visible, "note updated")
	return nil
}

// An edit applies an update to a note under the content lock. The store calls
// [edit.change] again if another program saved the file in between.
type edit struct {
	rc        *Receiver
	update    *update
	slug      string // of mp-slug as a command; "" if none
	permalink string // of the note that the client means
	mayUpdate bool   // the token has the scope "update", and not only "draft"

	hadNoPage, hasNoPage bool // before and after the change
}

func (e *edit) change(n *site.Note) error {
	rc := e.rc
	if n.Permalink(rc.cfg.Permalink) != e.permalink {
		return fmt.Errorf("%w: it is another note now", store.ErrConflict)
	}
	wasDraft, date := n.Draft, n.Published
	if !e.mayUpdate && !wasDraft {
		return errScope("update")
	}
	e.hadNoPage = rc.hasNoPage(n)
	n.Updated = rc.localNow()
	if e.slug != "" {
		n.Rename(e.slug)
	}
	if err := rc.apply(n, e.update); err != nil {
		return err
	}
	rc.setDateOfPublication(n, wasDraft, date, e.update)
	e.hasNoPage = rc.hasNoPage(n)
	if !e.mayUpdate && !n.Draft {
		return errScope("update")
	}
	if err := rc.checkReadable(n); err != nil {
		return err
	}
	if wasDraft && !n.Draft && !n.ShownUntil.IsZero() && !n.ShownUntil.After(rc.now()) {
		return errConflict(nil, "The note cannot be published: according to its file it expired on %s.", n.ShownUntil.Format(time.RFC3339))
	}
	return nil
}

// setDateOfPublication gives a draft without a chosen date the present date when
// it is published. date is the date that the draft had. A client that sends it
// back unchanged has not chosen a date: it repeats the answer of q=source. Readers
// see the first version, so it has no time of an update.
func (rc *Receiver) setDateOfPublication(n *site.Note, wasDraft bool, date time.Time, u *update) {
	if n.Draft && n.Published.Equal(date) {
		return
	}
	if n.Undated && wasDraft && n.Published.Equal(date) {
		n.Published = rc.localNow()
		if len(u.Replace["updated"])+len(u.Add["updated"]) == 0 {
			n.Updated = time.Time{}
		}
	}
	n.Undated = false
}
