package bench

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// watch samples the resident memory of a process and all that descend from it, until done.
func watch(root int, done <-chan struct{}) []int64 {
	var samples []int64
	tick := time.NewTicker(SampleEvery)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return samples
		case <-tick.C:
			if m := resident(root); m > 0 {
				samples = append(samples, m)
			}
		}
	}
}

// resident sums the resident bytes of root and its descendants. Pages they share count once for each:
// the sum is never too low.
func resident(root int) int64 {
	children := map[int][]int{}
	paths, _ := filepath.Glob("/proc/[0-9]*/stat") // a bad pattern is the only error
	for _, p := range paths {
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(p)))
		if err != nil {
			continue
		}
		raw, err := os.ReadFile(p)
		if err != nil {
			continue // it has ended
		}
		// The name, in parentheses, may hold anything; the parent is the second field after it.
		fields := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:]))
		if len(fields) < 2 {
			continue
		}
		if parent, err := strconv.Atoi(fields[1]); err == nil {
			children[parent] = append(children[parent], pid)
		}
	}
	var sum func(pid int) int64
	sum = func(pid int) int64 {
		total := residentOf(pid)
		for _, c := range children[pid] {
			total += sum(c)
		}
		return total
	}
	return sum(root)
}

func residentOf(pid int) int64 {
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(raw))
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}
