package receiver

import (
	"log/slog"
	"net/http"
	"time"
)

// NewServer returns a server for h that no slow or endless request can hold
// up. publishWait is how long a create may wait for its page: the time for an
// answer is longer than that. What the server itself complains of goes to log.
func NewServer(h http.Handler, publishWait time.Duration, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       60 * time.Second,
		WriteTimeout:      60*time.Second + verifyTime + lockTime + publishWait, // counts from the end of the header
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// verifyTime is how long the verification of a token takes at most: discovery,
// metadata, and all attempts to ask.
const verifyTime = 30 * time.Second
