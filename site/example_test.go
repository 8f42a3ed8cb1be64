package site_test

import (
	"fmt"
	"time"

	"starpunk/site"
)

func ExampleParse() {
	file := []byte("---\ndate: 2026-11-22 09:30\ntags: [Gardens, Bees]\ndraft: yes\n---\nThe bees are back.\n")
	n, err := site.Parse("2026/bees.md", file, time.UTC)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(n.Published, n.Category, n.Draft)
	_, err = site.Parse("2026/bees.md", []byte("---\ndate: soon\n---\n"), time.UTC)
	fmt.Println(err)
	// Output:
	// 2026-11-22 09:30:00 +0000 UTC [Gardens Bees] true
	// content/2026/bees.md:2: date: "soon" is not a date and time such as 2026-11-22T09:30:00+01:00
}

func ExampleMakeSlug() {
	fmt.Println(site.MakeSlug("Grüße aus Kraków!"))
	// Output:
	// grusse-aus-krakow
}
