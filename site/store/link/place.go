package link

import (
	"strings"

	"starpunk/site/store/query"

	"zombiezen.com/go/sqlite"
)

// An OwnLink is a link of a page to an address of the site itself.
type OwnLink struct {
	Place
	Line int    // of the note's file
	Link string // as written
}

// A Place is an address of the site that pages link to, and a part of the page
// there.
type Place struct {
	Path     string // see [PlaceOf]
	Fragment string // as in "#part"; "" for the whole page
}

// PlaceOf returns the place of an output or of a path of the site. A page has one
// place, whether its address is written "/a/", "/a" or "/a/index.html".
func PlaceOf(name string) string {
	name = strings.Trim(name, "/")
	if name == "index.html" {
		return ""
	}
	return strings.TrimSuffix(name, "/index.html")
}

// OpenPlaces has the places of outputs checked again that appeared, changed or were
// removed.
func OpenPlaces(conn *sqlite.Conn, outputs []string) error {
	for _, output := range outputs {
		if err := query.Exec(conn, "place_open", query.Args{":place": PlaceOf(output)}, nil); err != nil {
			return err
		}
	}
	return nil
}
