//go:build unix

package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"starpunk/site/store"
)

func TestCreateWaitsForAnotherProcessThatWrites(t *testing.T) {
	s := newSite(t)
	st := s.scanned()
	other := startChild(t, "hold content.lock", s.dir)
	other.line()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if created, err := st.Create(ctx, plainNote("hello", "Text")); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "content.lock") {
		t.Errorf("while another process writes, Create = %+v, %v", created, err)
	}
	sameStrings(t, "files", s.files("content"))
	other.end()
	s.create(st, plainNote("hello", "Text"))
}

func TestADeadProcessHoldsNoLock(t *testing.T) {
	s := newSite(t)
	st := s.scanned()
	other := startChild(t, "hold content.lock", s.dir)
	other.line()
	other.kill()
	if _, err := st.Create(deadline(t), plainNote("hello", "Text")); err != nil {
		t.Errorf("Create after the holder was killed: %v", err)
	}
}

func TestOnlyOneProcessBuildsASite(t *testing.T) {
	s := newSite(t)
	st := s.open()
	building := func(want bool) {
		t.Helper()
		if got, err := st.Building(); err != nil || got != want {
			t.Errorf("Building() = %v, %v; want %v", got, err, want)
		}
	}
	building(false)
	other := startChild(t, "hold the build lock", s.dir)
	other.line()
	building(true)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := st.LockBuild(ctx)
	if !errors.Is(err, store.ErrBuilding) || !strings.Contains(err.Error(), fmt.Sprint("process ", other.cmd.Process.Pid, ";")) {
		t.Errorf("LockBuild = %v; want %v, naming process %d", err, store.ErrBuilding, other.cmd.Process.Pid)
	}
	preview := s.config()
	preview.Development("127.0.0.1:8080")
	lock, err := s.openAs(preview).LockBuild(deadline(t))
	if err != nil {
		t.Errorf("a preview can't build beside the site: %v", err)
	} else if err := lock.Unlock(); err != nil {
		t.Error(err)
	}
	other.kill()
	lock, err = st.LockBuild(deadline(t))
	if err != nil {
		t.Fatalf("LockBuild after the holder was killed: %v", err)
	}
	building(true)
	if err := lock.Unlock(); err != nil {
		t.Error(err)
	}
	building(false)
}

func TestAnEndedWaitIsNotReportedAsABuildLock(t *testing.T) {
	s := newSite(t)
	st := s.open()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := st.LockBuild(ctx); !errors.Is(err, context.Canceled) || errors.Is(err, store.ErrBuilding) {
		t.Errorf("LockBuild = %v, want %v", err, context.Canceled)
	}
}

func TestLocksNeedNoIndexBesideThem(t *testing.T) {
	s := bareSite(t)
	s.extra = "index = \"elsewhere/index.db\"\n"
	st := s.open()
	if _, err := os.Stat(s.path(".starpunk")); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("the folder of the locks is there before they are needed: %v", err)
	}
	if building, err := st.Building(); err != nil || building {
		t.Errorf("Building() = %v, %v; want false", building, err)
	}
	lock, err := st.LockBuild(deadline(t))
	if err != nil {
		t.Fatal(err)
	}
	if building, err := st.Building(); err != nil || !building {
		t.Errorf("Building() = %v, %v; want true", building, err)
	}
	if err := lock.Unlock(); err != nil {
		t.Error(err)
	}
}
