package receiver

import (
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"starpunk/site"
)

// decodeForm reads an application/x-www-form-urlencoded request (Micropub
// §2.2). If the request is invalid it still returns the token, like
// [decodeRequest].
func decodeForm(body io.Reader) (*request, error) {
	data, err := io.ReadAll(body)
	if err != nil {
		return nil, bodyError(err)
	}
	text := string(data) // form.add checks that it is UTF-8
	f, err := parseForm(text)
	if err == nil {
		return f.request()
	}
	token, contradiction := oneToken(formTokens(text))
	if contradiction != nil {
		return nil, contradiction
	}
	return &request{Token: token}, err
}

// formTokens returns the access tokens of a form that may be invalid otherwise.
func formTokens(text string) (tokens []any) {
	for pair := range strings.SplitSeq(text, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if property, _, _ := splitName(unescape(name)); property == "access_token" {
			tokens = append(tokens, unescape(value))
		}
	}
	return tokens
}

// A form collects names and values into the shape of microformats2 JSON. It
// accepts every spelling of a name that clients use: x, x[], x[0], x[html],
// x[0][value], x[properties][name][].
type form struct {
	properties map[string]*formList
	values     int
}

// parseForm splits a form or a query as browsers encode it (URL Standard §5.1).
// An invalid escape stays unchanged, so that "50% off" survives a client that
// did not encode it.
func parseForm(text string) (*form, error) {
	f := &form{properties: map[string]*formList{}}
	for pair := range strings.SplitSeq(text, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		if err := f.add(unescape(name), unescape(value)); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// unescape decodes "+" and "%41" (URL Standard §5.1, §1.3).
func unescape(s string) string {
	if !strings.ContainsAny(s, "+%") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '+' {
			c = ' '
		} else if c == '%' && i+2 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				c = byte(n)
				i += 2
			}
		}
		b.WriteByte(c)
	}
	return b.String()
}

// request turns the form into a request. If it is invalid it still returns the
// token.
func (f *form) request() (*request, error) {
	f.pairTexts()
	sent := f.lists()
	token, err := oneToken(sent["access_token"])
	if err != nil {
		return nil, err
	}
	action, h := firstText(sent["action"]), firstText(sent["h"])
	delete(sent, "action")
	delete(sent, "h")
	r, err := newRequest(action, sent)
	if err != nil {
		return &request{Token: token}, err
	}
	r.Token = token
	return r, r.setType("h", h)
}

// pairTexts gives each text with an index the position of the photo with that
// index. Clients omit the index of a photo without a text.
func (f *form) pairTexts() {
	texts, photos := f.properties["mp-photo-alt"], f.properties["photo"]
	if texts != nil && photos != nil && texts.isNumbered() {
		f.properties["mp-photo-alt"] = texts.pairWith(photos)
	}
}

// oneToken returns the only access_token of a body, or "" if there is none. It
// refuses several tokens, also equal tokens and tokens joined by a comma (RFC
// 6750 §2.2).
func oneToken(values []any) (token string, err error) {
	for _, v := range site.WithoutEmptyValues(values) {
		s, ok := v.(string)
		if !ok || token != "" || strings.Contains(s, ",") {
			return "", invalid("access_token is given twice; send one.")
		}
		token = s
	}
	return token, nil
}

// lists returns the collected values.
func (f *form) lists() map[string][]any {
	all := make(map[string][]any, len(f.properties))
	for name, l := range f.properties {
		all[name] = l.values()
	}
	return all
}

func (f *form) add(name, value string) error {
	if f.values++; f.values > maxValues {
		return invalid("The request has more than %d values.", maxValues)
	}
	if !utf8.ValidString(name) || !utf8.ValidString(value) {
		return invalid("The body is not UTF-8.")
	}
	property, path, ok := splitName(name)
	if !ok {
		return invalid("The name of a parameter is malformed: its brackets do not match, or there are too many.")
	}
	l := f.properties[property]
	if l == nil {
		l = &formList{}
		f.properties[property] = l
	}
	if l.add(path, value) != nil {
		return invalid("A property is given in two contradictory ways, such as x[a]=1 and x[a][b]=2.")
	}
	return nil
}

// splitName splits "checkin[properties][name][]" into "checkin" and
// "properties", "name", "".
func splitName(name string) (property string, path []string, ok bool) {
	property, rest, bracket := strings.Cut(name, "[")
	if !bracket {
		return name, nil, !strings.Contains(name, "]")
	}
	rest, ok = strings.CutSuffix(rest, "]")
	path = strings.Split(rest, "][")
	for _, element := range path {
		ok = ok && !strings.ContainsAny(element, "[]")
	}
	return property, path, ok && property != "" && len(path) < maxDepth
}

// joinName is the inverse of splitName.
func joinName(property string, path []string) string {
	if len(path) == 0 {
		return property
	}
	return property + "[" + strings.Join(path, "][") + "]"
}
