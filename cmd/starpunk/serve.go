package main

import (
	"cmp"
	"fmt"
	"net"

	"starpunk/receiver"
	"starpunk/site"

	"github.com/spf13/cobra"
)

// A role says which halves of StarPunk a process runs.
type role struct {
	receive, watch bool
}

func newServeCommand() *cobra.Command {
	return newDaemonCommand(role{receive: true, watch: true}, "serve", "Receive notes, build the site and show it",
		`Serve runs everything in one process: the Micropub endpoint, the watcher that
builds the site whenever a note changes, and a web server that shows the
result. Put a real web server in front of it, or let one serve the output
folder and pass /micropub on.

With --dev nothing is needed but this machine: the site is built from the same
notes into a folder of its own, drafts and future notes included, and a
sign-in service for apps is at the same address. With --listen and a private
address of this machine, devices in the same network can see it, too, with the code
that is printed; apps cannot post to it then.

It runs until it is told to stop; SIGHUP has it read the configuration again.`,
		`  starpunk serve --site blog
  starpunk serve --dev
  starpunk serve --dev --listen 127.0.0.1:0
  starpunk serve --dev --listen 192.168.1.7:8080`)
}

func newReceiveCommand() *cobra.Command {
	return newDaemonCommand(role{receive: true}, "receive", "Receive notes only",
		`Receive runs the Micropub endpoint alone. "starpunk watch", in another process
and perhaps as another user, makes pages of what it writes.

A post is answered with 201 when its page is there. When nobody builds the site,
or it takes longer than receiver.publish_wait, the answer is 202: the note is
safe, and its page will come.`,
		`  starpunk receive --site blog
  starpunk receive --site blog --listen 127.0.0.1:8081`)
}

func newWatchCommand() *cobra.Command {
	return newDaemonCommand(role{watch: true}, "watch", "Build the site whenever a note changes",
		`Watch builds the site and follows every change of its notes. If another process
is building already, it waits and takes over when that one ends.

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
			d := &daemon{role: r, dev: dev, explicit: listen != "", log: logger(), out: cmd.OutOrStdout(), supervisor: newSupervisor(logger()), metrics: metricsPage{requests: receiver.NewMetrics()}}
			d.load = func() (*site.Config, error) {
				cfg, err := loadConfig(cmd)
				if err == nil {
					cfg.Receiver.Listen = cmp.Or(listen, cfg.Receiver.Listen)
				}
				return cfg, err
			}
			return d.run(cmd.Context())
		},
	}
	cmd.Flags().BoolVar(&dev, "dev", false, "preview on this machine alone, without a domain")
	if r.receive {
		cmd.Flags().StringVar(&listen, "listen", "", "`ADDRESS` to listen on (default: receiver.listen)")
	}
	return cmd
}
