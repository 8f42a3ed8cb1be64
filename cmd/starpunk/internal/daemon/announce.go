package daemon

import (
	"fmt"

	"starpunk/site"
)

// announce notifies the supervisor that the process is ready, and shows or logs
// the addresses that it serves.
func (d *daemon) announce(cfg *site.Config) {
	d.supervisor.notify(notifyReady)
	switch {
	case d.Dev && d.Receive && d.Watch:
		d.announcePreview(cfg)
	case d.Receive:
		d.Log.Info("ready", "listen", d.listener.Addr().String(), "micropub", cfg.MicropubEndpoint(), "me", cfg.Me)
	default:
		d.Log.Info("ready", "output", cfg.Build.Output)
	}
}

// announcePreview shows the addresses and the codes of a preview, and again only when they
// changed.
func (d *daemon) announcePreview(cfg *site.Config) {
	shown := fmt.Sprintln(cfg.URL, cfg.ContentDir(), cfg.Me, d.auth == nil)
	if d.announced == shown {
		return
	}
	d.announced = shown
	fmt.Fprintf(d.Out, `
  %s is at %s

  Posts become real notes, in %s.
  The preview has a folder of its own, and includes drafts and future notes.
`, cfg.Title, cfg.URL, cfg.ContentDir())
	if d.guests != nil {
		fmt.Fprintf(d.Out, "\n  Devices in the same network see it with this code: %s\n  Apps cannot post to it.\n\n", d.guests.Code())
		return
	}
	if d.auth == nil {
		fmt.Fprintf(d.Out, "\n  Tokens come from the endpoints of %s.\n\n", cfg.Me)
		return
	}
	token := d.auth.Issue(cfg.URL, "create", "update", "delete", "undelete", "media")
	fmt.Fprintf(d.Out, `
  Apps sign in with %s and this code: %s
  Or post a note from here:

  curl -i -H "Authorization: Bearer %s" --data-urlencode "content=Hello from my own site." %smicropub

`, cfg.Me, d.auth.Code(), token, cfg.URL)
}
