//go:build !linux

package worker

import (
	"os"
	"os/exec"
)

// Where the kernel has no parent-death signal, the end of stdin is what ends a worker whose server is gone.
func bind(*exec.Cmd) {}

// askToStop signals the process, or ends it where it cannot be signalled.
func askToStop(cmd *exec.Cmd) {
	if cmd.Process.Signal(os.Interrupt) != nil {
		kill(cmd)
	}
}

// kill ends the process. That it has ended already is no error.
func kill(cmd *exec.Cmd) { _ = cmd.Process.Kill() }

// await waits for the process to end and calls ended.
func await(cmd *exec.Cmd, ended func()) error {
	err := cmd.Wait()
	ended()
	return err
}
