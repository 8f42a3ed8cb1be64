package site

import (
	"cmp"
	"mime"
	"path"
	"strings"
)

// mediaTypes are in the code, since the table of the system differs between machines.
var mediaTypes = map[string]string{
	".aac":         "audio/aac",
	".atom":        "application/atom+xml; charset=utf-8",
	".avif":        "image/avif",
	".bmp":         "image/bmp",
	".css":         "text/css; charset=utf-8",
	".flac":        "audio/flac",
	".gif":         "image/gif",
	".html":        "text/html; charset=utf-8",
	".ico":         "image/x-icon",
	".jpeg":        "image/jpeg",
	".jpg":         "image/jpeg",
	".js":          "text/javascript; charset=utf-8",
	".json":        "application/json",
	".m4a":         "audio/mp4",
	".m4v":         "video/mp4",
	".mjs":         "text/javascript; charset=utf-8",
	".mov":         "video/quicktime",
	".mp3":         "audio/mpeg",
	".mp4":         "video/mp4",
	".oga":         "audio/ogg",
	".ogg":         "audio/ogg",
	".ogv":         "video/ogg",
	".opus":        "audio/ogg",
	".pdf":         "application/pdf",
	".png":         "image/png",
	".svg":         "image/svg+xml",
	".txt":         "text/plain; charset=utf-8",
	".wav":         "audio/wav",
	".webm":        "video/webm",
	".webmanifest": "application/manifest+json",
	".webp":        "image/webp",
	".woff":        "font/woff",
	".woff2":       "font/woff2",
	".xml":         "application/xml; charset=utf-8",
}

// MediaType returns the media type for a file's name, "" if the name has none. It is
// the same on every machine.
func MediaType(name string) string {
	if path.Base(name) == path.Base(JSONFeed) {
		return "application/feed+json" // JSON Feed 1.1, "MIME types"
	}
	return mediaTypes[strings.ToLower(path.Ext(name))]
}

// ContentType returns the media type with which to serve a file, by its name: that of
// [MediaType], else the one that this machine has for the extension, else
// application/octet-stream. An RSS feed is plain XML here, as it is for most web
// servers. Browsers show the source of application/rss+xml, which is not registered,
// or offer to save it.
func ContentType(name string) string {
	return cmp.Or(MediaType(name), mime.TypeByExtension(path.Ext(name)), "application/octet-stream")
}

// IsAttachment reports whether a file below content/ can be published because a
// note shows it or links to it: a picture, a sound, a video or a PDF.
func IsAttachment(name string) bool {
	kind, _, _ := strings.Cut(MediaType(name), "/")
	return kind == "image" || kind == "audio" || kind == "video" || strings.EqualFold(path.Ext(name), ".pdf")
}
