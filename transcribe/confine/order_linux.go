package confine

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"strconv"
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

// What a start says begins with one of them.
const (
	tagReady   = "ready"    // all is done but to execute the program
	tagExec    = "exec:"    // the program could not be executed
	tagPrepare = "prepare:" // the confinement could not be made
)

// order is what the binary does when it is started again.
type order struct {
	Ask       bool   // says what the kernel has, and ends
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
	if o.Ask {
		has, _ := json.Marshal(means{landlockVersion(), seccompWorks()}) // a number and a truth
		say(string(has))
		say(tagReady)
		os.Exit(0)
	}
	if err == nil {
		err = o.confine()
	}
	switch {
	case err != nil:
		say(tagPrepare + err.Error())
	case o.Program == "":
		say(tagReady)
		os.Exit(0)
	default:
		env := os.Environ()
		say(tagReady)
		err = unix.Exec(o.Program, o.Args, env)
		say(tagExec + err.Error())
	}
	os.Exit(1)
}

func say(text string) { _ = unix.Sendto(starter, []byte(text), 0, nil) }

// confine takes all rights from this thread but those that the program needs. What needs rights comes first.
func (o order) confine() error {
	if err := keepFrom(); err != nil {
		return fmt.Errorf("keep descriptors: %w", err)
	}
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
	// Last but for the filter: we ourselves must not meet them.
	limits := o.Limits.table()
	if o.Namespace && countsThreads() {
		// Counted within the namespace alone; outside, the threads of all of this user's processes would count.
		limits[unix.RLIMIT_NPROC] = unix.Rlimit{Cur: threads, Max: threads}
	}
	for resource, l := range limits {
		var now unix.Rlimit
		if err := unix.Getrlimit(resource, &now); err != nil {
			return fmt.Errorf("get limit %d: %w", resource, err)
		}
		l = within(l, now)
		if err := unix.Setrlimit(resource, &l); err != nil {
			return fmt.Errorf("set limit %d: %w", resource, err)
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
	threads = 256 // a decoder has a handful, its libraries one for each core at most
	files   = 64
	mapped  = 4 << 30 // bytes of address space beside its memory: libraries and stacks that nobody touches count
)

// table is the limits as the kernel knows them.
func (l Limits) table() map[int]unix.Rlimit {
	all := func(n uint64) unix.Rlimit { return unix.Rlimit{Cur: n, Max: n} }
	return map[int]unix.Rlimit{
		unix.RLIMIT_FSIZE:  all(0), // pipes and sockets are not files
		unix.RLIMIT_CORE:   all(0),
		unix.RLIMIT_DATA:   all(l.Memory),
		unix.RLIMIT_AS:     all(mapped + l.Memory),
		unix.RLIMIT_NOFILE: all(files),
		unix.RLIMIT_CPU:    all(uint64(l.MostCPU/time.Second) + 1), // for when nobody minds it any more (see mind)
	}
}

// within is the limit l, or what the system that now is leaves of it: who is not root cannot go beyond.
func within(l, now unix.Rlimit) unix.Rlimit {
	return unix.Rlimit{Cur: min(l.Cur, now.Max), Max: min(l.Max, now.Max)}
}

// countsThreads reports whether the kernel counts a user's threads by namespace, as it does since Linux 5.14.
func countsThreads() bool {
	var u unix.Utsname
	var major, minor int
	if unix.Uname(&u) != nil {
		return false
	}
	if n, _ := fmt.Sscanf(unix.ByteSliceToString(u.Release[:]), "%d.%d", &major, &minor); n != 2 {
		return false
	}
	return major > 5 || major == 5 && minor >= 14
}

// keepFrom lets the program have none of the descriptors that others of this process's threads or libraries left open.
func keepFrom() error {
	err := unix.CloseRange(starter, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC)
	if !errors.Is(err, unix.ENOSYS) && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.EPERM) {
		return err
	}
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return err
	}
	for _, e := range open {
		if fd, err := strconv.Atoi(e.Name()); err == nil && fd >= starter {
			unix.CloseOnExec(fd)
		}
	}
	return nil
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
