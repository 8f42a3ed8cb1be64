//go:build race

package markdown

// raceDetector is true if the tests run with the race detector, which makes
// work without goroutines ten times as slow and finds nothing in it.
const raceDetector = true
