package receiver

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

// Limits of a Micropub request.
const (
	maxBodyBytes  = 1 << 20
	maxDepth      = 32   // nested lists and objects
	maxProperties = 1000 // including nested properties
	maxValues     = 1000
	maxNameBytes  = 128 // of the name of a property
	maxFiles      = 20
)

// A boundedBody reads at most left bytes of a request's body. Unlike the limit
// of net/http, this one can be raised while the body is read: files come after
// the token that permits them.
type boundedBody struct {
	r    io.Reader
	left int64
}

func (b *boundedBody) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 { // one more byte shows that the body continues
		p = p[:b.left+1]
	}
	n, err := b.r.Read(p)
	if int64(n) > b.left {
		n, err = int(b.left), &http.MaxBytesError{}
	}
	b.left -= int64(n)
	return n, err
}

// checkBounds refuses a request that is larger than any note needs.
func checkBounds(all ...map[string][]any) error {
	var b bounds
	for _, properties := range all {
		for name, values := range properties {
			b.name(name)
			for _, v := range values {
				b.value(v, 4) // below the document, its properties, and this list
			}
		}
	}
	switch {
	case b.properties > maxProperties:
		return invalid("The request has more than %d properties.", maxProperties)
	case b.values > maxValues:
		return invalid("The request has more than %d values.", maxValues)
	case b.deep:
		return invalid("The request is nested more than %d levels deep.", maxDepth)
	case b.badName:
		return invalid("A property has no name, a name of more than %d bytes, or a control character in its name.", maxNameBytes)
	case b.nul:
		return invalid("A value has a NUL character.")
	case b.badNumber:
		return invalid("A number is too large; send it as a string.")
	}
	return nil
}

// bounds counts the contents of a request.
type bounds struct {
	properties, values int
	deep, badName, nul bool
	badNumber          bool // a number that most programs, and YAML, cannot represent
}

func (b *bounds) name(s string) {
	b.properties++
	b.badName = b.badName || s == "" || len(s) > maxNameBytes || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// value counts a value on the given level.
func (b *bounds) value(v any, level int) {
	b.deep = b.deep || level > maxDepth && !isScalar(v)
	if b.deep {
		return
	}
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 0 {
			b.values++
		}
		for name, item := range v {
			b.name(name)
			b.value(item, level+1)
		}
	case []any:
		if len(v) == 0 {
			b.values++
		}
		for _, item := range v {
			b.value(item, level+1)
		}
	case string:
		b.values++
		b.nul = b.nul || strings.Contains(v, "\x00")
	case json.Number:
		b.values++
		_, err := v.Float64()
		b.badNumber = b.badNumber || err != nil
	default:
		b.values++
	}
}

func isScalar(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return false
	}
	return true
}
