package receiver

import (
	"math"
	"net/http"
	"strconv"
	"strings"

	"starpunk/receiver/indieauth"
	"starpunk/site"
)

// maxQueryBytes limits the part of a URL after its "?".
const maxQueryBytes = 8 << 10

// queries are the supported values of q.
var queries = []string{"config", "source", "syndicate-to", "category", "channel", "post-types", "contact"}

// A query holds the parameters of a GET request, in any spelling that a form
// may have.
type query map[string][]any

func parseQuery(raw string) (query, error) {
	if len(raw) > maxQueryBytes {
		return nil, invalid("The query is longer than %d bytes.", maxQueryBytes)
	}
	f, err := parseForm(raw)
	if err != nil {
		return nil, err
	}
	return f.lists(), nil
}

func (q query) text(name string) string { return firstText(q[name]) }

// number returns a parameter that must be a number from 0 to most, or otherwise
// if it is missing.
func (q query) number(name string, otherwise, most int) (int, error) {
	s := q.text(name)
	if s == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > most {
		return 0, invalid("%s must be a number from 0 to %d.", name, most)
	}
	return n, nil
}

// page returns the part of a list that a client requests.
func (q query) page() (limit, offset int, err error) {
	if limit, err = q.number("limit", defaultItems, math.MaxInt32); err != nil {
		return 0, 0, err
	}
	offset, err = q.number("offset", 0, maxOffset)
	return min(limit, maxItems), offset, err
}

// readQuery parses a query and verifies that its token has one of scopes.
func (rc *Receiver) readQuery(r *http.Request, scopes []string) (query, *indieauth.Token, error) {
	tok, err := rc.verify(r, bearer(r))
	if err != nil {
		return nil, nil, err
	}
	if err := requireScope(tok, scopes); err != nil {
		return nil, nil, err
	}
	q, err := parseQuery(r.URL.RawQuery)
	return q, tok, err
}

// serveQuery answers a query (Micropub §3.7).
func (rc *Receiver) serveQuery(w http.ResponseWriter, r *http.Request) error {
	q, tok, err := rc.readQuery(r, queryScopes)
	if err != nil {
		return err
	}
	answer, err := rc.answer(r, q, tok)
	if err != nil {
		return err
	}
	sendJSON(w, http.StatusOK, answer)
	return nil
}

func (rc *Receiver) answer(r *http.Request, q query, tok *indieauth.Token) (any, error) {
	switch what := q.text("q"); what {
	case "", "config":
		return rc.config(r)
	case "source":
		return rc.source(r.Context(), q, tok)
	case "syndicate-to":
		return map[string]any{"syndicate-to": nonNil(rc.cfg.SyndicateTo)}, nil
	case "category":
		return rc.categories(r, q)
	case "channel":
		return map[string]any{"channels": nonNil(rc.cfg.Channels)}, nil
	case "post-types":
		return map[string]any{"post-types": postTypes()}, nil
	case "contact":
		return map[string]any{"contacts": []any{}}, nil
	default:
		return nil, unknownValue("q", what, "one of "+strings.Join(queries, ", "))
	}
}

// config answers q=config, the first query of an app (Micropub §3.7.1).
func (rc *Receiver) config(r *http.Request) (any, error) {
	tags, err := rc.tags(r, "", 0)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"media-endpoint": rc.cfg.MediaEndpoint(),
		"syndicate-to":   nonNil(rc.cfg.SyndicateTo),
		"channels":       nonNil(rc.cfg.Channels),
		"categories":     tags,
		"post-types":     postTypes(),
		"post-status":    []string{"published", "draft"},
		"visibility":     []string{site.Public, site.Unlisted, site.Private},
		"q":              queries,
		"mp":             []string{"slug", "photo-alt"},
	}, nil
}

func (rc *Receiver) categories(r *http.Request, q query) (any, error) {
	limit, err := q.number("limit", 0, 1_000_000)
	if err != nil {
		return nil, err
	}
	tags, err := rc.tags(r, q.text("filter"), limit)
	return map[string]any{"categories": tags}, err
}

// tags returns the tags of public notes that contain filter, in their spelling.
// A limit other than 0 is the largest number of tags.
func (rc *Receiver) tags(r *http.Request, filter string, limit int) ([]string, error) {
	all, err := rc.store.Tags(r.Context())
	if err != nil {
		return nil, err
	}
	spelled := []string{}
	for _, t := range all {
		if limit > 0 && len(spelled) == limit {
			break
		}
		if strings.Contains(strings.ToLower(t.Spelled), strings.ToLower(filter)) {
			spelled = append(spelled, t.Spelled)
		}
	}
	return spelled, nil
}

type postType struct {
	Type string `json:"type"`
	Name string `json:"name"`
}

func postTypes() []postType {
	var types []postType
	for _, t := range site.PostTypes {
		name := strings.ToUpper(t[:1]) + t[1:]
		switch t {
		case "rsvp":
			name = "RSVP"
		case "checkin":
			name = "Check-in"
		}
		types = append(types, postType{t, name})
	}
	// Lists have no such type. But Quill hides its form for reviews if the server
	// does not offer the type.
	return append(types, postType{"review", "Review"})
}

// nonNil makes an empty list [] in JSON instead of null.
func nonNil(destinations []site.Destination) []site.Destination {
	if destinations == nil {
		return []site.Destination{}
	}
	return destinations
}
