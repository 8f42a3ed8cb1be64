package receiver

import (
	"log/slog"
	"net/http"
	"time"
)

// NewServer returns a server for h that slow and endless requests cannot block.
// publishWait is the time that a create may wait for its page; the time limit
// for a response is longer. The server writes its own errors to log.
func NewServer(h http.Handler, publishWait time.Duration, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       60 * time.Second,
		WriteTimeout:      60*time.Second + verifyTimeout + lockTimeout + publishWait, // from the end of the header
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// verifyTimeout is the longest time for the verification of a token: discovery,
// metadata, and all attempts.
const verifyTimeout = 30 * time.Second
