package preview

import (
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
)

// OnlyHost passes on the requests whose Host header names address, on which a
// preview listens, and refuses all others. Otherwise a web page whose name
// resolves to this machine (DNS rebinding) could read drafts; its requests
// carry its own name. For a loopback address, every loopback name with the same
// port is accepted.
func OnlyHost(address net.Addr, log *slog.Logger, next http.Handler) http.Handler {
	own, err := netip.ParseAddrPort(address.String())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err == nil && namesHost(r.Host, own) {
			next.ServeHTTP(w, r)
			return
		}
		log.Warn("request refused: wrong host", "host", r.Host, "path", r.URL.Path)
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		http.Error(w, "This preview answers only at "+address.String()+".", http.StatusMisdirectedRequest)
	})
}

// namesHost reports whether a Host header (RFC 9110 §7.2) names the address
// own.
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
