package plaintext_test

import (
	"fmt"

	"starpunk/site/plaintext"
)

func ExampleMarkdown() {
	fmt.Println(plaintext.Markdown("# Tides\n\nThe *lowest* one was at [[Noon]], see <b>below</b>.", 100))
	fmt.Println(plaintext.Markdown("A long text that goes beyond its limit", 20))
	// Output:
	// Tides The lowest one was at Noon, see <b>below</b>.
	// A long text that…
}

func ExampleReadWikiLink() {
	link, length := plaintext.ReadWikiLink("[[tides#High water|the flood]] at noon")
	fmt.Println(link.Target, link.Fragment, link.Shown(), length)
	// Output: tides High water the flood 30
}
