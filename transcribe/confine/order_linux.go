package confine

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// ownName is what this binary is called when it is started again to be confined; nobody's shell does that.
const ownName = "referent: confined"

// The network of a cell is its own, so that any port is free.
const (
	innerPort = 1024
	innerAddr = "127.0.0.1:1024"
)

// What a start that failed says begins with one of them.
const (
	tagExec    = "exec:"    // the program could not be executed
	tagPrepare = "prepare:" // the confinement could not be made
)

// order is what the binary does when it is started again.
type order struct {
	Program   string // "" tries everything and ends
	Args      []string
	Landlock  int
	Seccomp   bool
	Namespace bool
	Listen    bool // at innerAddr, and hand the listener over
	Port      int  // that TCP may connect to; 0: none
	Limits    Limits
}

// starter is the descriptor of the socket to who started us.
const starter = 3

// init takes the place of a subcommand: it works in every program that this package is linked into, tests among them,
// and before anything else of it runs.
func init() {
	if len(os.Args) != 2 || os.Args[0] != ownName {
		return
	}
	runtime.LockOSThread() // what is taken from the thread that executes the program is taken from the program
	var o order
	err := json.Unmarshal([]byte(os.Args[1]), &o)
	if err == nil {
		err = o.confine()
	}
	switch {
	case err != nil:
		say(tagPrepare + err.Error())
	case o.Program == "":
		os.Exit(0)
	default:
		err = unix.Exec(o.Program, o.Args, os.Environ())
		say(tagExec + err.Error())
	}
	os.Exit(1)
}

func say(text string) { _ = unix.Sendto(starter, []byte(text), 0, nil) }

// confine takes all rights from this thread but those that the program needs. What needs rights comes first.
func (o order) confine() error {
	unix.CloseOnExec(starter)
	if o.Namespace {
		if err := loopback(); err != nil {
			return fmt.Errorf("bring up the loopback interface: %w", err)
		}
	}
	if o.Listen {
		if err := handListener(); err != nil {
			return fmt.Errorf("listen: %w", err)
		}
	}
	var filter []unix.SockFilter
	if o.Seccomp {
		var err error
		if filter, err = compile(o.Port != 0, os.Getpid()); err != nil {
			return fmt.Errorf("compile the filter: %w", err)
		}
	}
	readable, executable := needs(o.Program)
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("renounce privileges: %w", err)
	}
	// Root gets no capabilities back when it executes a program. Who may not set this has none.
	_ = unix.Prctl(unix.PR_SET_SECUREBITS, secureNoRoot, 0, 0, 0)
	if o.Landlock > 0 {
		if err := landlock(o.Landlock, readable, executable, o.Port); err != nil {
			return fmt.Errorf("landlock: %w", err)
		}
	}
	for resource, l := range o.Limits.table() {
		if err := unix.Setrlimit(resource, &l); err != nil {
			return fmt.Errorf("set limit %d: %w", resource, err)
		}
	}
	if o.Namespace {
		// Counted within the namespace alone; outside, the threads of all of this user's processes would count.
		if err := unix.Setrlimit(unix.RLIMIT_NPROC, &unix.Rlimit{Cur: threads, Max: threads}); err != nil {
			return fmt.Errorf("limit threads: %w", err)
		}
	}
	if o.Seccomp {
		if err := load(filter); err != nil {
			return fmt.Errorf("seccomp: %w", err)
		}
	}
	return nil
}

// secureNoRoot is SECBIT_NOROOT, its lock, and that capabilities cannot be kept or made ambient, locked as well.
const secureNoRoot = 0x1 | 0x2 | 0x20 | 0x40 | 0x80

const (
	threads = 64 // a decoder has a handful
	files   = 64
	mapped  = 4 << 30 // bytes of address space at least: libraries and stacks that nobody touches count
)

// table is the limits as the kernel knows them.
func (l Limits) table() map[int]unix.Rlimit {
	all := func(n uint64) unix.Rlimit { return unix.Rlimit{Cur: n, Max: n} }
	return map[int]unix.Rlimit{
		unix.RLIMIT_FSIZE:  all(0), // pipes and sockets are not files
		unix.RLIMIT_CORE:   all(0),
		unix.RLIMIT_DATA:   all(l.Memory),
		unix.RLIMIT_AS:     all(max(mapped, 2*l.Memory)),
		unix.RLIMIT_NOFILE: all(files),
		unix.RLIMIT_CPU:    all(uint64(l.MostCPU/time.Second) + 1), // for when nobody minds it any more (see mind)
	}
}

func loopback() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	lo.SetUint16(unix.IFF_UP | unix.IFF_LOOPBACK | unix.IFF_RUNNING)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo)
}

// handListener listens in this network and gives the socket to who started us: a socket stays in the network where it
// was made, whoever holds it.
func handListener() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return errors.Join(
		unix.Bind(fd, &unix.SockaddrInet4{Port: innerPort, Addr: [4]byte{127, 0, 0, 1}}),
		unix.Listen(fd, 16),
		unix.Sendmsg(starter, []byte{'l'}, unix.UnixRights(fd), nil, 0))
}
