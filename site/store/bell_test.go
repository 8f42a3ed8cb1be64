package store_test

import (
	"testing"
	"time"

	"starpunk/site"
)

func TestWhoWaitsHearsOfAChangeOfTheIndex(t *testing.T) {
	s := newSite(t)
	st := s.scanned()
	first, second := st.Written(), st.Written()
	select {
	case <-first:
		t.Error("nothing was written, and yet it was told")
	default:
	}
	n := &site.Note{Slug: "a", Published: time.Date(2024, 11, 22, 0, 0, 0, 0, time.UTC), Content: "A"}
	if _, err := st.Create(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	for _, heard := range []<-chan struct{}{first, second} {
		select {
		case <-heard:
		default:
			t.Error("a note was written, and it was not told")
		}
	}
	select {
	case <-st.Written():
		t.Error("it was told again of what was there when it began to wait")
	default:
	}
}
