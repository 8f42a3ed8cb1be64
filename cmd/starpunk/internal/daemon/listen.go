package daemon

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"syscall"

	"starpunk/receiver"
	"starpunk/receiver/preview"
	"starpunk/site"
)

// listen opens the receiver's address. Until a session is ready, each request
// gets the answer that the site is not ready.
func (d *daemon) listen(cfg *site.Config) (*http.Server, error) {
	l, err := net.Listen("tcp", cfg.Receiver.Listen)
	if err != nil {
		return nil, listenError(cfg.Receiver.Listen, "receiver.listen", err)
	}
	if err := d.checkPreview(cfg.Receiver.Listen, l.Addr()); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	d.listener = l
	d.gate.Passes = needsNoIndex
	return receiver.NewServer(&d.gate, cfg.Receiver.PublishWait.Duration, d.Log), nil
}

// needsNoIndex reports whether a request is answered without the index: one for a
// page or for sign-in. To verify a token, the process may send such requests to
// itself.
func needsNoIndex(r *http.Request) bool {
	return !strings.HasPrefix(r.URL.Path, site.MicropubPath) && r.URL.Path != "/health"
}

// checkPreview refuses a preview on a public address. A preview is for this
// machine; or, on an explicit private address, for devices in the same network
// whose users have a code.
func (d *daemon) checkPreview(listen string, addr net.Addr) error {
	own, err := netip.ParseAddrPort(addr.String())
	if !d.Dev || err == nil && own.Addr().IsLoopback() {
		return nil
	}
	if err == nil && own.Addr().Unmap().IsPrivate() && d.ListenFlag && d.Watch {
		d.guests = preview.NewGuests(d.Log)
		return nil
	}
	key := "receiver.listen"
	if d.ListenFlag {
		key = "--listen"
	}
	msg := fmt.Sprintf("%s %s: a preview is for this machine; use --listen 127.0.0.1:%d", key, listen, own.Port())
	if d.Watch {
		msg += ", or for your phone this machine's address in your network, such as 192.168.1.7"
	}
	return errors.New(msg)
}

// listenError words the failure to listen on an address, which the
// configuration has under key.
func listenError(address, key string, err error) error {
	if errors.Is(err, syscall.EADDRNOTAVAIL) {
		return fmt.Errorf("listen on %s (%s): this machine does not have that address", address, key)
	}
	if !errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("listen on %s (%s): %w", address, key, err)
	}
	if key == "receiver.listen" {
		return fmt.Errorf("%s is used by another program; stop it, or use --listen %s", address, nextPort(address))
	}
	return fmt.Errorf("%s (%s) is used by another program; stop it", address, key)
}

// nextPort returns an address with the next higher port.
func nextPort(address string) string {
	host, port, _ := net.SplitHostPort(address)
	n, err := strconv.Atoi(port)
	if err != nil || n >= 1<<16-1 {
		return "127.0.0.1:0"
	}
	return net.JoinHostPort(host, strconv.Itoa(n+1))
}
