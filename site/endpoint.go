package site

import "strings"

// Paths of the Micropub endpoint and of its media endpoint, below receiver.url.
const (
	MicropubPath = "/micropub"
	MediaPath    = "/micropub/media"
)

// MicropubEndpoint returns the absolute URL of the Micropub endpoint.
func (c *Config) MicropubEndpoint() string {
	return strings.TrimSuffix(c.Receiver.URL, "/") + MicropubPath
}

// MediaEndpoint returns the absolute URL of the media endpoint.
func (c *Config) MediaEndpoint() string {
	return strings.TrimSuffix(c.Receiver.URL, "/") + MediaPath
}

// Paths of the provider, below receiver.url.
const (
	ProviderPath         = "/auth/"
	ProviderMetadataPath = "/.well-known/oauth-authorization-server" // RFC 8414 §3
)

// ProviderRegistration returns the address that registers a passkey. The secret is in
// the fragment, which browsers do not send and servers do not log.
func (c *Config) ProviderRegistration(secret string) string {
	return strings.TrimSuffix(c.Receiver.URL, "/") + ProviderPath + "register#" + secret
}

// ProviderLinks returns the links of a profile page to the provider at base, as
// relation → URL. Apps that do not read metadata use the last two.
func ProviderLinks(base string) map[string]string {
	base = strings.TrimSuffix(base, "/")
	return map[string]string{
		"indieauth-metadata":     base + ProviderMetadataPath,
		"authorization_endpoint": base + ProviderPath + "authorize",
		"token_endpoint":         base + ProviderPath + "token",
	}
}
