//go:build !unix

package hook

import (
	"context"
	"os/exec"
)

// shell prepares a command line for the shell of Windows.
func shell(ctx context.Context, command string) *exec.Cmd {
	return exec.CommandContext(ctx, "cmd", "/C", command)
}
