// Package confine starts a program that reads hostile bytes, which is ffmpeg, so that it can do nothing but that: read
// its input, and write to the pipes that it was given.
//
// The program is started through this very binary, which is started again under another name (see init), takes the
// rights from itself and then becomes the program. On Linux it has
//
//   - no network but one address: it lies in a network namespace of its own, where the only listener is the one that is
//     handed back to who started it. Where namespaces are not to be had, Landlock leaves it one TCP port;
//   - no file but the program, its libraries and what those need, to be read only, and none to be written (Landlock);
//   - no other process: it can start none, and signal, trace or read none (seccomp, Landlock);
//   - no system call that a decoder has no use for (seccomp), no new privileges and no capabilities;
//   - bounded memory, processor time, open files and, in a namespace, threads.
//
// Limits hold everywhere on Linux; the rest where the kernel has it ([Probe]). What is not here: for how long it may run by
// the clock, and what its end means.
package confine

import (
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/referent/referent"
)

// Mode is how much of it must be had.
type Mode string

// The modes; "" is Auto.
const (
	Auto    Mode = "auto"    // what the machine can do
	Require Mode = "require" // all that matters, or nothing is started
	Off     Mode = "off"     // limits alone
)

// Modes are all of them.
var Modes = []Mode{Auto, Require, Off}

// Limits bound the program.
type Limits struct {
	Memory  uint64        // bytes of its own; 0: a GiB
	CPU     time.Duration // of processor time to begin with; [Cell.Extend] adds to it. 0: a minute
	MostCPU time.Duration // that it can be extended to; 0: as CPU
}

func (l Limits) withDefaults() Limits {
	if l.Memory == 0 {
		l.Memory = 1 << 30
	}
	if l.CPU <= 0 {
		l.CPU = time.Minute
	}
	l.MostCPU = max(l.CPU, l.MostCPU)
	return l
}

// Report is what of the confinement this machine can do.
type Report struct {
	Landlock  int  // the kernel's version of its interface, 0: none. 4 knows TCP ports, 6 signals
	Seccomp   bool // system calls can be filtered
	Namespace bool // a network of its own
	Plain     bool // nothing at all: not even this binary can be started again to execute the program
	Reason    string
}

// The names of what can be missing, as doctor and log show them.
const (
	partFiles   = "files"
	partCalls   = "calls"
	partNetwork = "network"
)

// Missing are the parts that do not hold here: files, calls, network.
func (r Report) Missing() []string {
	var m []string
	if r.Landlock < 1 {
		m = append(m, partFiles)
	}
	if !r.Seccomp {
		m = append(m, partCalls)
	}
	// Without the filter other kinds of sockets are open, whatever Landlock says of TCP.
	if !r.Namespace && (r.Landlock < 4 || !r.Seccomp) {
		m = append(m, partNetwork)
	}
	return m
}

func (r Report) String() string {
	var has []string
	if r.Landlock > 0 {
		has = append(has, fmt.Sprintf("Landlock %d", r.Landlock))
	}
	if r.Seccomp {
		has = append(has, "seccomp")
	}
	if r.Namespace {
		has = append(has, "network namespace")
	}
	if len(has) == 0 {
		return "-"
	}
	return strings.Join(has, ", ")
}

// Probe tries what works here for program, a path, by starting this binary again; "" tries what needs no program. What
// works is remembered as long as the program is the same; where something is missing it is looked for again after a
// minute, as that can be the moment's fault.
var Probe = func(program string) Report { return found.of(program) }

var found = findings{known: map[string]finding{}}

type findings struct {
	mu    sync.Mutex
	known map[string]finding
}

type finding struct {
	Report
	program os.FileInfo // nil without one
	until   time.Time   // zero: for good
}

func (f *findings) of(program string) Report {
	f.mu.Lock()
	defer f.mu.Unlock()
	info, err := os.Stat(program)
	if err != nil {
		info = nil
	}
	k, ok := f.known[program]
	same := info == nil && k.program == nil ||
		info != nil && k.program != nil && os.SameFile(info, k.program) && info.ModTime().Equal(k.program.ModTime())
	if ok && same && (k.until.IsZero() || time.Now().Before(k.until)) {
		return k.Report
	}
	k = finding{Report: probe(program), program: info}
	if !k.Namespace || len(k.Missing()) > 0 {
		k.until = time.Now().Add(time.Minute)
	}
	f.known[program] = k
	return k.Report
}

// Check says whether mode can be kept with program, a path or what is looked up in PATH: CodeConfig when it requires
// what this machine cannot do. In Auto what is missing is told to log, which may be nil.
func Check(mode Mode, program string, log *slog.Logger) error {
	if mode == Off {
		if log != nil {
			log.Warn("ffmpeg is not confined: confine is off")
		}
		return nil
	}
	path, err := exec.LookPath(program)
	if err != nil {
		path = "" // that it is not there is told when it is needed
	}
	r := Probe(path)
	missing := r.Missing()
	if len(missing) == 0 {
		return nil
	}
	if mode == Require {
		return lacking(r)
	}
	if log != nil {
		log.Warn("ffmpeg is not fully confined on this machine", "missing", strings.Join(missing, ", "), "has", r.String(), "reason", r.Reason)
	}
	return nil
}

func lacking(r Report) error {
	return referent.E(referent.CodeConfig, "confine: check machine",
		fmt.Errorf("cannot confine %s here (has %s): %s", strings.Join(r.Missing(), ", "), r, r.Reason)).
		WithHint("use a kernel with Landlock and seccomp, let the service make user namespaces, or set confine to auto")
}
