package receiver

import (
	"context"
	"net/http"

	"starpunk/receiver/indieauth"
	"starpunk/site"
	"starpunk/site/store"
)

// delete moves a note to the trash (Micropub §3.5) and responds when its page is
// removed. A second delete of the same note succeeds.
func (rc *Receiver) delete(w http.ResponseWriter, r *http.Request, req *request, _ *indieauth.Token) error {
	row, err := rc.findWritable(r.Context(), req.URL)
	if err != nil {
		return err
	}
	if row.Status == store.StatusDeleted {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	ctx, cancel := context.WithTimeout(r.Context(), lockTimeout)
	defer cancel()
	changed, err := rc.store.Delete(ctx, row.File, row.Permalink)
	if err != nil {
		return fileError(err)
	}
	var checks []check
	if row.Built != nil || row.HasPage {
		checks = append(checks, rc.isRemoved(changed.OldFile, changed.OldPermalink))
	}
	visible := changed.Indexed && rc.wait(r.Context(), checks...)
	rc.respondChange(w, changed, visible, "note deleted")
	return nil
}

// undelete moves a note out of the trash (Micropub §3.5) and responds when its
// page exists again. An undelete of a note that is not deleted succeeds.
func (rc *Receiver) undelete(w http.ResponseWriter, r *http.Request, req *request, _ *indieauth.Token) error {
	row, err := rc.findWritable(r.Context(), req.URL)
	if err != nil {
		return err
	}
	if row.Status != store.StatusDeleted {
		inTrash, err := rc.store.InTrash(r.Context(), row.Permalink)
		if err != nil {
			return err
		}
		if inTrash {
			return errConflict(nil, "Another note now has the address of the deleted note.")
		}
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	ctx, cancel := context.WithTimeout(r.Context(), lockTimeout)
	defer cancel()
	changed, err := rc.store.Undelete(ctx, row.File, row.Permalink)
	if err != nil {
		return fileError(err)
	}
	var checks []check
	if n, err := rc.store.Read(changed.File); err != nil || !rc.hasNoPage(n) {
		checks = append(checks, rc.isLive(changed.File, changed.Hash), rc.isRemoved(changed.OldFile, changed.OldPermalink+site.GoneFile))
	}
	visible := changed.Indexed && rc.wait(r.Context(), checks...)
	rc.respondChange(w, changed, visible, "note undeleted")
	return nil
}
