package confine

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
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
	mode   Mode
	report Report
	listen net.Listener // in our own network; nil where the cell has its own, until Start
	addr   string
	limits Limits
	given  atomic.Int64 // nanoseconds of processor time as it stands
	over   chan struct{}
	watch  sync.WaitGroup
}

// New makes a cell. With network the program can reach one address, [Cell.Addr], and whoever answers there listens on
// what Start returns. CodeConfig when mode requires what this machine cannot do.
func New(mode Mode, network bool) (*Cell, error) {
	c := &Cell{mode: mode, over: make(chan struct{})}
	if mode != Off {
		c.report = Probe()
		if mode == Require && len(c.report.Missing()) > 0 {
			return nil, lacking(c.report)
		}
	}
	if !network {
		return c, nil
	}
	if c.report.Namespace {
		c.addr = innerAddr
		return c, nil
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, referent.E(referent.CodeInternal, "confine: listen", err)
	}
	c.listen, c.addr = l, l.Addr().String()
	return c, nil
}

// Addr is the address that the program may reach, as host:port; "" without network.
func (c *Cell) Addr() string { return c.addr }

// Shared reports whether others of this machine can reach Addr as well.
func (c *Cell) Shared() bool { return !c.report.Namespace }

// Start starts cmd within limits and returns the listener at Addr, which the cell closes; nil without network. What
// cmd was to run, with which arguments and surroundings, is as the caller said. Errors: CodeFFmpegMissing when the
// program cannot be executed, CodeUnavailable when the confinement could not be made this time.
func (c *Cell) Start(cmd *exec.Cmd, limits Limits) (net.Listener, error) {
	c.limits = limits.withDefaults()
	c.given.Store(int64(c.limits.CPU))
	var err error
	if c.mode == Off {
		err = c.startPlain(cmd)
	} else {
		err = c.startConfined(cmd)
	}
	if err != nil {
		return nil, err
	}
	c.watch.Go(func() { c.mind(cmd.Process) })
	return c.listen, nil
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
		left := time.Duration(c.given.Load() - used.Nano())
		if left <= 0 {
			_ = p.Kill()
			return
		}
		select {
		case <-c.over:
			return
		case <-time.After(min(max(left/4, 50*time.Millisecond), 5*time.Second)):
		}
	}
}

const opStart = "confine: start program"

func missing(err error) error {
	return referent.E(referent.CodeFFmpegMissing, opStart, err).
		WithHint("ffmpeg is there but does not start; a script in its place needs confine: off")
}

func (c *Cell) startPlain(cmd *exec.Cmd) error {
	if err := cmd.Start(); err != nil {
		return missing(err)
	}
	var failed []error
	for resource, l := range c.limits.table() {
		failed = append(failed, unix.Prlimit(cmd.Process.Pid, resource, &l, nil))
	}
	// It may have ended already, and says why itself.
	if err := errors.Join(failed...); err != nil && !errors.Is(err, unix.ESRCH) {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return referent.E(referent.CodeInternal, opStart, err)
	}
	return nil
}

func (c *Cell) startConfined(cmd *exec.Cmd) error {
	ours, theirs, err := pair()
	if err != nil {
		return referent.E(referent.CodeInternal, opStart, err)
	}
	defer ours.Close()
	o := order{
		Program: cmd.Path, Args: cmd.Args, Landlock: c.report.Landlock, Seccomp: c.report.Seccomp,
		Namespace: c.report.Namespace, Listen: c.report.Namespace && c.addr != "", Limits: c.limits,
	}
	if c.listen != nil {
		o.Port = c.listen.Addr().(*net.TCPAddr).Port
	} else if c.addr != "" {
		o.Port = innerPort
	}
	err = o.prepare(cmd, theirs)
	if err == nil {
		err = cmd.Start()
	}
	theirs.Close()
	if err != nil {
		return referent.E(referent.CodeUnavailable, opStart, err)
	}
	l, err := o.await(ours)
	if err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return err
	}
	if l != nil {
		c.listen = l
	}
	return nil
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
	cmd.SysProcAttr = &syscall.SysProcAttr{}
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

// await reads what the start said: the listener, and nothing more where the program was executed.
func (o order) await(ours *net.UnixConn) (net.Listener, error) {
	if err := ours.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return nil, referent.E(referent.CodeInternal, opStart, err)
	}
	var l net.Listener
	var said strings.Builder
	buf, rights := make([]byte, 4096), make([]byte, unix.CmsgSpace(4))
	for {
		n, nr, _, _, err := ours.ReadMsgUnix(buf, rights)
		if nr > 0 {
			got, lerr := listenerOf(rights[:nr])
			if lerr != nil {
				return nil, referent.E(referent.CodeUnavailable, opStart, lerr)
			}
			l = got
			continue
		}
		said.Write(buf[:n])
		if n == 0 || err != nil {
			if err != nil && !errors.Is(err, io.EOF) {
				said.WriteString(tagPrepare + err.Error())
			}
			break
		}
	}
	text := said.String()
	switch {
	case text == "" && (l != nil || !o.Listen):
		return l, nil
	case l != nil:
		l.Close()
	}
	if why, ok := strings.CutPrefix(text, tagExec); ok {
		return nil, missing(errors.New(why))
	}
	return nil, referent.E(referent.CodeUnavailable, opStart, fmt.Errorf("could not be confined: %q", strings.TrimPrefix(text, tagPrepare)))
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

// Killed reports whether somebody else ended the program: the kernel for want of memory, or a person.
func Killed(ended *os.ProcessState) bool {
	if ended == nil {
		return false
	}
	status, ok := ended.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && (status.Signal() == unix.SIGKILL || status.Signal() == unix.SIGTERM || status.Signal() == unix.SIGINT)
}

func probe() Report {
	r := Report{Landlock: landlockVersion(), Seccomp: seccompWorks()}
	var reasons []string
	try := func(r Report) error {
		ours, theirs, err := pair()
		if err != nil {
			return err
		}
		defer ours.Close()
		o := order{Landlock: r.Landlock, Seccomp: r.Seccomp, Namespace: r.Namespace, Listen: r.Namespace, Port: innerPort, Limits: Limits{}.withDefaults()}
		cmd := &exec.Cmd{WaitDelay: time.Second, Env: []string{}}
		for _, e := range os.Environ() {
			if strings.HasPrefix(e, "LD_LIBRARY_PATH=") {
				cmd.Env = append(cmd.Env, e)
			}
		}
		err = o.prepare(cmd, theirs)
		if err == nil {
			err = cmd.Start()
		}
		theirs.Close()
		if err != nil {
			return err
		}
		l, err := o.await(ours)
		if err != nil {
			_ = cmd.Process.Kill()
		} else if l != nil {
			l.Close()
		}
		return errors.Join(err, cmd.Wait())
	}
	// One after the other is left out until it works, the namespace first: it is what containers forbid.
	for _, lesser := range []func(*Report){
		func(r *Report) { r.Namespace = true }, func(r *Report) { r.Namespace = false },
		func(r *Report) { r.Seccomp = false }, func(r *Report) { r.Landlock = 0 },
	} {
		lesser(&r)
		err := try(r)
		if err == nil {
			break
		}
		reasons = append(reasons, err.Error())
	}
	r.Reason = strings.Join(reasons, "; ")
	return r
}
