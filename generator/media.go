package generator

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"slices"

	"starpunk/generator/theme"
	"starpunk/site"
	"starpunk/site/store"
	"starpunk/site/store/durable"

	"golang.org/x/text/unicode/norm"
)

// media reads the values of photo, video and audio: addresses, or objects with
// the text that stands for the picture. Those that lead nowhere are left out.
func media(values []any, permalink string, bundle bundlePaths) []theme.Media {
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

// mediaURL is the address of a picture, video or sound in links; "" if it leads
// nowhere. A relative one begins at the page, as in its text: there are the
// files of its bundle.
func mediaURL(address, permalink string, bundle bundlePaths) string {
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

// lostMedia are the warnings about what [media] leaves out, and about addresses of
// this site where nothing is.
func (g *Generator) lostMedia(ctx context.Context, row *store.Row, n *site.Note) (warnings []string, err error) {
	files := (&pagePictures{g: g}).of(row)
	for _, property := range []string{"photo", "video", "audio"} {
		line := 0 // of the property, once it is looked for
		for _, v := range n.Properties[property] {
			address, _ := mediaValue(v)
			if address == "" {
				continue
			}
			said := ""
			if leads := mediaURL(address, row.Permalink, files.bundle); leads == "" {
				said = "is neither a file of the note's bundle nor an http(s) URL nor a path such as \"/media/a.jpg\"; it is left out"
			} else if missing, err := files.missing(ctx, leads); err != nil {
				return nil, err
			} else if missing {
				said = "is shown, and there is no such file"
			}
			if said == "" {
				continue
			}
			if line == 0 {
				line = g.lineOfProperty(n.File, property)
			}
			warnings = append(warnings, fmt.Sprintf("content/%s:%d: %s: %.100q %s", n.File, line, property, address, said))
		}
	}
	return warnings, nil
}

// lineOfProperty is the line of a note's file on which a property stands; 1 if
// the file is no longer as it was.
func (g *Generator) lineOfProperty(file, property string) int {
	f, err := durable.OpenRegular(filepath.Join(g.cfg.ContentDir(), filepath.FromSlash(file)))
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
