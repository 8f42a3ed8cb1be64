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
	"starpunk/site/store/internal/storetest"
)

func TestCreateWaitsForAnotherProcessThatWrites(t *testing.T) {
	s := storetest.New(t)
	st := s.Scanned()
	other := startChild(t, "hold content.lock", s.Dir)
	other.line()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if created, err := st.Create(ctx, storetest.PlainNote("hello", "Text")); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "content.lock") {
		t.Errorf("while another process writes, Create = %+v, %v", created, err)
	}
	storetest.SameStrings(t, "files", s.Files("content"))
	other.end()
	s.Create(st, storetest.PlainNote("hello", "Text"))
}

func TestADeadProcessHoldsNoLock(t *testing.T) {
	s := storetest.New(t)
	st := s.Scanned()
	other := startChild(t, "hold content.lock", s.Dir)
	other.line()
	other.kill()
	if _, err := st.Create(storetest.Deadline(t), storetest.PlainNote("hello", "Text")); err != nil {
		t.Errorf("Create after the holder was killed: %v", err)
	}
}

func TestOnlyOneProcessBuildsASite(t *testing.T) {
	s := storetest.New(t)
	st := s.Open()
	building := func(want bool) {
		t.Helper()
		if got, err := st.Building(); err != nil || got != want {
			t.Errorf("Building() = %v, %v; want %v", got, err, want)
		}
	}
	building(false)
	other := startChild(t, "hold the build lock", s.Dir)
	other.line()
	building(true)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := st.LockBuild(ctx)
	if !errors.Is(err, store.ErrBuilding) || !strings.Contains(err.Error(), fmt.Sprint("process ", other.cmd.Process.Pid, ";")) {
		t.Errorf("LockBuild = %v; want %v, naming process %d", err, store.ErrBuilding, other.cmd.Process.Pid)
	}
	preview := s.Config()
	preview.Development("127.0.0.1:8080")
	lock, err := s.OpenAs(preview).LockBuild(storetest.Deadline(t))
	if err != nil {
		t.Errorf("a preview can't build beside the site: %v", err)
	} else if err := lock.Unlock(); err != nil {
		t.Error(err)
	}
	other.kill()
	lock, err = st.LockBuild(storetest.Deadline(t))
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
	s := storetest.New(t)
	st := s.Open()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := st.LockBuild(ctx); !errors.Is(err, context.Canceled) || errors.Is(err, store.ErrBuilding) {
		t.Errorf("LockBuild = %v, want %v", err, context.Canceled)
	}
}

func TestLocksNeedNoIndexBesideThem(t *testing.T) {
	s := storetest.NewWithoutIndex(t)
	s.Extra = "index = \"elsewhere/index.db\"\n"
	st := s.Open()
	if _, err := os.Stat(s.Path(".starpunk")); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("the folder of the locks is there before they are needed: %v", err)
	}
	if building, err := st.Building(); err != nil || building {
		t.Errorf("Building() = %v, %v; want false", building, err)
	}
	lock, err := st.LockBuild(storetest.Deadline(t))
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
