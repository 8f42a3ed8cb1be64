package daemon

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"starpunk/receiver"
	"starpunk/receiver/fetch"
	"starpunk/receiver/provider"
	"starpunk/receiver/provider/clientinfo"
	"starpunk/receiver/provider/state"
	"starpunk/site"
)

// A providerKey is the part of the configuration from which a provider is made.
type providerKey struct {
	base, me, secret, proxies string
	profile                   provider.Profile
	allowPrivate              bool
}

// provide sets the provider of a session. If its configuration has not changed, it
// is the one of the session before, whose sign-ins continue.
func (d *daemon) provide(cfg *site.Config) error {
	if !cfg.Provider.Enabled {
		d.auth = nil
		return nil
	}
	key := providerKey{
		base: cfg.Receiver.URL, me: cfg.Me, secret: cfg.Receiver.IntrospectionSecret,
		proxies: strings.Join(cfg.Receiver.TrustedProxies, " "), allowPrivate: cfg.Receiver.AllowPrivateNetwork,
		profile: provider.Profile{Name: cfg.Author.Name, URL: cfg.Me, Photo: cfg.Absolute(cfg.Author.Photo), Email: cfg.Author.Email},
	}
	file := state.NewFile(cfg.ProviderFile(), cfg.LockDir())
	d.examineProvider(file)
	if d.auth != nil && d.authOf == key {
		return nil
	}
	transport := fetch.NewTransport(fetch.Options{AllowPrivate: cfg.Receiver.AllowPrivateNetwork})
	proxies := cfg.Receiver.ProxyPrefixes()
	auth, err := provider.New(provider.Options{
		Base: key.base, Me: key.me, Profile: key.profile, State: file,
		Apps:                clientinfo.NewFetcher(&fetch.Client{Transport: transport, UserAgent: fmt.Sprintf("StarPunk/%s (+%s)", d.Release, cfg.URL)}, time.Now),
		IntrospectionSecret: key.secret,
		ClientAddr:          func(r *http.Request) netip.Addr { return receiver.ClientAddr(r, proxies) },
		Logger:              d.Log,
	})
	if err != nil {
		return err
	}
	d.auth, d.authOf = auth, key
	return nil
}

// examineProvider logs a mistake in the provider's file, and how to begin with an
// empty one. The site runs in any case.
func (d *daemon) examineProvider(file *state.File) {
	s, err := file.Read()
	if file.Exposed() {
		d.Log.Warn("other users of this machine may read provider.json; chmod 600 corrects it")
	}
	switch {
	case err != nil:
		d.Log.Error("the provider cannot use its data; no app can sign in or post", "error", err)
	case len(s.Passkeys) == 0:
		d.Log.Info("no passkey is registered yet; \"starpunk provider link\" prints an address that registers one")
	}
}
