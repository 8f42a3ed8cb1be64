package main

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

// A supervisor is told how the process fares: systemd, or whatever else listens
// on NOTIFY_SOCKET. Without one it does nothing.
type supervisor struct {
	address *net.UnixAddr // nil: nobody listens
	pulse   time.Duration // how often it wants a sign of life; 0: never
	log     *slog.Logger
}

// newSupervisor reads, and takes away, what a supervisor has put into the
// environment: it is not meant for commands that we start.
func newSupervisor(log *slog.Logger) *supervisor {
	s := &supervisor{log: log}
	socket, interval, pid := take("NOTIFY_SOCKET"), take("WATCHDOG_USEC"), take("WATCHDOG_PID")
	if socket == "" {
		return s
	}
	if name, ok := strings.CutPrefix(socket, "@"); ok {
		socket = "\x00" + name // a name that is in no folder
	}
	s.address = &net.UnixAddr{Name: socket, Net: "unixgram"}
	micros, err := strconv.ParseInt(interval, 10, 63)
	if err == nil && micros > 0 && (pid == "" || pid == strconv.Itoa(os.Getpid())) {
		s.pulse = time.Duration(micros) * time.Microsecond / 2 // sd_watchdog_enabled(3)
	}
	return s
}

func take(variable string) string {
	value := os.Getenv(variable)
	_ = os.Unsetenv(variable) // it has a proper name
	return value
}

// tell sends a message. A supervisor that can't be told is no reason to stop.
func (s *supervisor) tell(message string) {
	if s.address == nil {
		return
	}
	if err := sendDatagram(s.address, message); err != nil {
		s.log.Warn("supervisor can't be told", "message", message, "error", err)
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

// watch gives a sign of life at intervals, as long as alive returns no error,
// until ctx ends.
func (s *supervisor) watch(ctx context.Context, alive func(context.Context) error) {
	if s.pulse == 0 {
		return
	}
	for ticker := time.NewTicker(s.pulse); ; {
		if err := s.beat(ctx, alive); err != nil && ctx.Err() == nil {
			s.log.Warn("no sign of life for the supervisor", "error", err)
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
	s.tell(notifyWatchdog)
	return nil
}
