package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// Messages to a supervisor; see sd_notify(3).
const (
	notifyReady    = "READY=1"
	notifyReload   = "RELOADING=1"
	notifyStopping = "STOPPING=1"
	notifyWatchdog = "WATCHDOG=1"
)

// A supervisor is systemd, or another program that listens on NOTIFY_SOCKET, and
// receives the state of the process. Without one its methods do nothing.
type supervisor struct {
	address *net.UnixAddr // nil: there is none
	pulse   time.Duration // how often it expects a message of the watchdog; 0: never
	log     *slog.Logger
}

// newSupervisor reads a supervisor's environment variables, and unsets them: they
// are not meant for the commands that this process starts.
func newSupervisor(log *slog.Logger) *supervisor {
	s := &supervisor{log: log}
	socket, interval, pid := takeVariable("NOTIFY_SOCKET"), takeVariable("WATCHDOG_USEC"), takeVariable("WATCHDOG_PID")
	if socket == "" {
		return s
	}
	if name, ok := strings.CutPrefix(socket, "@"); ok {
		socket = "\x00" + name // an abstract name, without a file
	}
	s.address = &net.UnixAddr{Name: socket, Net: "unixgram"}
	micros, err := strconv.ParseInt(interval, 10, 63)
	if err == nil && micros > 0 && (pid == "" || pid == strconv.Itoa(os.Getpid())) {
		s.pulse = time.Duration(micros) * time.Microsecond / 2 // sd_watchdog_enabled(3)
	}
	return s
}

func takeVariable(name string) string {
	value := os.Getenv(name)
	_ = os.Unsetenv(name) // fails for an invalid name only
	return value
}

// notify sends a message. The process continues if that fails.
func (s *supervisor) notify(message string) {
	if s.address == nil {
		return
	}
	if err := sendDatagram(s.address, message); err != nil {
		s.log.Warn("cannot notify the supervisor", "message", message, "error", err)
	}
}

func sendDatagram(to *net.UnixAddr, message string) error {
	conn, err := net.DialUnix("unixgram", nil, to)
	if err != nil {
		return fmt.Errorf("NOTIFY_SOCKET: %w", err)
	}
	defer conn.Close()
	_, err = conn.Write([]byte(message))
	return err
}

// watch notifies the watchdog at intervals, as long as alive returns no error,
// until ctx ends.
func (s *supervisor) watch(ctx context.Context, alive func(context.Context) error) {
	if s.pulse == 0 {
		return
	}
	for ticker := time.NewTicker(s.pulse); ; {
		if err := s.beat(ctx, alive); err != nil && ctx.Err() == nil {
			s.log.Warn("health check failed; the watchdog was not notified", "error", err)
		}
		select {
		case <-ctx.Done():
			ticker.Stop()
			return
		case <-ticker.C:
		}
	}
}

func (s *supervisor) beat(ctx context.Context, alive func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, s.pulse)
	defer cancel()
	if err := alive(ctx); err != nil {
		return err
	}
	s.notify(notifyWatchdog)
	return nil
}
