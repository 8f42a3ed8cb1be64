package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

func newInitCommand() *cobra.Command {
	var n newSite
	var ask bool
	cmd := &cobra.Command{
		Use:   "init [DIR]",
		Short: "Create a new site",
		Long: `Init writes a commented configuration, an about page and a first note into a
folder. It replaces no existing file.

At a terminal it prompts for the values that no flag gives. --sign-in is how you
sign in to apps, which then get the right to post:

  starpunk        with StarPunk itself and a passkey
  micro.blog      with Micro.blog, if your account there has this domain
  indieauth.com   with IndieAuth.com, if this domain has used it before
  URL[,URL,URL]   with a provider of your own: the address of its metadata, or
                  its authorization and token endpoints, or all three
  elsewhere       your profile is another page, which has the links; --me names it
  later           not yet`,
		Example: `  starpunk init blog
  starpunk init blog --title Ada --url https://ada.example/ --sign-in starpunk`,
		Args:              misuse(atMostOneFolder),
		ValidArgsFunction: folders,
		RunE: func(cmd *cobra.Command, args []string) error {
			n.dir = siteDir(cmd)
			if len(args) > 0 {
				n.dir = args[0]
			}
			if err := n.vacant(); err != nil {
				return err
			}
			if ask || isTerminal(cmd.InOrStdin()) {
				if err := n.ask(newQuestions(cmd)); err != nil {
					return err
				}
			}
			if err := n.write(time.Now()); err != nil {
				return err
			}
			_, err := fmt.Fprint(cmd.OutOrStdout(), n.nextSteps())
			return err
		},
	}
	cmd.Flags().StringVar(&n.title, "title", "", "`TITLE` of the site")
	cmd.Flags().StringVar(&n.url, "url", "", "`URL` of the site, a domain of your own")
	cmd.Flags().StringVar(&n.author, "author", "", "your `NAME` (default: the title)")
	cmd.Flags().StringVar(&n.timezone, "timezone", "", "`ZONE` of dates without an offset, such as Europe/Berlin (default: UTC; a prompt suggests this machine's)")
	cmd.Flags().StringVar(&n.signIn, "sign-in", "", "`HOW` you sign in to apps; see above (default: later; with --me: elsewhere)")
	cmd.Flags().StringVar(&n.me, "me", "", "`URL` of your profile page (default: the site)")
	cmd.Flags().BoolVar(&ask, "ask", false, "prompt, even without a terminal")
	completeFlag(cmd, "sign-in", oneOf(signInWords()))
	return cmd
}

// ask prompts for the values that no flag gave.
func (n *newSite) ask(q *questions) error {
	q.fill(&n.title, "Title of the site", "My notes", anything)
	q.fill(&n.url, "Its address, a domain of your own", exampleURL, checkAddress)
	q.fill(&n.author, "Your name", n.title, anything)
	q.fill(&n.timezone, "Your time zone", localZone(), checkZone)
	q.signIn(&n.signIn, &n.me)
	return q.err
}

// checkAddress returns an error if an address of a site is not valid.
func checkAddress(s string) error {
	_, err := (&newSite{url: s}).config()
	if err != nil {
		return errors.New(strings.TrimPrefix(err.Error(), "--url: "))
	}
	return nil
}
