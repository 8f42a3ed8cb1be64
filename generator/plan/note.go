package plan

import (
	"encoding/binary"
	"hash/fnv"
	"time"

	"starpunk/site"
	"starpunk/site/store/content"
	"starpunk/site/store/table"
)

// A Note is the record of one note in a plan: the data that lists show, and its file. A
// plan of 100,000 notes takes less than 40 MB.
type Note struct {
	ID        int64
	File      string // relative to content/, with slashes
	Hash      content.Hash
	Permalink string
	Published time.Time // whole seconds, in the zone it was written in
	*Class              // its type and its status, shared with others
	Label     string    // its name in lists
	Named     bool      // Label is the note's name
	Broken    bool      // its file can't be parsed at this moment: its last page stays
	Tags      []*Tag    // each address once
	Beside    uint64    // hash of the neighbours on its page: see [Plan.Beside]
}

// A Class is the type and the status of notes. All notes of one class share it.
type Class struct {
	Type   string // post type
	Status string // public, unlisted, private, draft, deleted
}

// A Tag is a tag as one note spells it.
type Tag struct {
	Address string // path element: "site-news"
	Spelled string
}

// Position returns the place of a note in the order of notes.
func (n *Note) Position() table.Position {
	return table.Position{Published: n.Published.Unix(), Permalink: n.Permalink}
}

// year and month return the year and the month of a note's date as it is written.
func year(n *Note) int32  { return int32(n.Published.Year()) }
func month(n *Note) int32 { return year(n)*12 + int32(n.Published.Month()) - 1 }

// sum returns a hash of the data that other pages show of a note; 0 if n is nil. It is
// stored in the index, so it must be the same in every process.
func (n *Note) sum() uint64 {
	if n == nil {
		return 0
	}
	h := fnv.New64a()
	for _, s := range []string{n.Permalink, n.Label, n.Type, n.Status} {
		_, _ = h.Write([]byte(s)) // a hash takes everything
		_, _ = h.Write([]byte{0})
	}
	_, offset := n.Published.Zone()
	data := binary.LittleEndian.AppendUint64(nil, uint64(n.Published.Unix()))
	data = binary.LittleEndian.AppendUint64(data, uint64(offset))
	if n.Named {
		data = append(data, 1)
	}
	_, _ = h.Write(data)
	return h.Sum64()
}

// texts has each class, tag and zone once, for all notes that share it. The zero value is
// ready.
type texts struct {
	classes map[Class]*Class
	tags    map[string]*Tag
	zones   map[int]*time.Location
}

// class returns the one class that is equal to c.
func (t *texts) class(c Class) *Class {
	shared := t.classes[c]
	if shared == nil {
		if t.classes == nil {
			t.classes = map[Class]*Class{}
		}
		shared = &c
		t.classes[c] = shared
	}
	return shared
}

// tagsOf returns the tags of a note by their spellings.
func (t *texts) tagsOf(spellings []string) []*Tag {
	if len(spellings) == 0 {
		return nil
	}
	tags := make([]*Tag, 0, len(spellings))
next:
	for _, spelled := range spellings {
		tag := t.tag(spelled)
		if tag.Address == "" {
			continue
		}
		for _, other := range tags {
			if other.Address == tag.Address {
				continue next
			}
		}
		tags = append(tags, tag)
	}
	return tags
}

func (t *texts) tag(spelled string) *Tag {
	tag := t.tags[spelled]
	if tag == nil {
		if t.tags == nil {
			t.tags = map[string]*Tag{}
		}
		tag = &Tag{site.TagAddress(spelled), site.TagName(spelled)}
		t.tags[spelled] = tag
	}
	return tag
}

// at returns a time in the one zone with its offset.
func (t *texts) at(published time.Time) time.Time {
	_, offset := published.Zone()
	if offset == 0 {
		return published.UTC()
	}
	zone := t.zones[offset]
	if zone == nil {
		if t.zones == nil {
			t.zones = map[int]*time.Location{}
		}
		zone = time.FixedZone("", offset)
		t.zones[offset] = zone
	}
	return published.In(zone)
}
