package worker

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"time"

	"github.com/referent/referent"
)

// SupervisorConfig says which processes to keep alive. Zero durations mean the defaults.
type SupervisorConfig struct {
	Count int // of processes
	// Command makes the i'th process, not started. Its stdin is the supervisor's: end of file there
	// means that the server is gone ([UntilParentDies]). Its stderr, unless set, is this process's.
	Command func(i int) *exec.Cmd
	// Name is the i'th worker's Config.Name; OnExit gets it after the process ended, however it did,
	// and before it is started again, so that the server can free its leases at once. OnExit may be nil.
	Name   func(i int) string
	OnExit func(name string)

	Grace time.Duration // between being asked to stop and being killed; 15 s
	// A process that ended is started again after FirstWait (500 ms), doubled each time up to LastWait
	// (30 s). One that lived for Steady (2 s) was able to work, and is waited for no longer than SteadyWait
	// (5 s); one that lived for LastWait or longer starts from FirstWait again.
	FirstWait, LastWait, Steady, SteadyWait time.Duration
	Log                                     *slog.Logger
}

// Supervisor keeps local worker processes alive. A worker is always a process of its own: what it
// links can abort on a hostile file, and the server must live on.
type Supervisor struct{ cfg SupervisorConfig }

// NewSupervisor checks cfg.
func NewSupervisor(cfg SupervisorConfig) (*Supervisor, error) {
	if cfg.Count < 0 || cfg.Command == nil || cfg.Name == nil {
		return nil, referent.E(referent.CodeConfig, "worker: configure supervisor", errors.New("count, command and name are needed"))
	}
	orDefault(&cfg.Grace, 15*time.Second)
	orDefault(&cfg.FirstWait, 500*time.Millisecond)
	orDefault(&cfg.LastWait, 30*time.Second)
	orDefault(&cfg.Steady, 2*time.Second)
	orDefault(&cfg.SteadyWait, 5*time.Second)
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Supervisor{cfg}, nil
}

func orDefault(d *time.Duration, value time.Duration) {
	if *d <= 0 {
		*d = value
	}
}

// Run starts the processes and returns when ctx has ended and all of them have.
func (s *Supervisor) Run(ctx context.Context) {
	var all sync.WaitGroup
	for i := range s.cfg.Count {
		all.Go(func() { s.keep(ctx, i) })
	}
	all.Wait()
}

// keep runs one process after the other until ctx ends.
func (s *Supervisor) keep(ctx context.Context, i int) {
	name := s.cfg.Name(i)
	log := s.cfg.Log.With("worker", name)
	var wait time.Duration
	for ctx.Err() == nil {
		began := time.Now()
		err := s.runOnce(ctx, i, log)
		lived := time.Since(began)
		if s.cfg.OnExit != nil {
			s.cfg.OnExit(name)
		}
		if ctx.Err() != nil {
			log.Info("worker process stopped", "seconds", lived.Seconds())
			return
		}
		wait = s.cfg.wait(wait, lived)
		log.Warn("worker process ended", "seconds", lived.Seconds(), "error", err, "again_in", wait)
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// wait is how long after the death of a process that lived so long the next is started; last is the wait before it.
func (c *SupervisorConfig) wait(last, lived time.Duration) time.Duration {
	if lived >= c.LastWait {
		return c.FirstWait
	}
	most := c.LastWait
	if lived >= c.Steady {
		most = c.SteadyWait
	}
	return min(max(2*last, c.FirstWait), most)
}

// runOnce starts the process and waits for its end, which it brings about when ctx ends.
func (s *Supervisor) runOnce(ctx context.Context, i int, log *slog.Logger) error {
	const op = "worker: run worker process"
	// The kernel's parent-death signal follows the thread that made the process, not this process.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	cmd := s.cfg.Command(i)
	if cmd.Stderr == nil {
		cmd.Stderr = os.Stderr
	}
	leash, err := cmd.StdinPipe() // closed by the kernel when this process dies
	if err != nil {
		return referent.E(referent.CodeInternal, op, err)
	}
	bind(cmd)
	if err := cmd.Start(); err != nil {
		return referent.E(referent.CodeInternal, op, errors.Join(err, leash.Close()))
	}
	log.Info("worker process started", "pid", cmd.Process.Pid)
	ended := make(chan struct{})
	var stopping sync.WaitGroup
	stopping.Go(func() {
		select {
		case <-ended:
			return
		case <-ctx.Done():
		}
		askToStop(cmd)
		select {
		case <-ended:
		case <-time.After(s.cfg.Grace):
			log.Warn("worker process killed", "pid", cmd.Process.Pid)
			kill(cmd)
		}
	})
	err = await(cmd, func() {
		close(ended)
		stopping.Wait()
		kill(cmd) // what it started and left behind
	})
	if err != nil {
		return referent.E(referent.CodeWorkerLost, op, err)
	}
	return nil
}

// UntilParentDies is for a supervised worker process: the context ends when stdin reaches its end,
// which happens when the supervising server is gone, however it went. stop gives the context free; the
// reading goroutine ends with stdin.
func UntilParentDies(ctx context.Context, stdin io.Reader) (_ context.Context, stop context.CancelFunc) {
	ctx, stop = context.WithCancel(ctx)
	go func() {
		// Nothing is ever written there; any way the reading ends means the same.
		_, _ = io.Copy(io.Discard, stdin)
		stop()
	}()
	return ctx, stop
}
