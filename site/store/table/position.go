package table

import "cmp"

// A Position is a position in the order of notes.
type Position struct {
	Published int64 // seconds since the Unix epoch
	Permalink string
}

// Compare compares two positions like [cmp.Compare], the older first.
func (p Position) Compare(q Position) int {
	return cmp.Or(cmp.Compare(p.Published, q.Published), cmp.Compare(p.Permalink, q.Permalink))
}

// Before reports whether p comes before q.
func (p Position) Before(q Position) bool { return p.Compare(q) < 0 }
