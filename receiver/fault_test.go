package receiver_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"starpunk/site/store/durable"
)

// TestAFaultHasAStatus lets a step of a save fail. A failure before the note has its
// name is an error. A failure after it is not, because the note exists. The next
// request succeeds without a restart.
func TestAFaultHasAStatus(t *testing.T) {
	t.Parallel()
	var step atomic.Value // string: the step that fails
	var errno atomic.Value
	step.Store("")
	w := newWorld(t, setting{
		files: map[string]string{"content/a.md": "---\ndate: 2026-10-01\n---\nText\n"},
		around: func(op durable.Op, do func() error) error {
			if op.Name == step.Load() {
				return errno.Load().(syscall.Errno)
			}
			return do()
		},
	})
	slug := 0
	create := func() *response {
		slug++
		return w.post("all", formType, url.Values{"content": {fmt.Sprintf("Note %d", slug)}, "mp-slug": {fmt.Sprintf("note-%d", slug)}}.Encode())
	}
	update := func() *response {
		slug++
		return w.post("all", jsonType, fmt.Sprintf(`{"action":"update","url":"https://example.org/2026/10/a/","replace":{"content":["Update %d"]}}`, slug))
	}
	if res := create(); res.StatusCode/100 != 2 {
		t.Fatalf("without a fault: %d %s", res.StatusCode, res.body)
	}
	for _, test := range []struct {
		step   string
		err    syscall.Errno
		do     func() *response
		status int
	}{
		{"create", syscall.ENOSPC, create, http.StatusInsufficientStorage},
		{"create", syscall.EACCES, create, http.StatusInternalServerError},
		{"write", syscall.ENOSPC, create, http.StatusInsufficientStorage},
		{"write", syscall.EIO, create, http.StatusInternalServerError},
		{"sync", syscall.EIO, create, http.StatusInternalServerError},
		{"link", syscall.EROFS, create, http.StatusInternalServerError},
		{"remove", syscall.EIO, create, http.StatusAccepted}, // no process builds the site
		{"syncdir", syscall.EIO, create, http.StatusAccepted},
		{"commit", syscall.ENOSPC, create, http.StatusAccepted},
		{"create", syscall.ENOSPC, update, http.StatusInsufficientStorage},
		{"sync", syscall.EROFS, update, http.StatusInternalServerError},
		{"exchange", syscall.EIO, update, http.StatusInternalServerError},
		{"syncdir", syscall.EIO, update, http.StatusAccepted},
		{"commit", syscall.ENOSPC, update, http.StatusAccepted},
	} {
		t.Run(fmt.Sprintf("%s fails with %v", test.step, test.err), func(t *testing.T) {
			before := len(w.notes())
			errno.Store(test.err)
			step.Store(test.step)
			res := test.do()
			step.Store("")
			if res.StatusCode != test.status {
				t.Errorf("%d %s, want %d", res.StatusCode, res.body, test.status)
			}
			if res.StatusCode >= 500 && len(w.notes()) != before {
				t.Errorf("a file remained: %q", w.notes())
			}
			if strings.Contains(res.body, w.cfg.Root) {
				t.Errorf("the response contains a path: %s", res.body)
			}
			if res := test.do(); res.StatusCode != http.StatusAccepted {
				t.Errorf("after the fault: %d %s", res.StatusCode, res.body)
			}
		})
	}
}

// TestANoteThatExistsDespiteAFaultIsNotCreatedTwice repeats a request whose response
// was 202.
func TestANoteThatExistsDespiteAFaultIsNotCreatedTwice(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"syncdir", "commit", "remove"} {
		t.Run(step, func(t *testing.T) {
			failing := false
			linked := false
			w := newWorld(t, setting{around: func(op durable.Op, do func() error) error {
				if failing && linked && op.Name == step {
					return syscall.EIO
				}
				linked = linked || op.Name == "link"
				return do()
			}})
			failing = true
			const body = "content=Hello&mp-slug=hello"
			first := w.create(formType, body)
			failing = false
			if second := w.create(formType, body); second != first {
				t.Errorf("the same request created %s, and then %s", first, second)
			}
			if res := w.post("all", jsonType, `{"action":"update","url":"`+first+`","add":{"category":["found"]}}`); res.StatusCode/100 != 2 {
				t.Errorf("an update of it: %d %s", res.StatusCode, res.body)
			}
		})
	}
}
