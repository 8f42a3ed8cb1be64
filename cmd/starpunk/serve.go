package main

import (
	"cmp"
	"fmt"
	"net"

	"starpunk/cmd/starpunk/internal/daemon"
	"starpunk/receiver/indieauth"
	"starpunk/site"

	"github.com/spf13/cobra"
)

// A role is the choice of the halves of StarPunk that a process runs.
type role struct {
	receive, watch bool
}

func newServeCommand() *cobra.Command {
	return newDaemonCommand(role{receive: true, watch: true}, "serve", "Receive notes, build the site and show it",
		`Serve runs everything in one process: the Micropub endpoint, the watcher that
builds the site whenever a note changes, and a web server that shows the
result. Put a real web server in front of it, or let one serve the output
folder and pass /micropub on.

With --dev it needs nothing but this machine: it builds the site from the same
notes into a folder of its own, drafts and future notes included, and has a
sign-in service for apps at the same address. With --listen and a private
address of this machine, devices in the same network can see the preview with
the code that is printed. Apps cannot post to it then.

It runs until it receives SIGINT or SIGTERM. A changed starpunk.toml is used at
once. With a mistake in it, the previous one stays in use.`,
		`  starpunk serve --site blog
  starpunk serve --dev
  starpunk serve --dev --listen 127.0.0.1:0
  starpunk serve --dev --listen 192.168.1.7:8080`)
}

func newReceiveCommand() *cobra.Command {
	return newDaemonCommand(role{receive: true}, "receive", "Receive notes only",
		`Receive runs only the Micropub endpoint. "starpunk watch", in another process
and perhaps as another user, makes pages from the notes that it writes.

The answer to a post is 201 when its page exists. If no process builds the site,
or the build takes longer than receiver.publish_wait, the answer is 202: the note
is stored, and its page will follow.`,
		`  starpunk receive --site blog
  starpunk receive --site blog --listen 127.0.0.1:8081`)
}

func newWatchCommand() *cobra.Command {
	return newDaemonCommand(role{watch: true}, "watch", "Build the site whenever a note changes",
		`Watch builds the site, and builds it again after every change of its notes. If
another process already builds it, this one waits and takes over at its end.

Notes with a date in the future appear when their time comes. With --dev it
builds the preview, drafts and future notes included, into a folder of its own.`,
		`  starpunk watch --site blog
  starpunk watch --dev`)
}

func newDaemonCommand(r role, use, short, long, example string) *cobra.Command {
	var dev bool
	var listen string
	cmd := &cobra.Command{
		Use: use, Short: short, Long: long, Example: example,
		Args: misuse(noArguments),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if _, _, err := net.SplitHostPort(listen); listen != "" && err != nil {
				return &misuseError{cmd.CommandPath(), fmt.Errorf("--listen: %q is not an address such as \"127.0.0.1:8080\"", listen)}
			}
			load := func() (*site.Config, error) {
				cfg, err := loadConfig(cmd)
				if err == nil {
					cfg.Receiver.Listen = cmp.Or(listen, cfg.Receiver.Listen)
				}
				return cfg, err
			}
			return daemon.Run(cmd.Context(), daemon.Options{
				Receive: r.receive, Watch: r.watch, Dev: dev, ListenFlag: listen != "",
				Folder: siteDir(cmd), Load: load,
				NewVerifier: func(cfg *site.Config) (*indieauth.Verifier, error) { return newVerifier(cfg, dev) },
				Release:     release, Version: version(), Log: logger(), Out: cmd.OutOrStdout(),
			})
		},
	}
	cmd.Flags().BoolVar(&dev, "dev", false, "preview on this machine, without a domain")
	if r.receive {
		cmd.Flags().StringVar(&listen, "listen", "", "`ADDRESS` to listen on (default: receiver.listen)")
	}
	return cmd
}
