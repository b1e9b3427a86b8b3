package bench

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// Command is one way of recognising the recording.
type Command struct {
	Name string
	Args []string // program first
	Env  []string // beside this process's own
	// First finds, in a line of the standard output, a sign that the first text is there; nil: the first
	// line that holds anything.
	First func(line string) bool
	// Words gives the words that a finished run recognised; stdout is all that it printed.
	Words func(stdout []byte) (string, error)
	// Loaded tells from a line of the standard output how long loading took, in seconds, for a program
	// whose users keep it running; it is reported apart. nil: it is not known.
	Loaded func(line string) (seconds float64, ok bool)
}

// Run is what one run took.
type Run struct {
	Wall   float64 `json:"wall"`             // seconds
	CPU    float64 `json:"cpu"`              // seconds of all its processes
	Peak   int64   `json:"peak"`             // bytes of resident memory of all its processes together, at the most
	Most   int64   `json:"most"`             // bytes that the largest of its processes held, at the most
	First  float64 `json:"first"`            // seconds until the first text; 0: none came before the end
	Loaded float64 `json:"loaded,omitempty"` // seconds of Wall that loading took
	Memory []int64 `json:"memory,omitempty"` // resident bytes of its processes together, every SampleEvery
	Words  string  `json:"-"`
}

// SampleEvery is how often memory is looked at.
const SampleEvery = 250 * time.Millisecond

// Measure runs c to its end. A run that fails gives the end of what it said on standard error.
func Measure(ctx context.Context, c Command) (Run, error) {
	cmd := exec.CommandContext(ctx, c.Args[0], c.Args[1:]...)
	cmd.Env = append(cmd.Environ(), c.Env...)
	// A group of its own, so that all of it can be ended.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = 20 * time.Second
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return Run{}, err
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return Run{}, fmt.Errorf("bench: start %s: %w", c.Name, err)
	}
	var r Run
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() { r.Memory = watch(cmd.Process.Pid, done) })
	stdout, err := listen(pipe, func(line string) {
		if r.First == 0 && (c.First == nil && line != "" || c.First != nil && c.First(line)) {
			r.First = time.Since(began).Seconds()
		}
		if c.Loaded != nil {
			if s, ok := c.Loaded(line); ok {
				r.Loaded = s
			}
		}
	})
	waited := cmd.Wait()
	r.Wall = time.Since(began).Seconds()
	close(done)
	watching.Wait()
	if err := errors.Join(err, waited); err != nil {
		said := complaint.Bytes()
		return Run{}, fmt.Errorf("bench: run %s: %w: %s", c.Name, err, said[max(0, len(said)-400):])
	}
	// What a process used comes with what its own waited-for children used.
	usage := cmd.ProcessState
	r.CPU = (usage.UserTime() + usage.SystemTime()).Seconds()
	if u, ok := usage.SysUsage().(*syscall.Rusage); ok {
		r.Most = u.Maxrss << 10 // of the process or of one it waited for
	}
	for _, m := range r.Memory {
		r.Peak = max(r.Peak, m)
	}
	if c.Words != nil {
		if r.Words, err = c.Words(stdout); err != nil {
			return Run{}, fmt.Errorf("bench: read words of %s: %w", c.Name, err)
		}
	}
	return r, nil
}

// listen hands over each line as it comes, and keeps all of them.
func listen(pipe io.Reader, line func(string)) ([]byte, error) {
	var all bytes.Buffer
	lines := bufio.NewReader(pipe)
	for {
		l, err := lines.ReadString('\n')
		all.WriteString(l)
		if l != "" {
			line(trimmed(l))
		}
		if err == io.EOF {
			return all.Bytes(), nil
		}
		if err != nil {
			return all.Bytes(), err
		}
	}
}

func trimmed(l string) string { return string(bytes.TrimSpace([]byte(l))) }
