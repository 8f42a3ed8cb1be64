package receiver

import (
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
)

// OnlyHost passes on the requests that name the address which a preview listens
// on, and refuses all others. A web page whose name leads to this machine (DNS
// rebinding) could read drafts otherwise: its requests carry its own name. Of a
// loopback address, all names of this machine with the same port are allowed.
func OnlyHost(address net.Addr, log *slog.Logger, next http.Handler) http.Handler {
	own, err := netip.ParseAddrPort(address.String())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err == nil && namesHost(r.Host, own) {
			next.ServeHTTP(w, r)
			return
		}
		log.Warn("request refused: it names another host", "host", r.Host, "path", r.URL.Path)
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		http.Error(w, "This preview answers only as "+address.String()+".", http.StatusMisdirectedRequest)
	})
}

// namesHost reports whether the Host header of a request (RFC 9110, §7.2) names an
// address.
func namesHost(header string, own netip.AddrPort) bool {
	host, port, err := net.SplitHostPort(header)
	if err != nil {
		host, port = strings.Trim(header, "[]"), "80"
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n != uint64(own.Port()) {
		return false
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return own.Addr().IsLoopback() && strings.EqualFold(host, "localhost")
	}
	return ip == own.Addr() || own.Addr().IsLoopback() && ip.IsLoopback() && ip.Zone() == ""
}
