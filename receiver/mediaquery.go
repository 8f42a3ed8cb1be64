package receiver

import (
	"net/http"
	"strings"
	"time"

	"starpunk/site"
	"starpunk/site/store"
)

// A mediaItem is an upload as the media endpoint lists it, in the shape that
// clients know from other servers
// (https://github.com/indieweb/micropub-extensions/issues/14).
type mediaItem struct {
	URL       string `json:"url"`
	Published string `json:"published"` // when it was uploaded
	MIMEType  string `json:"mime_type"`
}

type mediaItems struct {
	Items  []mediaItem `json:"items"`
	Paging paging      `json:"paging"`
}

// serveMediaQuery lists uploads, newest first. It needs what an upload needs.
func (rc *Receiver) serveMediaQuery(w http.ResponseWriter, r *http.Request) error {
	q, _, err := rc.readQuery(r, mediaScopes)
	if err != nil {
		return err
	}
	if what := q.text("q"); what != "source" {
		return unknownValue("q", what, "source")
	}
	if err := rc.ready(); err != nil {
		return err
	}
	list, err := rc.mediaList(r, q)
	if err != nil {
		return err
	}
	sendJSON(w, http.StatusOK, list)
	return nil
}

func (rc *Receiver) mediaList(r *http.Request, q query) (*mediaItems, error) {
	limit, offset, err := q.page()
	if err != nil {
		return nil, err
	}
	var after store.MediaFile
	if text := q.text("after"); text != "" {
		nanoseconds, path, ok := splitCursor(text)
		if !ok || !strings.HasPrefix(path, "/media/") {
			return nil, invalid("after is not a value that this endpoint gave out.")
		}
		after = store.MediaFile{Path: path, Time: time.Unix(0, nanoseconds)}
	}
	files, err := rc.store.Media(r.Context(), after, limit+1, offset) // one more tells whether the list goes on
	if err != nil {
		return nil, err
	}
	list := &mediaItems{Items: []mediaItem{}}
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
