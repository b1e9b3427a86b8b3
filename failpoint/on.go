//go:build failpoints

package failpoint

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Enabled tells whether the program was built to fail.
const Enabled = true

var (
	folder = os.Getenv("FAILPOINTS")

	mu   sync.Mutex
	hits = map[string]int{} // of each file's text, which is never the same twice
)

// Hit is the step called name.
func Hit(name string) {
	if folder == "" {
		return
	}
	path := filepath.Join(folder, name)
	text, err := os.ReadFile(path)
	if err != nil {
		return
	}
	var do string
	var at int
	var arg time.Duration
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return
	}
	do = fields[0]
	if _, err := fmt.Sscan(fields[1], &at); err != nil {
		return
	}
	if len(fields) > 2 {
		arg, _ = time.ParseDuration(fields[2])
	}
	mu.Lock()
	hits[string(text)]++
	now := hits[string(text)]
	mu.Unlock()
	if now < at || os.Rename(path, path+".done") != nil {
		return
	}
	_ = os.WriteFile(path+".pid", fmt.Appendf(nil, "%d", os.Getpid()), 0o600)
	switch do {
	case "kill":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	case "stop":
		_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	case "hang":
		time.Sleep(arg)
	}
}

// Now is the time, wrong by as much as the folder's file clock says.
func Now() time.Time {
	now := time.Now()
	if folder == "" {
		return now
	}
	text, err := os.ReadFile(filepath.Join(folder, "clock"))
	if err != nil {
		return now
	}
	by, _ := time.ParseDuration(strings.TrimSpace(string(text)))
	return now.Add(by)
}
