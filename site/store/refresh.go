package store

import "context"

// Scan compares every file below content/ with the index and brings the index
// up to date. Files whose size, times and inode are as they were are not read.
// It may run while others write: their later changes stay.
func (s *Store) Scan(ctx context.Context) error {
	if err := s.scanner.CheckContent(ctx); err != nil {
		return err
	}
	s.syncDirs() // folders that could not be synced before
	if err := s.scanner.ScanAll(ctx); err != nil {
		return err
	}
	s.scanned.Store(true)
	return nil
}

// Refresh brings the index up to date for some names below content/, each a
// file or a folder that was made, changed or removed.
func (s *Store) Refresh(ctx context.Context, names ...string) error {
	return s.scanner.Refresh(ctx, names...)
}
