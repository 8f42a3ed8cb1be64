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
		Short: "List the files that apps uploaded",
		Long: `Media lists the files that apps uploaded to media/, with their sizes.

With --unused it lists only uploads without a reference: in no note (drafts and
deleted notes included), no other file below content/, no layout, no static file,
and not in starpunk.toml. It does not list uploads of the last 24 hours, whose
notes may not be written yet. With --delete it also deletes the listed files.`,
		Example: `  starpunk media
  starpunk media --unused
  starpunk media --unused --delete`,
		Args: misuse(noArguments),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if remove && !unused {
				return &misuseError{cmd.CommandPath(), errors.New("--delete must be used with --unused: files in use are not deleted")}
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
			list := s.Uploads.List
			switch {
			case remove:
				list = s.Uploads.DeleteUnused
			case unused:
				list = s.Uploads.Unused
			}
			files, err := list(cmd.Context())
			for _, f := range files {
				fmt.Fprintf(cmd.OutOrStdout(), "%s\t%s\n", f.Source, humanize.IBytes(uint64(f.Size)))
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&unused, "unused", false, "only uploads without a reference")
	cmd.Flags().BoolVar(&remove, "delete", false, "delete them; requires --unused")
	return cmd
}
