package table

// A Tag is a tag that has listed notes.
type Tag struct {
	Address string // path element
	Spelled string // as its oldest listed note spells it
}
