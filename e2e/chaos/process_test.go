package chaos

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is one that is started again whenever it is gone, as systemd would.
type process struct {
	name  string
	make  func() *exec.Cmd
	heard func(out io.Reader) // what it says on standard output, which goes to its log too; nil: nobody listens
	pause time.Duration       // before it is started again
	log   io.Writer

	mu      sync.Mutex
	cmd     *exec.Cmd
	started time.Time // the last time
	held    bool      // it is not started again
	stopped bool      // and never will be
}

// keep returns when the process has been stopped.
func (p *process) keep() {
	runtime.LockOSThread() // the signal at the parent's death is for that of the thread
	for {
		cmd, out, stopped := p.start()
		if stopped {
			return
		}
		if cmd == nil {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		if out != nil {
			out = io.TeeReader(out, p.log)
			p.heard(out)
			_, _ = io.Copy(io.Discard, out)
		}
		_ = cmd.Wait()
		p.mu.Lock()
		p.cmd = nil
		p.mu.Unlock()
		time.Sleep(p.pause)
	}
}

func (p *process) start() (cmd *exec.Cmd, out io.Reader, stopped bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped || p.held {
		return nil, nil, p.stopped
	}
	cmd = p.make()
	cmd.Stderr, cmd.SysProcAttr = p.log, &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var err error
	if p.heard != nil {
		out, err = cmd.StdoutPipe()
	}
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		fmt.Fprintf(p.log, "chaos: %s not started: %v\n", p.name, err)
		return nil, nil, false
	}
	p.cmd, p.started = cmd, time.Now()
	return cmd, out, false
}

// pid is 0 while there is none.
func (p *process) pid() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		return 0
	}
	return p.cmd.Process.Pid
}

// kill is kill -9. false: there is nobody.
func (p *process) kill() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cmd != nil && p.cmd.Process.Kill() == nil
}

func (p *process) startedAt() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.started
}

// hold keeps it from being started again, or lets it be.
func (p *process) hold(held bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = held
}

func (p *process) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopped = true
	if p.cmd != nil {
		_ = p.cmd.Process.Signal(syscall.SIGCONT)
		_ = p.cmd.Process.Kill()
	}
}

// children are the processes that it has started.
func (p *process) children() (pids []int) {
	parent := strconv.Itoa(p.pid())
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		data, err := os.ReadFile(path)
		if err != nil {
			continue // it ended meanwhile
		}
		fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
		if len(fields) > 1 && fields[1] == parent && fields[0] != "Z" {
			if pid, err := strconv.Atoi(strings.Split(path, "/")[2]); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

func within(limit time.Duration, ok func() bool) bool {
	for end := time.Now().Add(limit); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			return false
		}
	}
	return true
}
