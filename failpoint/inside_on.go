//go:build failpoints

package failpoint

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"syscall"
)

func init() {
	if dir := os.Getenv("FAILPOINTS_INSIDE"); dir != "" {
		if os.Getenv("FAILPOINTS_HEAPS") != "" {
			runtime.MemProfileRate = 16 << 10 // the default, half a megabyte, does not show what leaks by kilobytes
		}
		asked := make(chan os.Signal, 1)
		signal.Notify(asked, syscall.SIGUSR1)
		go func() {
			for range asked {
				tellInside(filepath.Join(dir, fmt.Sprint(os.Getpid())))
			}
		}()
	}
}

// tellInside writes the heap's profile first: whoever sees the rest may read both.
func tellInside(path string) {
	runtime.GC() // pools keep what they have over one
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	var heap, stacks bytes.Buffer
	_ = pprof.Lookup("heap").WriteTo(&heap, 0) // a buffer takes everything
	_ = pprof.Lookup("goroutine").WriteTo(&stacks, 1)
	text, err := json.Marshal(Inside{runtime.NumGoroutine(), m.HeapAlloc, m.Sys - m.HeapReleased - m.BuckHashSys, stacks.String()})
	if err != nil {
		return
	}
	for ending, data := range map[string][]byte{".heap": heap.Bytes(), ".json.new": text} {
		if os.WriteFile(path+ending, data, 0o600) != nil {
			return
		}
	}
	_ = os.Rename(path+".json.new", path+".json")
}
