package main

import (
	"errors"
	"fmt"

	"starpunk/site/store"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"
)

func newMediaCommand() *cobra.Command {
	var unused, remove bool
	cmd := &cobra.Command{
		Use:   "media",
		Short: "List what apps uploaded",
		Long: `Media lists the files that apps uploaded to media/, with their sizes.

With --unused it lists those that nothing refers to: no note, be it a draft or
deleted, no other file below content/, no layout, no static file, and not
starpunk.toml. An upload of the last 24 hours is not listed, since its note may
still be on the way. With --delete they are deleted, too.`,
		Example: `  starpunk media
  starpunk media --unused
  starpunk media --unused --delete`,
		Args: misuse(noArguments),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if remove && !unused {
				return &misuseError{cmd.CommandPath(), errors.New("--delete goes with --unused: what is in use is not deleted")}
			}
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			s, err := store.Open(cmd.Context(), cfg, store.Options{Logger: logger()})
			if err != nil {
				return err
			}
			defer s.Close()
			list := s.Uploads
			switch {
			case remove:
				list = s.DeleteUnused
			case unused:
				list = s.UnusedUploads
			}
			files, err := list(cmd.Context())
			for _, f := range files {
				fmt.Fprintf(cmd.OutOrStdout(), "%s\t%s\n", f.Source, humanize.IBytes(uint64(f.Size)))
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&unused, "unused", false, "only those that nothing refers to")
	cmd.Flags().BoolVar(&remove, "delete", false, "delete them; goes with --unused")
	return cmd
}
