package render

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"slices"

	"starpunk/generator/precedence"
	"starpunk/generator/theme"
	"starpunk/site"
	"starpunk/site/store/durable"

	"golang.org/x/text/unicode/norm"
)

// readMedia reads the values of photo, video and audio: addresses, or objects with
// an alternative text. It skips values without a valid address.
func readMedia(values []any, permalink string, bundle precedence.BundlePaths) []theme.Media {
	var ms []theme.Media
	for _, v := range values {
		address, alt := mediaValue(v)
		if address = mediaURL(address, permalink, bundle); address != "" {
			ms = append(ms, theme.Media{URL: address, Alt: alt})
		}
	}
	return ms
}

func mediaValue(v any) (address, alt string) {
	switch v := v.(type) {
	case string:
		return v, ""
	case map[string]any:
		return objectURL(v), site.WithoutComments(site.First(v, "alt"))
	}
	return "", ""
}

// mediaURL returns the address of a picture, video or sound for links; "" if it is not
// valid. A relative address begins at the page, like those in its text, and is valid only
// if it leads to a file of the page's bundle.
func mediaURL(address, permalink string, bundle precedence.BundlePaths) string {
	if u := safeURL(address); u != "" {
		return u
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "" || u.Host != "" || u.Path == "" {
		return ""
	}
	base := url.URL{Path: permalink}
	u = base.ResolveReference(u)
	u.Path = norm.NFC.String(u.Path)
	if _, ok := bundle(u.Path); !ok {
		return ""
	}
	return u.String()
}

// lostMedia returns warnings about the values that [readMedia] skips, and about addresses of
// this site without a file.
func (n *noteView) lostMedia(ctx context.Context) (warnings []string, err error) {
	files := (&pagePictures{r: n.r}).of(n.row)
	for _, property := range []string{"photo", "video", "audio"} {
		line := 0 // of the property; 0: not looked up yet
		for _, v := range n.note.Properties[property] {
			address, _ := mediaValue(v)
			if address == "" {
				continue
			}
			fault := ""
			if leads := mediaURL(address, n.row.Permalink, files.bundle); leads == "" {
				fault = "is neither a file of the note's bundle nor an http(s) URL nor a path such as \"/media/a.jpg\"; it is left out"
			} else if missing, err := files.missing(ctx, leads); err != nil {
				return nil, err
			} else if missing {
				fault = "is shown, and there is no such file"
			}
			if fault == "" {
				continue
			}
			if line == 0 {
				line = n.lineOf(property)
			}
			warnings = append(warnings, fmt.Sprintf("content/%s:%d: %s: %.100q %s", n.note.File, line, property, address, fault))
		}
	}
	return warnings, nil
}

// lineOf returns the line of a note's file with a property; 1 if the file does
// not have it any more.
func (n *noteView) lineOf(property string) int {
	f, err := durable.OpenRegular(filepath.Join(n.r.cfg.ContentDir(), filepath.FromSlash(n.note.File)))
	if err != nil {
		return 1
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, site.MaxNoteBytes))
	if err != nil {
		return 1
	}
	fields, _, _, _ := site.Split(data)
	for _, key := range []string{property, "properties"} {
		if i := slices.IndexFunc(fields, func(f site.Field) bool { return f.Key == key }); i >= 0 {
			return fields[i].Line
		}
	}
	return 1
}
