package receiver

import (
	"math"
	"net/http"
	"strconv"
	"strings"

	"starpunk/receiver/indieauth"
	"starpunk/site"
)

// maxQueryBytes bounds what follows the "?" of a query.
const maxQueryBytes = 8 << 10

// queries are the values of q that serveQuery knows.
var queries = []string{"config", "source", "syndicate-to", "category", "channel", "post-types", "contact"}

// A query is a GET request's parameters, spelled in any way that a form may be.
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

// number reads a parameter that is a number from 0 to most.
func (q query) number(name string, otherwise, most int) (int, error) {
	s := q.text(name)
	if s == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > most {
		return 0, invalid("%s is not a number from 0 to %d.", name, most)
	}
	return n, nil
}

// page says how much of a list a client wants.
func (q query) page() (limit, offset int, err error) {
	if limit, err = q.number("limit", defaultItems, math.MaxInt32); err != nil {
		return 0, 0, err
	}
	offset, err = q.number("offset", 0, maxOffset)
	return min(limit, maxItems), offset, err
}

// readQuery reads the query of somebody who has one of some scopes.
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

// serveQuery answers what clients ask (Micropub §3.7).
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
		return map[string]any{"syndicate-to": orNone(rc.cfg.SyndicateTo)}, nil
	case "category":
		return rc.categories(r, q)
	case "channel":
		return map[string]any{"channels": orNone(rc.cfg.Channels)}, nil
	case "post-types":
		return map[string]any{"post-types": postTypes()}, nil
	case "contact":
		return map[string]any{"contacts": []any{}}, nil
	default:
		return nil, unknownValue("q", what, "one of "+strings.Join(queries, ", "))
	}
}

// config is what an app wants to know first (Micropub §3.7.1).
func (rc *Receiver) config(r *http.Request) (any, error) {
	tags, err := rc.tags(r, "", 0)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"media-endpoint": rc.cfg.Receiver.URL + "micropub/media",
		"syndicate-to":   orNone(rc.cfg.SyndicateTo),
		"channels":       orNone(rc.cfg.Channels),
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

// tags lists those of public notes that contain filter, as they are spelled; at
// most limit, if that is not 0.
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
	// Lists know no type of their own for it, yet Quill hides its form for reviews
	// from a server that does not name it.
	return append(types, postType{"review", "Review"})
}

// orNone makes the empty list [] in JSON, not null.
func orNone(destinations []site.Destination) []site.Destination {
	if destinations == nil {
		return []site.Destination{}
	}
	return destinations
}
