// Package clientinfo fetches the description that an app publishes at its
// client_id: its name, its page and its redirect URLs (IndieAuth §4.2).
//
// The description is a JSON document or, for older apps, a page with an h-app. A
// [Fetcher] bounds the size, the time and the redirects of a request, and its
// transport refuses addresses that are not public. Its caller decides who may
// cause a request.
//
// All texts come from a stranger. They are bounded, and have no characters that
// control the direction or the lines of a text.
package clientinfo
