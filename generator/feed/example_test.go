package feed_test

import (
	"fmt"
	"time"

	"starpunk/generator/feed"
)

func ExampleFeed_JSON() {
	f := feed.Feed{Title: "Ada", Home: "https://ada.example/", Language: "en", Author: feed.Author{Name: "Ada", URL: "https://ada.example/"}}
	f.SetItems([]feed.Item{{
		ID: "https://ada.example/2026/11/hello/", URL: "https://ada.example/2026/11/hello/",
		Label: "Hello", HTML: "<p>Hello</p>", Published: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC),
	}})
	data, err := f.JSON("https://ada.example/feed.json")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s", data)
	// Output:
	// {
	//   "version": "https://jsonfeed.org/version/1.1",
	//   "title": "Ada",
	//   "home_page_url": "https://ada.example/",
	//   "feed_url": "https://ada.example/feed.json",
	//   "language": "en",
	//   "authors": [
	//     {
	//       "name": "Ada",
	//       "url": "https://ada.example/"
	//     }
	//   ],
	//   "items": [
	//     {
	//       "id": "https://ada.example/2026/11/hello/",
	//       "url": "https://ada.example/2026/11/hello/",
	//       "content_html": "<p>Hello</p>",
	//       "date_published": "2026-11-22T09:00:00Z"
	//     }
	//   ]
	// }
}
