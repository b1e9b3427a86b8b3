package worker

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// pids reads the process ids that children tell, one a line.
func pids(t *testing.T, r io.Reader) <-chan int {
	t.Helper()
	out := make(chan int, 16)
	go func() {
		defer close(out)
		for lines := bufio.NewScanner(r); lines.Scan(); {
			if pid, err := strconv.Atoi(lines.Text()); err == nil {
				out <- pid
			}
		}
	}()
	return out
}

func within[T any](t *testing.T, what string, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(20 * time.Second):
		t.Fatalf("never: %s", what)
		panic("unreachable")
	}
}

// supervise runs one child in a role and returns what it tells, the names of those that ended, and how
// to stop the supervisor.
func supervise(t *testing.T, role string, grace time.Duration) (children <-chan int, exits <-chan string, stop func()) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	names := make(chan string, 16)
	s, err := NewSupervisor(SupervisorConfig{
		Count: 1,
		Name:  func(i int) string { return "local/" + strconv.Itoa(i) },
		Command: func(int) *exec.Cmd {
			cmd := roleCommand(role)
			cmd.Stderr = w
			return cmd
		},
		OnExit:    func(name string) { names <- name },
		Grace:     grace,
		FirstWait: 10 * time.Millisecond,
		LastWait:  time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { s.Run(ctx) })
	stop = sync.OnceFunc(func() {
		cancel()
		running.Wait()
		w.Close()
		r.Close()
	})
	t.Cleanup(stop)
	return pids(t, r), names, stop
}

func TestKilledChildIsStartedAgain(t *testing.T) {
	children, exits, stop := supervise(t, "child", 10*time.Second)
	for range 3 {
		pid := within(t, "a child starts", children)
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		if name := within(t, "its end is told", exits); name != "local/0" {
			t.Errorf("told of %s", name)
		}
	}
	pid := within(t, "a child starts", children)
	began := time.Now()
	stop()
	if waited := time.Since(began); waited > 5*time.Second {
		t.Errorf("a child that listens took %v to stop", waited)
	}
	gone(t, pid)
	within(t, "its end is told", exits)
}

// A worker that is killed again and again while it works is back soon; one that cannot even start does not keep the
// machine busy.
func TestWaitBeforeTheNextStart(t *testing.T) {
	s, err := NewSupervisor(SupervisorConfig{Command: func(int) *exec.Cmd { return nil }, Name: strconv.Itoa})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		lived  []time.Duration
		longer time.Duration // than this is the last wait not
		sum    time.Duration // of all waits, at least
	}{
		"killed at work":       {slices.Repeat([]time.Duration{4 * time.Second}, 20), 5 * time.Second, 20 * time.Second},
		"crashes at its start": {slices.Repeat([]time.Duration{100 * time.Millisecond}, 20), 30 * time.Second, 6 * time.Minute},
		"mended after crashes": {append(slices.Repeat([]time.Duration{time.Second}, 20), 3*time.Second), 5 * time.Second, 0},
		"an old one dies":      {append(slices.Repeat([]time.Duration{time.Second}, 20), time.Hour), 500 * time.Millisecond, 0},
		"dies once":            {[]time.Duration{time.Second}, 500 * time.Millisecond, 500 * time.Millisecond},
	} {
		var wait, sum time.Duration
		for _, lived := range c.lived {
			wait = s.cfg.wait(wait, lived)
			sum += wait
		}
		if wait > c.longer || sum < c.sum {
			t.Errorf("%s: the last wait is %v, all are %v", name, wait, sum)
		}
	}
}

func TestDeafChildIsKilledAfterGrace(t *testing.T) {
	children, exits, stop := supervise(t, "deaf", 300*time.Millisecond)
	pid := within(t, "a child starts", children)
	began := time.Now()
	stop()
	if waited := time.Since(began); waited < 300*time.Millisecond || waited > 20*time.Second {
		t.Errorf("stopped after %v", waited)
	}
	gone(t, pid)
	within(t, "its end is told", exits)
}

func TestChildDiesWithAKilledSupervisor(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cmd := roleCommand("supervisor")
	cmd.Stderr = w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	child := within(t, "a child starts", pids(t, r))
	if child == cmd.Process.Pid {
		t.Fatal("the supervisor told its own id")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the supervisor ended in good order though killed")
	}
	gone(t, child)
}

// gone waits until no process has the id, or only a zombie that its new parent has not yet reaped.
func gone(t *testing.T, pid int) {
	t.Helper()
	eventually(t, "process "+strconv.Itoa(pid)+" is gone", func() bool {
		if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			return true
		}
		stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		return err != nil || zombie(stat)
	})
}

// zombie reads the state behind the command's name in /proc/PID/stat.
func zombie(stat []byte) bool {
	for i := len(stat) - 1; i >= 0; i-- {
		if stat[i] == ')' {
			return i+2 < len(stat) && stat[i+2] == 'Z'
		}
	}
	return false
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
		<-time.After(5 * time.Millisecond)
	}
}
