package confine

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/referent/referent"
)

// Cell is where one program runs. It is for one Start, and to be closed when the program has ended.
type Cell struct {
	mode    Mode
	report  Report
	network bool
	shared  bool
	listen  net.Listener
	limits  Limits
	given   atomic.Int64  // nanoseconds of processor time as it stands
	held    atomic.Uint64 // the most bytes of memory that it was seen to hold
	over    chan struct{}
	watch   sync.WaitGroup
}

// New makes a cell for program, a path. With network the program can reach one address, and whoever answers there
// listens on what Start returns. CodeConfig when mode requires what this machine cannot do for it.
func New(mode Mode, program string, network bool) (*Cell, error) {
	c := &Cell{mode: mode, network: network, over: make(chan struct{})}
	if mode != Off {
		c.report = Probe(program)
		if mode == Require && len(c.report.Missing()) > 0 {
			return nil, lacking(c.report)
		}
	}
	return c, nil
}

// Shared reports whether others of this machine can reach the program's address as well, once it is started.
func (c *Cell) Shared() bool { return c.shared }

// Start starts what fresh makes, within limits, and returns the listener at the address that fresh was told, as
// host:port, which the cell closes; nil and "" without network. Where it need not be confined, what cannot be done this
// time is left out, and fresh is asked again. Errors: CodeFFmpegMissing when the program cannot be executed,
// CodeWorkerLost when it could not be confined as it must this time.
func (c *Cell) Start(fresh func(addr string) *exec.Cmd, limits Limits) (*exec.Cmd, net.Listener, error) {
	c.limits = limits.withDefaults()
	c.given.Store(int64(c.limits.CPU))
	var err error
	for _, r := range c.ways() {
		var cmd *exec.Cmd
		if cmd, err = c.try(r, fresh); err == nil {
			c.watch.Go(func() { c.mind(cmd.Process) })
			return cmd, c.listen, nil
		}
	}
	return nil, nil, err
}

// ways are what is tried, one after the other.
func (c *Cell) ways() []Report {
	plain := Report{Plain: true}
	switch {
	case c.mode == Require:
		return []Report{c.report}
	case c.mode == Off || c.report.Plain:
		return []Report{plain}
	case !c.report.Namespace:
		return []Report{c.report, plain}
	}
	lesser := c.report
	lesser.Namespace = false
	return []Report{c.report, lesser, plain}
}

func (c *Cell) try(r Report, fresh func(string) *exec.Cmd) (*exec.Cmd, error) {
	addr := ""
	if c.network {
		addr = innerAddr
		if !r.Namespace {
			if c.listen == nil {
				l, err := net.Listen("tcp4", "127.0.0.1:0")
				if err != nil {
					return nil, referent.E(referent.CodeInternal, "confine: listen", err)
				}
				c.listen = l
			}
			addr = c.listen.Addr().String()
		}
	}
	c.shared = !r.Namespace
	cmd := fresh(addr)
	cmd.SysProcAttr = attributes()
	if r.Plain {
		return cmd, c.startPlain(cmd)
	}
	return cmd, c.startConfined(cmd, r)
}

// Close gives back what the cell holds.
func (c *Cell) Close() {
	close(c.over)
	c.watch.Wait()
	if c.listen != nil {
		c.listen.Close()
	}
}

// mind ends a process that has used up its time. The kernel's own limit cannot follow what is given later and yet hold
// against a program that ignores its signal.
func (c *Cell) mind(p *os.Process) {
	// The clock of a process's processor time, as clock_getcpuclockid makes it.
	clock := int32(^p.Pid<<3 | 2)
	for {
		var used unix.Timespec
		if unix.ClockGettime(clock, &used) != nil {
			return // it has ended
		}
		c.held.Store(max(c.held.Load(), holds(p.Pid)))
		left := time.Duration(c.given.Load() - used.Nano())
		if left <= 0 {
			_ = p.Kill()
			return
		}
		select {
		case <-c.over:
			return
		case <-time.After(min(max(left/4, 50*time.Millisecond), 200*time.Millisecond)):
		}
	}
}

