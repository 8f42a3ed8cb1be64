package receiver

import (
	"context"
	"net/http"

	"starpunk/receiver/indieauth"
	"starpunk/site"
	"starpunk/site/store"
)

// delete moves a note to the trash (Micropub §3.5) and answers when its page is
// gone. To delete what is deleted is no mistake.
func (rc *Receiver) delete(w http.ResponseWriter, r *http.Request, req *request, _ *indieauth.Token) error {
	row, err := rc.findNote(r.Context(), req.URL)
	if err != nil {
		return err
	}
	if row.Status == store.StatusDeleted {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	ctx, cancel := context.WithTimeout(r.Context(), lockTime)
	defer cancel()
	changed, err := rc.store.Delete(ctx, row.File, row.Permalink)
	if err != nil {
		return changeError(err)
	}
	gone := func(ctx context.Context) (bool, error) {
		return rc.store.Gone(ctx, changed.OldFile, changed.OldPermalink)
	}
	done := changed.Indexed && (row.Built == nil && !row.HasPage || rc.wait(r.Context(), gone))
	rc.answerChange(w, changed, done, "note deleted")
	return nil
}

// undelete moves a note back out of the trash (Micropub §3.5) and answers when
// its page is there again.
func (rc *Receiver) undelete(w http.ResponseWriter, r *http.Request, req *request, _ *indieauth.Token) error {
	row, err := rc.findNote(r.Context(), req.URL)
	if err != nil {
		return err
	}
	if row.Status != store.StatusDeleted {
		other, err := rc.store.InTrash(r.Context(), row.Permalink)
		if err != nil {
			return err
		}
		if other {
			return errConflict(nil, "Another note has the address of the deleted one by now.")
		}
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	ctx, cancel := context.WithTimeout(r.Context(), lockTime)
	defer cancel()
	changed, err := rc.store.Undelete(ctx, row.File, row.Permalink)
	if err != nil {
		return changeError(err)
	}
	n, err := rc.store.Read(changed.File)
	hidden := err == nil && rc.hidden(n)
	done := changed.Indexed && (hidden || rc.wait(r.Context(), func(ctx context.Context) (bool, error) {
		live, err := rc.store.Live(ctx, changed.File, changed.Hash)
		if err != nil || !live {
			return false, err
		}
		return rc.store.Gone(ctx, changed.OldFile, changed.OldPermalink+site.GoneFile)
	}))
	rc.answerChange(w, changed, done, "note undeleted")
	return nil
}
