package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// maxAnswerBytes is the largest total length of all answers.
const maxAnswerBytes = 64 << 10

// questions prompts the person at the keyboard for one value after the other. If
// the answers end, or ctx does, err is set, and no further prompt appears.
type questions struct {
	ctx context.Context
	in  *bufio.Reader
	out io.Writer
	err error
}

func newQuestions(cmd *cobra.Command) *questions {
	return &questions{ctx: cmd.Context(), in: bufio.NewReader(io.LimitReader(cmd.InOrStdin(), maxAnswerBytes)), out: cmd.ErrOrStderr()}
}

// unlessInterrupted returns the result of read, or the error of ctx if that ends
// first: Ctrl-C ends a prompt.
func unlessInterrupted[T any](ctx context.Context, read func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := read()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		return *new(T), ctx.Err()
	}
}

// isTerminal reports whether a stream is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// fill sets text to an answer, unless it is set already.
func (q *questions) fill(text *string, question, usual string, check func(string) error) {
	if *text == "" {
		*text = q.ask(question, usual, check)
	}
}

// ask prompts until check accepts the answer. An empty answer is the usual one.
func (q *questions) ask(question, usual string, check func(string) error) string {
	if usual != "" {
		question += " [" + usual + "]"
	}
	for q.err == nil {
		answer := cmp.Or(q.line(question+": "), usual)
		if q.err != nil {
			break
		}
		err := check(answer)
		if err == nil {
			return answer
		}
		fmt.Fprintf(q.out, "  %v\n", err)
	}
	return ""
}

func (q *questions) line(prompt string) string {
	fmt.Fprint(q.out, prompt)
	line, err := unlessInterrupted(q.ctx, func() (string, error) { return q.in.ReadString('\n') })
	switch {
	case q.ctx.Err() != nil:
		q.err = errors.New("interrupted; nothing was written")
	case errors.Is(err, io.EOF) && line == "":
		q.err = errors.New("the answers ended before the questions; nothing was written")
	case err != nil && !errors.Is(err, io.EOF):
		q.err = fmt.Errorf("read answer: %w", err)
	}
	if q.err != nil {
		fmt.Fprintln(q.out) // end the line of the prompt
	}
	return strings.TrimSpace(line)
}

func anything(string) error { return nil }

// signIn prompts for the way in which the owner signs in to apps.
func (q *questions) signIn(how, me *string) {
	if *how == "" && *me == "" && q.err == nil {
		fmt.Fprint(q.out, `How do you sign in to apps? (docs/indieauth.md has more)
  1  with StarPunk itself, and a passkey of my phone or computer
  2  with Micro.blog, where my account has this domain
  3  with IndieAuth.com, which I have used with this domain before
  4  with a provider of my own
  5  my profile is another page, which has the links
  6  I decide later
`)
		*how = q.chosen(q.ask("Number", "1", func(s string) error {
			if len(s) != 1 || s < "1" || s > "6" {
				return fmt.Errorf("%q is not a number from 1 to 6", s)
			}
			return nil
		}))
	}
	if *how == "elsewhere" {
		q.fill(me, "Address of that page", "", checkEndpoint)
	}
}

func (q *questions) chosen(number string) string {
	if number == "4" {
		return q.ownProvider()
	}
	return map[string]string{"1": "starpunk", "2": "micro.blog", "3": "indieauth.com", "5": "elsewhere", "6": "later"}[number]
}

// ownProvider prompts for the address of a provider's metadata, or for its endpoints if it
// has none.
func (q *questions) ownProvider() string {
	metadata := q.ask("Address of its metadata (empty if it has none)", "", func(s string) error {
		if s == "" {
			return nil
		}
		return checkEndpoint(s)
	})
	if metadata != "" {
		return metadata
	}
	authorization := q.ask("Its authorization endpoint", "", checkEndpoint)
	token := q.ask("Its token endpoint", "", checkEndpoint)
	return authorization + "," + token
}
