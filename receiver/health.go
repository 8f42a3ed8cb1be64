package receiver

import "net/http"

const healthPath = "/health"

// serveHealth reports whether the receiver can receive notes. It checks only this
// process, not the authorization server.
func (rc *Receiver) serveHealth(w http.ResponseWriter, _ *http.Request) {
	if !rc.store.Scanned() {
		sendHealth(w, http.StatusServiceUnavailable, "indexing")
		return
	}
	sendHealth(w, http.StatusOK, "healthy")
}

func sendHealth(w http.ResponseWriter, status int, word string) {
	w.Header().Set("Cache-Control", "no-store")
	if status != http.StatusOK {
		w.Header().Set("Retry-After", "2")
	}
	sendJSON(w, status, map[string]string{"status": word})
}
