package wakeup_test

import (
	"context"
	"os"
	"testing"
	"time"

	"starpunk/site"
	"starpunk/site/store"
	"starpunk/site/store/durable"
	"starpunk/site/store/internal/storetest"
	"starpunk/site/store/queue"
)

// isClosed reports whether a channel of a store is closed.
func isClosed(woken <-chan struct{}) bool {
	select {
	case <-woken:
		return true
	default:
		return false
	}
}

func TestAWaiterIsNotifiedOfAChangeOfTheIndex(t *testing.T) {
	s := storetest.New(t)
	st := s.Scanned()
	first, second := st.Written(), st.Written()
	if isClosed(first) {
		t.Error("a wake-up without a change")
	}
	n := &site.Note{Slug: "a", Published: time.Date(2024, 11, 22, 0, 0, 0, 0, time.UTC), Content: "A"}
	if _, err := st.Create(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	if !isClosed(first) || !isClosed(second) {
		t.Error("no wake-up after a note was written")
	}
	if isClosed(st.Written()) {
		t.Error("a second wake-up for a change before the wait")
	}
}

func TestABuilderIsNotWokenByItsOwnMarks(t *testing.T) {
	s := storetest.New(t)
	s.Post("a.md", "2024-11-22")
	st := s.Scanned()
	written := st.Written()
	s.Build(st)
	if isClosed(written) {
		t.Error("the builder's own marks woke it; it would look for work, and there is none")
	}
}

func TestARequestThatIsRememberedWakesNoBuilder(t *testing.T) {
	s := storetest.New(t)
	var written <-chan struct{}
	woken := 0
	st := s.OpenAround(func(op durable.Op, do func() error) error {
		if op.Name == "link" && isClosed(written) {
			woken++
		}
		return do()
	})
	s.Scan(st)
	written = st.Written()
	n := &site.Note{Slug: "a", Published: time.Date(2024, 11, 22, 0, 0, 0, 0, time.UTC), Content: "A"}
	if _, err := st.CreateOnce(t.Context(), n, store.Digest{1}); err != nil {
		t.Fatal(err)
	}
	if woken > 0 {
		t.Error("the builder was woken before there was a note")
	}
	if !isClosed(written) {
		t.Error("a note was written, and no builder was woken")
	}
}

func TestAWaiterIsNotifiedOfPublishedNotes(t *testing.T) {
	s := storetest.New(t)
	s.Post("a.md", "2024-11-22")
	st := s.Open()
	heard := st.Published()
	s.Scan(st)
	rows := s.Pending(st)
	if isClosed(heard) {
		t.Error("a wake-up for a note that is not published yet")
	}
	ctx := t.Context()
	icon := s.CopyOf("media/3f/a.jpg", "media/3f/a.jpg")
	for what, mark := range map[string]func(context.Context) error{
		"a note is live":      func(ctx context.Context) error { return st.Lists.Mark(ctx, 1, nil, rows) },
		"nothing is left":     func(ctx context.Context) error { return st.MarkAll(ctx, 1) },
		"an output is gone":   func(ctx context.Context) error { return st.Outputs.MarkRemoved(ctx, 1, []string{"x"}) },
		"an upload is copied": func(ctx context.Context) error { return st.Copies.Mark(ctx, 1, []queue.Copy{icon}, nil) },
	} {
		heard := st.Published()
		if err := mark(ctx); err != nil {
			t.Fatal(err)
		}
		if !isClosed(heard) {
			t.Errorf("%s, without a wake-up", what)
		}
	}
}

func TestABuilderIsNotifiedOfChangesOfOtherProcesses(t *testing.T) {
	s := storetest.New(t)
	builder, receiver := s.Scanned(), s.Open()
	name, err := builder.WakeUpFile()
	if err != nil {
		t.Fatal(err)
	}
	rung := func() bool {
		t.Helper()
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(name, 0); err != nil {
			t.Fatal(err)
		}
		return info.Size() > 0
	}
	ctx := t.Context()
	n := &site.Note{Slug: "a", Published: time.Date(2024, 11, 22, 0, 0, 0, 0, time.UTC), Content: "A"}
	created, err := receiver.Create(ctx, n)
	if err != nil {
		t.Fatal(err)
	}
	if !rung() {
		t.Error("another process made a note, and the bell did not ring")
	}
	if _, err := storetest.DeleteFile(ctx, receiver, created.File); err != nil {
		t.Fatal(err)
	}
	if !rung() {
		t.Error("another process deleted a note, and the bell did not ring")
	}
	if _, err := storetest.UndeleteFile(ctx, builder, ".trash/"+created.File); err != nil {
		t.Fatal(err)
	}
	if rung() {
		t.Error("the bell rang for a note of the builder's own process")
	}
}
