package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// Completions of a word that is neither a command nor a flag. By default a shell
// completes nothing there: most words are texts and addresses, and the names of
// files would only disturb.
var (
	folders = cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs)
	files   = cobra.FixedCompletions(nil, cobra.ShellCompDirectiveDefault)
)

// oneOf completes one of words and keeps their order.
func oneOf(words []string) cobra.CompletionFunc {
	return cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveKeepOrder)
}

// completeFlag sets the completion of a flag's value.
func completeFlag(cmd *cobra.Command, flag string, offer cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, offer); err != nil {
		panic(fmt.Sprintf("completion of --%s: %v", flag, err)) // no such flag, or set twice
	}
}
