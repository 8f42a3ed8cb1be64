package store

import (
	"context"
	"slices"
	"sync"

	"starpunk/site"

	"zombiezen.com/go/sqlite"
)

// maxKnownYears is how many answers about years are remembered.
const maxKnownYears = 1000

// Known years are what this process was told of years, by query and argument. A
// note that comes seldom changes one, and to ask costs a page of the index for
// each year. Only who builds asks, and is told of all that changes them.
type knownYears struct {
	mu    sync.Mutex
	years map[string][]string
}

func (k *knownYears) of(key string) (years []string, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	years, ok = k.years[key]
	return years, ok
}

func (k *knownYears) add(key string, years []string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.years == nil || len(k.years) >= maxKnownYears {
		k.years = map[string][]string{}
	}
	k.years[key] = years
}

func (k *knownYears) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.years = nil
}

// built forgets everything, unless all that was built are new notes in years
// that are known.
func (k *knownYears) built(results []Result) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, r := range results {
		switch {
		case len(k.years) == 0:
			return
		case r.Row.neighbour, r.Row.Built == nil && (r.Built == nil || !r.Row.Listed):
		case r.Row.Built != nil, !k.have(r.Row):
			k.years = nil
		}
	}
}

// have says whether every list that shows a note, of those that are known, has
// its year.
func (k *knownYears) have(r *Row) bool {
	keys := []string{"years ", "type_years " + r.Type}
	for _, tag := range r.Tags {
		keys = append(keys, "tag_years "+site.TagAddress(tag))
	}
	year := r.Published.Format("2006")
	return !slices.ContainsFunc(keys, func(key string) bool {
		years, ok := k.years[key]
		return ok && !slices.Contains(years, year)
	})
}

// Years returns the years that have listed notes, newest first.
func (s *Store) Years(ctx context.Context) ([]string, error) { return s.yearsOf(ctx, "years", "") }

// TagYears returns the years in which a tag was used, newest first.
func (s *Store) TagYears(ctx context.Context, tag string) ([]string, error) {
	return s.yearsOf(ctx, "tag_years", tag)
}

// TypeYears returns the years that have notes of a type, newest first.
func (s *Store) TypeYears(ctx context.Context, postType string) ([]string, error) {
	return s.yearsOf(ctx, "type_years", postType)
}

// yearsOf asks for the year before each by the index, however many notes a year
// has. A recursive query does the same at once, and takes longer.
func (s *Store) yearsOf(ctx context.Context, query, of string) (years []string, err error) {
	key := query + " " + of
	if years, ok := s.knownYears.of(key); ok {
		return years, nil
	}
	named := args{":before": "~"} // behind all years
	if of != "" {
		named[":of"] = of
	}
	err = s.read(ctx, func(conn *sqlite.Conn) error {
		for {
			year := ""
			err := exec(conn, query, named, func(stmt *sqlite.Stmt) error {
				year = stmt.ColumnText(0)
				return nil
			})
			if err != nil || year == "" {
				return err
			}
			years = append(years, year)
			named[":before"] = year
		}
	})
	s.work.rows.Add(int64(len(years)))
	if err == nil {
		s.knownYears.add(key, years)
	}
	return years, err
}