// holds is the most bytes of memory that a process has held; 0: not known.
func holds(pid int) uint64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(b), "\nVmHWM:")
	line, _, _ := strings.Cut(rest, "\n")
	kib, err := strconv.ParseUint(strings.TrimSuffix(strings.TrimSpace(line), " kB"), 10, 64)
	if err != nil {
		return 0
	}
	return kib << 10
}

const opStart = "confine: start program"

func missing(err error) error {
	return referent.E(referent.CodeFFmpegMissing, opStart, err).WithHint("ffmpeg is there but does not start")
}

// lost is a start that failed for a reason of this moment. It counts as an attempt, so that it is not made for ever.
func lost(err error) error {
	return referent.E(referent.CodeWorkerLost, opStart, err).WithHint("the machine could not confine ffmpeg this time")
}

func (c *Cell) startPlain(cmd *exec.Cmd) error {
	if err := cmd.Start(); err != nil {
		return missing(err)
	}
	// A limit that cannot be set, of a program that has other rights than ours, or has ended, is no reason not to decode.
	for resource, l := range c.limits.table() {
		var now unix.Rlimit
		if unix.Prlimit(cmd.Process.Pid, resource, nil, &now) == nil {
			l = within(l, now)
			_ = unix.Prlimit(cmd.Process.Pid, resource, &l, nil)
		}
	}
	return nil
}

func (c *Cell) startConfined(cmd *exec.Cmd, r Report) error {
	o := order{
		Program: cmd.Path, Args: cmd.Args, Landlock: r.Landlock, Seccomp: r.Seccomp,
		Namespace: r.Namespace, Listen: r.Namespace && c.network, Limits: c.limits,
	}
	if o.Listen {
		o.Port = innerPort
	} else if c.listen != nil {
		o.Port = c.listen.Addr().(*net.TCPAddr).Port
	}
	l, _, err := o.start(cmd, patience)
	if l != nil {
		c.listen = l
	}
	return err
}

// start starts this binary again with o, and waits until it has said all that it says: the listener, and an answer.
func (o order) start(cmd *exec.Cmd, within time.Duration) (l net.Listener, said string, err error) {
	ours, theirs, err := pair()
	if err != nil {
		return nil, "", lost(err)
	}
	defer ours.Close()
	err = o.prepare(cmd, theirs)
	if err == nil {
		err = cmd.Start()
	}
	theirs.Close()
	if err != nil {
		return nil, "", lost(err)
	}
	if l, said, err = o.await(ours, within); err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	return l, said, err
}

// attributes are what every process of ours has: what is typed at the terminal does not reach it, and it ends with us.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: unix.SIGKILL}
}

// prepare makes cmd start this binary again, in the namespaces that o asks for.
func (o order) prepare(cmd *exec.Cmd, theirs *os.File) error {
	if len(cmd.ExtraFiles) > 0 {
		return errors.New("the program cannot be given further files")
	}
	said, err := json.Marshal(o)
	if err != nil {
		return err
	}
	cmd.Path, cmd.Args = "/proc/self/exe", []string{ownName, string(said)}
	cmd.ExtraFiles = []*os.File{theirs}
	cmd.SysProcAttr = attributes()
	if o.Namespace {
		// Root within, so that it can bring up its loopback interface; outside it stays who we are.
		cmd.SysProcAttr.Cloneflags = unix.CLONE_NEWUSER | unix.CLONE_NEWNET | unix.CLONE_NEWIPC
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}}
	}
	return nil
}

// patience is how long our own part before the program may take, on a machine that is busy.
const patience = 30 * time.Second

