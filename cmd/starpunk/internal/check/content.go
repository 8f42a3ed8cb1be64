package check

import (
	"context"
	"os"
	"path/filepath"

	"starpunk/generator"
	"starpunk/site/store"
	"starpunk/site/store/durable"
)

// content reads every note as a build does. Its hints are possible mistakes that keep
// nothing from being published.
func (c *checker) content(ctx context.Context) (findings []Finding, err error) {
	s, err := store.Open(ctx, c.cfg, store.Options{Logger: c.Logger})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if err := s.Scan(ctx); err != nil {
		return nil, err
	}
	problems, err := s.Problems(ctx)
	if err != nil {
		return nil, err
	}
	for _, text := range append(problems, c.irregularFolders()...) {
		findings = append(findings, Finding{Level: Problem, Text: text, InFile: true})
	}
	hints, err := c.remarks(ctx, s)
	if err != nil {
		return nil, err
	}
	for _, text := range hints {
		findings = append(findings, Finding{Level: Hint, Text: text, InFile: true})
	}
	if len(problems) == 0 {
		findings = append(findings, ok("Every note can be read.")...)
	}
	if c.unbuilt, err = isUnbuilt(ctx, s); err != nil {
		return nil, err
	}
	c.deleted, err = c.deletedAddress(ctx, s)
	return findings, err
}

// isUnbuilt reports whether outputs are stale and no process builds the site.
func isUnbuilt(ctx context.Context, s *store.Store) (bool, error) {
	building, err := s.Building()
	if err != nil || building {
		return false, err
	}
	return s.Builder().Waiting(ctx)
}

// irregularFolders returns a text for each of static/ and media/ that is not a folder,
// such as a symbolic link.
func (c *checker) irregularFolders() (texts []string) {
	for _, folder := range []string{"static", "media"} {
		info, err := os.Lstat(filepath.Join(c.cfg.Root, folder))
		if err == nil && durable.Irregular(info.Mode()) != "" {
			texts = append(texts, folder+": "+durable.Irregular(info.Mode()))
		}
	}
	return texts
}

func (c *checker) remarks(ctx context.Context, s *store.Store) (all []string, err error) {
	for _, find := range []func() ([]string, error){
		func() ([]string, error) { return s.Notices(ctx) },
		func() ([]string, error) { return generator.Warnings(ctx, c.cfg, s) },
		func() ([]string, error) { return s.Unread(ctx) },
	} {
		remarks, err := find()
		if err != nil {
			return nil, err
		}
		all = append(all, remarks...)
	}
	return all, nil
}
