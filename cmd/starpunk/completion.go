package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// What a shell offers for a word that is not a command or the name of a flag.
// Where nothing is said it offers nothing: most words are texts and addresses,
// and the files of a folder would only be in the way.
var (
	folders = cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs)
	files   = cobra.FixedCompletions(nil, cobra.ShellCompDirectiveDefault)
)

// oneOf offers words, in their order.
func oneOf(words []string) cobra.CompletionFunc {
	return cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveKeepOrder)
}

// completeFlag says what a shell offers for the value of a flag.
func completeFlag(cmd *cobra.Command, flag string, offer cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, offer); err != nil {
		panic(fmt.Sprintf("completion of --%s: %v", flag, err)) // no such flag, or twice
	}
}
