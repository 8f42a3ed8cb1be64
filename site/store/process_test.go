//go:build unix

package store_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"starpunk/site/store"
	"starpunk/site/store/internal/storetest"

	"github.com/gofrs/flock"
)

// childVar makes the test binary another process of the site: it does what
// the variable says instead of running tests.
const childVar = "STARPUNK_STORE_TEST_CHILD"

func TestMain(m *testing.M) {
	if role := os.Getenv(childVar); role != "" {
		if err := child(role, os.Args[1]); err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child is the main function of another process on the site in dir. It prints
// one line for each thing it has done.
func child(role, dir string) error {
	if role == "hold content.lock" {
		return holdLock(dir)
	}
	if umask, ok := strings.CutPrefix(role, "create with umask "); ok {
		mask, err := strconv.ParseInt(umask, 8, 0)
		if err != nil {
			return err
		}
		syscall.Umask(int(mask))
		role = "create"
	}
	cfg, err := storetest.ParseConfig(dir, "")
	if err != nil {
		return err
	}
	ctx := context.Background()
	if scripts, ok := strings.CutPrefix(role, "migrate: "); ok {
		fmt.Println("here")
		_, err := storetest.OpenStore(ctx, cfg, store.Options{Migrations: strings.Split(scripts, "\n--\n")})
		return err
	}
	s, err := storetest.OpenStore(ctx, cfg, store.Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	switch role {
	case "open":
		return nil
	case "create":
		return createMany(ctx, s, createsOfAChild)
	case "create until killed":
		return createMany(ctx, s, 100_000)
	case "create on a full disk":
		return createOnFullDisk(ctx, s)
	case "hold the build lock":
		lock, err := s.LockBuild(ctx)
		if err != nil {
			return err
		}
		fmt.Println("held")
		_, err = io.Copy(io.Discard, os.Stdin) // until the parent closes it
		return storetest.FirstError(err, lock.Unlock())
	}
	return fmt.Errorf("no role %q", role)
}

func holdLock(dir string) error {
	lock := flock.New(dir + "/.starpunk/content.lock")
	if err := lock.Lock(); err != nil {
		return err
	}
	fmt.Println("held")
	_, err := io.Copy(io.Discard, os.Stdin) // until the parent closes it
	return err
}

func createMany(ctx context.Context, s *store.Builder, n int) error {
	for i := range n {
		note := storetest.PlainNote("hello", fmt.Sprintf("Note %d of process %d", i, os.Getpid()))
		created, err := s.Create(ctx, note)
		if err != nil {
			return err
		}
		fmt.Println(created.File, created.Permalink)
	}
	return nil
}

const createsOfAChild = 15

// A process is a child and what it prints.
type process struct {
	t     *testing.T
	cmd   *exec.Cmd
	stdin io.WriteCloser
	lines *bufio.Scanner
}

func startChild(t *testing.T, role, dir string) *process {
	t.Helper()
	cmd := exec.CommandContext(storetest.Deadline(t), os.Args[0], dir)
	cmd.Env = append(os.Environ(), childVar+"="+role)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{t, cmd, stdin, bufio.NewScanner(stdout)}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it ended long ago, unless the test failed
		_ = cmd.Wait()
	})
	return p
}

// line is the next line that the child prints.
func (p *process) line() string {
	p.t.Helper()
	if !p.lines.Scan() {
		p.t.Fatalf("child %q ended without a word", p.cmd.Env[len(p.cmd.Env)-1])
	}
	return p.lines.Text()
}

// rest is all that the child prints until it ends, well or not.
func (p *process) rest() (lines []string) {
	p.t.Helper()
	for p.lines.Scan() {
		lines = append(lines, p.lines.Text())
	}
	return lines
}

// end waits for a child to end well and returns what it printed.
func (p *process) end() []string {
	p.t.Helper()
	_ = p.stdin.Close() // it may have ended already
	lines := p.rest()
	if err := p.cmd.Wait(); err != nil {
		p.t.Fatalf("child: %v: %s", err, strings.Join(lines, "\n"))
	}
	return lines
}

func (p *process) kill() {
	p.t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
}
