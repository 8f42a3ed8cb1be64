package receiver

import (
	"net/http"
	"strings"
	"time"

	"starpunk/site"
	"starpunk/site/store/upload"
)

// A mediaItem is an upload in the list of the media endpoint. Other servers use
// the same shape (https://github.com/indieweb/micropub-extensions/issues/14).
type mediaItem struct {
	URL       string `json:"url"`
	Published string `json:"published"` // when it was uploaded
	MIMEType  string `json:"mime_type"`
}

type mediaList struct {
	Items  []mediaItem `json:"items"`
	Paging paging      `json:"paging"`
}

// serveMediaQuery lists uploads, newest first. It requires the scope of an
// upload.
func (rc *Receiver) serveMediaQuery(w http.ResponseWriter, r *http.Request) error {
	q, _, err := rc.readQuery(r, mediaScopes)
	if err != nil {
		return err
	}
	if what := q.text("q"); what != "source" {
		return unknownValue("q", what, "source")
	}
	if err := rc.checkReady(); err != nil {
		return err
	}
	list, err := rc.listMedia(r, q)
	if err != nil {
		return err
	}
	sendJSON(w, http.StatusOK, list)
	return nil
}

func (rc *Receiver) listMedia(r *http.Request, q query) (*mediaList, error) {
	limit, offset, err := q.page()
	if err != nil {
		return nil, err
	}
	var after upload.MediaFile
	if text := q.text("after"); text != "" {
		nanoseconds, path, ok := splitCursor(text)
		if !ok || !strings.HasPrefix(path, "/media/") {
			return nil, invalid("after must be a value that this endpoint returned.")
		}
		after = upload.MediaFile{Path: path, Time: time.Unix(0, nanoseconds)}
	}
	files, err := rc.store.Uploads.Media(r.Context(), after, limit+1, offset) // one more file shows that the list continues
	if err != nil {
		return nil, err
	}
	list := &mediaList{Items: []mediaItem{}}
	if len(files) > limit {
		files = files[:limit]
		if limit > 0 {
			last := files[limit-1]
			list.Paging.After = formatCursor(last.Time.UnixNano(), last.Path)
		}
	}
	for _, f := range files {
		list.Items = append(list.Items, mediaItem{
			URL: rc.cfg.Absolute(f.Path), MIMEType: site.ContentType(f.Path),
			Published: f.Time.In(rc.cfg.Location).Format(time.RFC3339),
		})
	}
	return list, nil
}
