package worker

import (
	"errors"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// bind makes the kernel kill the process when this one dies, and gives it a process group of its own:
// a terminal's Ctrl-C reaches the server alone, which stops its workers in order, and what a worker
// started (ffmpeg) can be ended with it.
func bind(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	cmd.SysProcAttr.Setpgid = true
}

// askToStop signals the process alone. That it has ended already is no error.
func askToStop(cmd *exec.Cmd) { _ = cmd.Process.Signal(syscall.SIGTERM) }

// kill ends the process and all of its group. That there is none left is no error.
func kill(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

// await waits for the process to end, calls ended while its id is still taken, so that no signal can
// meet a stranger, and then lets the kernel forget it.
func await(cmd *exec.Cmd, ended func()) error {
	for {
		err := unix.Waitid(unix.P_PID, cmd.Process.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			break // it ended; an error here comes again from Wait
		}
	}
	ended()
	return cmd.Wait()
}