// await reads what the start said until it says no more: the listener, an answer, and at the very end that the program
// is about to be executed. Nothing may come after that.
func (o order) await(ours *net.UnixConn, within time.Duration) (l net.Listener, said string, err error) {
	defer func() {
		if err != nil && l != nil {
			l.Close()
			l = nil
		}
	}()
	if err := ours.SetReadDeadline(time.Now().Add(within)); err != nil {
		return nil, "", lost(err)
	}
	ready := false
	buf, rights := make([]byte, 4096), make([]byte, unix.CmsgSpace(4))
	for {
		n, nr, _, _, err := ours.ReadMsgUnix(buf, rights)
		text := string(buf[:max(n, 0)])
		switch why, refusedExec := strings.CutPrefix(text, tagExec); {
		case err != nil && !errors.Is(err, io.EOF):
			return l, "", lost(err)
		case err != nil || n == 0:
			if !ready || o.Listen && l == nil {
				return l, "", lost(errors.New("it ended before it was ready"))
			}
			return l, said, nil
		case nr > 0:
			if l, err = listenerOf(rights[:nr]); err != nil {
				return nil, "", lost(err)
			}
		case refusedExec:
			return l, "", missing(errors.New(why))
		case strings.HasPrefix(text, tagPrepare):
			return l, "", lost(fmt.Errorf("could not be confined: %q", text[len(tagPrepare):]))
		case text == tagReady:
			ready = true
		default:
			said += text
		}
	}
}

func listenerOf(rights []byte) (net.Listener, error) {
	messages, err := unix.ParseSocketControlMessage(rights)
	if err != nil || len(messages) != 1 {
		return nil, fmt.Errorf("%d messages: %w", len(messages), err)
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil || len(fds) != 1 {
		return nil, fmt.Errorf("%d descriptors: %w", len(fds), err)
	}
	f := os.NewFile(uintptr(fds[0]), "listener")
	defer f.Close()
	return net.FileListener(f)
}

// pair is a socket of ours and one for the child, which ends when the child executes another program.
func pair() (*net.UnixConn, *os.File, error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	theirs := os.NewFile(uintptr(fds[1]), "to the starter")
	f := os.NewFile(uintptr(fds[0]), "from the child")
	defer f.Close()
	ours, err := net.FileConn(f)
	if err != nil {
		theirs.Close()
		return nil, nil, err
	}
	return ours.(*net.UnixConn), theirs, nil
}

// Extend lets the program use that much processor time in all, if it is more than it has and no more than MostCPU.
func (c *Cell) Extend(to time.Duration) {
	if to = min(to, c.limits.MostCPU); int64(to) > c.given.Load() {
		c.given.Store(int64(to))
	}
}

// Overspent reports whether a program that has ended used up its processor time.
func (c *Cell) Overspent(ended *os.ProcessState) bool {
	return ended != nil && int64(ended.UserTime()+ended.SystemTime()) >= c.given.Load()
}

// Starved reports whether a program that has ended held about as much memory as it may. Less, and it was the machine
// that had no more.
func (c *Cell) Starved(ended *os.ProcessState) bool {
	near := c.limits.Memory / 4 * 3
	if c.held.Load() >= near {
		return true
	}
	// The kernel counts what we hold as the program's, from between its fork and its start: it says something only while
	// we hold less.
	var us unix.Rusage
	if ended == nil || unix.Getrusage(unix.RUSAGE_SELF, &us) != nil || uint64(us.Maxrss)<<10 >= near {
		return false
	}
	theirs, ok := ended.SysUsage().(*syscall.Rusage)
	return ok && uint64(theirs.Maxrss)<<10 >= near
}

// Killed reports whether somebody else ended the program: the kernel for want of memory, or a person. Signals that a
// program earns by what it does are its own.
func Killed(ended *os.ProcessState) bool {
	if ended == nil {
		return false
	}
	status, ok := ended.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() {
		return false
	}
	switch status.Signal() {
	case unix.SIGSEGV, unix.SIGABRT, unix.SIGBUS, unix.SIGILL, unix.SIGFPE, unix.SIGSYS, unix.SIGTRAP, unix.SIGPIPE, unix.SIGXFSZ:
		return false
	}
	return true
}
