package queue

import (
	"context"
	"slices"

	"starpunk/site/store/query"

	"zombiezen.com/go/sqlite"
)

// A Redirect is an address that has an output which leads elsewhere.
type Redirect struct {
	Address   string
	Permalink string // of the note that has the address among its aliases; "": none has
}

// Redirects returns all redirects in the order of their addresses: aliases of notes,
// and redirects of the configuration.
func (l *Lists) Redirects(ctx context.Context) ([]Redirect, error) {
	return l.redirects(ctx, "redirects", query.Args{":now": l.q.table.NowSeconds()})
}

// RedirectAt returns the redirect at an address; nil if there is none.
func (l *Lists) RedirectAt(ctx context.Context, address string) (*Redirect, error) {
	found, err := l.redirects(ctx, "redirect_at", query.Args{":now": l.q.table.NowSeconds(), ":address": address})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

const mapsKey = "redirects" // of the state: see RedirectMaps

// forgetMaps records that the maps of redirects are out of date if a redirect was written.
func forgetMaps(conn *sqlite.Conn, results []ListResult) error {
	if slices.ContainsFunc(results, func(r ListResult) bool { return r.Old.Redirect || r.Now.Redirect }) {
		return query.SetState(conn, mapsKey, "")
	}
	return nil
}

// RedirectMaps returns what [Lists.RecordRedirectMaps] recorded; "" if a redirect
// changed since.
func (l *Lists) RedirectMaps(ctx context.Context) (recorded string, err error) {
	return l.q.db.State(ctx, mapsKey)
}

// RecordRedirectMaps records that the maps of redirects are up to date, with their sum.
func (l *Lists) RecordRedirectMaps(ctx context.Context, sum string) error {
	return l.q.db.SetState(ctx, mapsKey, sum)
}

func (l *Lists) redirects(ctx context.Context, name string, named query.Args) (found []Redirect, err error) {
	err = l.q.db.Each(ctx, name, named, func(stmt *sqlite.Stmt) error {
		found = append(found, Redirect{stmt.ColumnText(0), stmt.ColumnText(1)})
		return nil
	})
	l.q.db.CountRows(len(found))
	return found, err
}
