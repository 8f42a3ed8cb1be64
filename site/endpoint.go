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
