//go:build unix

package hook

import (
	"context"
	"os/exec"
	"syscall"
)

// shell prepares a command line. It has a session of its own: what it started
// is ended with it, and a program that would ask for a password fails at once,
// having no terminal to ask at.
func shell(ctx context.Context, command string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", command)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	return cmd
}
