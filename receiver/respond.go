package receiver

import (
	"encoding/json"
	"net/http"

	"starpunk/site/store"
)

// A success is the successful response to a request that wrote something.
type success struct {
	status   int
	location string // address of the note or file, for the client; "" if it is unchanged
	event    string // for the log
	file     string // the file that was written, for the log
	details  []any  // more attributes for the log
}

// respond logs a success and sends it. A location is sent in the header and, for
// web apps that cannot read that, as JSON.
func (rc *Receiver) respond(w http.ResponseWriter, s success) {
	attributes := []any{"request", w.Header().Get("X-Request-Id"), "file", s.file, "status", s.status}
	rc.log.Info(s.event, append(attributes, s.details...)...)
	if s.location == "" {
		w.WriteHeader(s.status)
		return
	}
	w.Header().Set("Location", s.location)
	sendJSON(w, s.status, map[string]string{"url": s.location})
}

// respondChange answers a request that changed a note (Micropub §3.4): 204, 201 if
// the note has a new address, or 202 if the change is not visible yet.
func (rc *Receiver) respondChange(w http.ResponseWriter, c store.Changed, visible bool, event string) {
	s := success{status: http.StatusNoContent, event: event, file: "content/" + c.File}
	if c.Permalink != c.OldPermalink {
		s.status, s.location = http.StatusCreated, permalinkURL(rc.cfg, c.Permalink)
	}
	if !visible {
		s.status = http.StatusAccepted
	}
	rc.respond(w, s)
}

// sendJSON sends a response. It ignores errors of writing, which mean that the
// client has disconnected.
func sendJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v)
}
