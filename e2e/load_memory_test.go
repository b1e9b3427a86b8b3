package e2e_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// memory watches how much of the machine's memory a process takes, while it runs.
type memory struct {
	pid  int
	once sync.Once
	stop chan struct{}
	seen chan []int // MB, when it has stopped
}

func watchMemory(t *testing.T, pid int) *memory {
	t.Helper()
	m := &memory{pid: pid, stop: make(chan struct{}), seen: make(chan []int, 1)}
	t.Cleanup(m.halt)
	go func() {
		var seen []int
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-m.stop:
				m.seen <- seen
				return
			case <-tick.C:
				if mb, err := m.read("VmRSS"); err == nil { // it may have just ended: end says so
					seen = append(seen, mb)
				}
			}
		}
	}()
	return m
}

// end stops watching. most is the most that the process ever had, as the kernel counts it; usual is the median of
// what was seen.
func (m *memory) end(t *testing.T) (most, usual int) {
	t.Helper()
	m.halt()
	seen := <-m.seen
	most, err := m.read("VmHWM")
	if err != nil || len(seen) == 0 {
		t.Fatalf("the server's memory: %d readings, %v", len(seen), err)
	}
	slices.Sort(seen)
	return most, seen[len(seen)/2]
}

func (m *memory) halt() { m.once.Do(func() { close(m.stop) }) }

// read reads a line of /proc/PID/status that is in kB, in MB of a million bytes.
func (m *memory) read(line string) (mb int, err error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", m.pid))
	if err != nil {
		return 0, err
	}
	_, after, found := strings.Cut(string(status), "\n"+line+":")
	value, _, _ := strings.Cut(strings.TrimSpace(after), " kB")
	kb, err := strconv.Atoi(value)
	if !found || err != nil {
		return 0, fmt.Errorf("no %s in the process's status", line)
	}
	return kb * 1024 / 1_000_000, nil
}

// needSpace fails the test with a plain word when the disk of dir has no room for so many bytes and what goes with
// them.
func needSpace(t *testing.T, dir string, bytes int64) {
	t.Helper()
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err != nil {
		t.Fatal(err)
	}
	need, free := bytes+bytes/20+1<<30, int64(disk.Bavail)*disk.Bsize
	if free < need {
		t.Fatalf("the recordings need %.1f GB on the disk of the temporary folder, and %.1f GB are free: set TMPDIR to a folder on a larger disk, or UPLOADS and MEGABYTES lower",
			float64(need)/1e9, float64(free)/1e9)
	}
}
