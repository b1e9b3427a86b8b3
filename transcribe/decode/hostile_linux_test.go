package decode_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/confine"
	"github.com/referent/referent/transcribe/decode"
)

// A recording that has taken over its decoder: the test's own program stands in ffmpeg's place, is given ffmpeg's
// arguments, and does what the recording says.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "-hide_banner" {
		possessed()
		os.Exit(0)
	}
	if len(os.Args) == 2 && os.Args[1] == "-version" {
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// spell is a recording that has the decoder do act.
func spell(act string, args ...string) []byte {
	return []byte("SPELL\n" + strings.Join(append([]string{act}, args...), "\n"))
}

func possessed() {
	var b []byte
	var err error
	switch url := os.Args[slices.Index(os.Args, "-i")+1]; url {
	case "pipe:0":
		b, err = io.ReadAll(os.Stdin)
	default:
		var answer *http.Response
		if answer, err = http.Get(url); err == nil {
			b, err = io.ReadAll(answer.Body)
			answer.Body.Close()
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	words := strings.Split(string(b), "\n")[1:]
	tell(acts[words[0]](words[1:]))
}

// tell hands what was found out, as sound of two seconds.
func tell(err error) {
	said := "done"
	if err != nil {
		said = err.Error()
	}
	os.Stdout.Write(append([]byte(said), make([]byte, 4*referent.SampleRate-len(said))...))
}

// told is what the sound says.
func told(samples []int16) string {
	var b strings.Builder
	for _, s := range samples {
		b.WriteByte(byte(s))
		b.WriteByte(byte(uint16(s) >> 8))
	}
	return strings.TrimRight(b.String(), "\x00")
}

func call(number uintptr, args ...uintptr) error {
	args = append(args, 0, 0, 0, 0, 0, 0)
	if _, _, errno := unix.Syscall6(number, args[0], args[1], args[2], args[3], args[4], args[5]); errno != 0 {
		return errno
	}
	return nil
}

func open(flags int) func([]string) error {
	return func(args []string) error {
		fd, err := unix.Open(args[0], flags, 0o600)
		if err == nil {
			unix.Close(fd)
		}
		return err
	}
}

func number(s string) uintptr {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(err)
	}
	return uintptr(n)
}

var acts = map[string]func([]string) error{
	"read":  open(unix.O_RDONLY),
	"write": open(unix.O_WRONLY | unix.O_CREAT),
	"list":  open(unix.O_RDONLY | unix.O_DIRECTORY),
	"connect": func(args []string) error {
		c, err := net.DialTimeout(args[0], args[1], 2*time.Second)
		if err == nil {
			c.Close()
		}
		return err
	},
	"socket": func(args []string) error {
		return call(unix.SYS_SOCKET, number(args[0]), number(args[1]), number(args[2]))
	},
	"listen": func([]string) error {
		l, err := net.Listen("tcp4", "127.0.0.1:0")
		if err == nil {
			l.Close()
		}
		return err
	},
	"run": func(args []string) error { return exec.Command(args[0]).Run() },
	"become": func(args []string) error {
		return unix.Exec(args[0], args, nil)
	},
	"fork": func([]string) error { return call(unix.SYS_CLONE, uintptr(unix.SIGCHLD)) },
	"fork, the new way": func([]string) error {
		args := [8]uint64{4: uint64(unix.SIGCHLD)}
		return call(unix.SYS_CLONE3, uintptr(unsafe.Pointer(&args)), unsafe.Sizeof(args))
	},
	"namespace": func([]string) error { return unix.Unshare(unix.CLONE_NEWUSER) },
	"signal":    func(args []string) error { return unix.Kill(int(number(args[0])), 0) },
	"signal a thread": func(args []string) error {
		return unix.Tgkill(int(number(args[0])), int(number(args[0])), 0)
	},
	"trace": func(args []string) error { return unix.PtraceAttach(int(number(args[0]))) },
	"limit another": func(args []string) error {
		return unix.Prlimit(int(number(args[0])), unix.RLIMIT_CORE, nil, &unix.Rlimit{})
	},
	"raise a limit": func([]string) error {
		return unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 1 << 20, Max: 1 << 20})
	},
	"read memory": func(args []string) error {
		_, err := unix.ProcessVMReadv(int(number(args[0])), nil, nil, 0)
		return err
	},
	"keys": func([]string) error {
		_, err := unix.KeyctlGetKeyringID(unix.KEY_SPEC_SESSION_KEYRING, true)
		return err
	},
	"bpf":           func([]string) error { return call(unix.SYS_BPF) },
	"io_uring":      func([]string) error { return call(unix.SYS_IO_URING_SETUP, 1) },
	"page faults":   func([]string) error { return call(unix.SYS_USERFAULTFD) },
	"memory file":   func([]string) error { _, err := unix.MemfdCreate("x", 0); return err },
	"mount":         func([]string) error { return unix.Mount("none", "/tmp", "tmpfs", 0, "") },
	"capabilities":  func([]string) error { return unix.Chroot("/tmp") },
	"what is newer": func([]string) error { return call(462) }, // mseal
	"open files": func([]string) error {
		for range 1000 {
			if _, err := unix.Dup(1); err != nil {
				return err
			}
		}
		return nil
	},
	"descriptor": func(args []string) error {
		_, err := unix.Pread(int(number(args[0])), make([]byte, 1), 0)
		return err
	},
	"threads": func(args []string) error {
		for range number(args[0]) {
			go func() {
				runtime.LockOSThread()
				time.Sleep(time.Minute)
			}()
		}
		time.Sleep(time.Second)
		return nil
	},
	"memory": func([]string) error {
		for held := 0; held < 4<<30; held += 64 << 20 {
			b, err := unix.Mmap(-1, 0, 64<<20, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
			if err != nil {
				fmt.Fprintln(os.Stderr, "Cannot allocate memory") // as ffmpeg says it
				os.Exit(1)
			}
			for i := 0; i < len(b); i += 4096 {
				b[i] = 1
			}
		}
		return nil
	},
	"spin": func([]string) error {
		for i := 0; ; i++ {
			runtime.KeepAlive(i)
		}
	},
	"spin on": func([]string) error {
		signal.Ignore(unix.SIGXCPU)
		for i := 0; ; i++ {
			runtime.KeepAlive(i)
		}
	},
	"sound without end": func([]string) error {
		block := make([]byte, 64<<10)
		for {
			if _, err := os.Stdout.Write(block); err != nil {
				os.Exit(1)
			}
		}
	},
	"words without end": func([]string) error {
		block := bytes.Repeat([]byte{'x'}, 64<<10)
		for {
			if _, err := os.Stderr.Write(block); err != nil {
				os.Exit(1)
			}
			time.Sleep(time.Millisecond)
		}
	},
	"stay": func([]string) error {
		signal.Ignore()
		time.Sleep(time.Minute)
		return nil
	},
	"end": func([]string) error { return unix.Tgkill(os.Getpid(), os.Getpid(), unix.SIGKILL) },
	"call as 32 bits": func([]string) error {
		if runtime.GOARCH != "amd64" {
			return unix.Tgkill(os.Getpid(), os.Getpid(), unix.SIGSEGV)
		}
		// getpid, by the interrupt of 32-bit programs: past filters that look at the number alone.
		code, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_WRITE|unix.PROT_EXEC, unix.MAP_ANON|unix.MAP_PRIVATE)
		if err != nil {
			return err
		}
		copy(code, []byte{0xb8, 20, 0, 0, 0, 0xcd, 0x80, 0xc3})
		at := &code[0]
		entry := &at
		(*(*func())(unsafe.Pointer(&entry)))()
		return nil
	},
}

func program(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return self
}

// arrive is decode.Stream over what b holds.
func arrive(ctx context.Context, b []byte, opt decode.Options) ([]int16, error) {
	var samples []int16
	in := bytes.NewReader(b)
	_, err := decode.Stream(ctx, func(_ context.Context, p []byte) (int, error) { return in.Read(p) }, opt,
		func(block []int16) error { samples = append(samples, block...); return nil })
	return samples, err
}

// The machines on which the confinement is tried: this one, and one that has no namespaces to give.
func machines(t *testing.T) map[string]func(*testing.T) {
	here := confine.Probe("")
	if missing := here.Missing(); len(missing) > 0 {
		t.Fatalf("this machine cannot confine %v: %s", missing, here.Reason)
	}
	lesser := here
	lesser.Namespace = false
	is := func(r confine.Report) func(*testing.T) {
		return func(t *testing.T) {
			kept := confine.Probe
			confine.Probe = func(string) confine.Report { return r }
			t.Cleanup(func() { confine.Probe = kept })
		}
	}
	all := map[string]func(*testing.T){"no namespace": is(lesser)}
	if here.Namespace {
		all["namespace"] = is(here)
	}
	return all
}

// What a decoder that was taken over tries, it is refused; and the recording is read as far as that goes.
func TestTakenOver(t *testing.T) {
	tcp, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close()
	path := filepath.Join(t.TempDir(), "socket")
	local, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer local.Close()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	// As a library in C opens files, or another thread between its fork and its exec.
	left, err := unix.Open("/etc/passwd", unix.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(left)
	const inherited = 40 // beyond what the program opens itself
	if err := unix.Dup2(left, inherited); err != nil {
		t.Fatal(err)
	}
	defer unix.Close(inherited)
	ours := strconv.Itoa(os.Getpid())
	const stream, datagram = "1", "2"
	tries := [][]string{
		{"read", "/etc/passwd"}, {"read", secret}, {"read", "/proc/self/environ"}, {"read", "/proc/" + ours + "/environ"},
		{"list", "/"}, {"list", "/tmp"}, {"write", filepath.Join(t.TempDir(), "new")}, {"write", secret}, {"write", "/dev/shm/new"},
		{"write", "/dev/null"}, {"memory file"},
		{"connect", "tcp4", tcp.Addr().String()}, {"connect", "tcp4", "192.0.2.1:443"}, {"connect", "unix", path},
		{"socket", "2", datagram, "0"}, {"socket", "2", stream, "262"}, {"socket", "10", stream, "0"}, {"socket", "16", "3", "0"},
		{"socket", "17", "3", "0"}, {"socket", "1", stream, "0"}, {"listen"},
		{"run", "/bin/true"}, {"become", "/bin/true"}, {"fork"}, {"fork, the new way"}, {"namespace"},
		{"signal", ours}, {"signal a thread", ours}, {"trace", ours}, {"limit another", ours}, {"read memory", ours},
		{"raise a limit"}, {"keys"}, {"bpf"}, {"io_uring"}, {"page faults"}, {"mount"}, {"capabilities"}, {"what is newer"}, {"open files"}, {"descriptor", strconv.Itoa(inherited)},
	}
	refusals := []error{unix.EBADF, unix.EPERM, unix.EACCES, unix.ENOSYS, unix.EMFILE, unix.ENETUNREACH, unix.ECONNREFUSED}
	for name, on := range machines(t) {
		t.Run(name, func(t *testing.T) {
			on(t)
			opt := decode.Options{FFmpeg: program(t), Confine: confine.Require}
			check := func(t *testing.T, try []string, samples []int16, err error) {
				t.Helper()
				if err != nil {
					t.Fatalf("not decoded: %v", err)
				}
				said := told(samples)
				if !slices.ContainsFunc(refusals, func(e error) bool { return strings.HasSuffix(said, e.Error()) }) {
					t.Errorf("%v: %q", try, said)
				}
			}
			for _, try := range tries {
				t.Run(strings.ReplaceAll(strings.Join(try, " "), "/", "|"), func(t *testing.T) {
					samples, _, err := run(t.Context(), spell(try[0], try[1:]...), opt)
					check(t, try, samples, err)
					samples, err = arrive(t.Context(), spell(try[0], try[1:]...), opt)
					check(t, try, samples, err)
				})
			}
			// As it would be without: the program does what it says it does.
			for _, try := range [][]string{{"read", "/etc/passwd"}, {"connect", "tcp4", tcp.Addr().String()}, {"connect", "unix", path}, {"run", "/bin/true"}, {"signal", ours}} {
				samples, _, err := run(t.Context(), spell(try[0], try[1:]...), decode.Options{FFmpeg: program(t), Confine: confine.Off})
				if err != nil || told(samples) != "done" {
					t.Errorf("unconfined, %v: %q, %v", try, told(samples), err)
				}
			}
		})
	}
}

// What takes too much is ended, and is the recording's fault and not the machine's.
func TestTakesTooMuch(t *testing.T) {
	for name, on := range machines(t) {
		t.Run(name, func(t *testing.T) {
			on(t)
			for _, tt := range []struct {
				act  string
				opt  decode.Options
				want referent.Code
			}{
				{"memory", decode.Options{}, referent.CodeAudioCostly},
				{"spin", decode.Options{CPU: time.Second}, referent.CodeAudioCostly},
				{"spin on", decode.Options{CPU: time.Second}, referent.CodeAudioCostly},
				{"sound without end", decode.Options{MaxDuration: 5}, referent.CodeAudioTooLong},
				{"words without end", decode.Options{Stall: time.Second, Timeout: 2 * time.Second}, referent.CodeTimeout},
				{"call as 32 bits", decode.Options{}, referent.CodeAudioUnreadable},
				{"end", decode.Options{}, referent.CodeWorkerLost},
			} {
				t.Run(tt.act, func(t *testing.T) {
					opt := tt.opt
					opt.FFmpeg, opt.Confine = program(t), confine.Require
					start := time.Now()
					samples, _, err := run(t.Context(), spell(tt.act), opt)
					if referent.CodeOf(err) != tt.want {
						t.Errorf("%q, %v", told(samples[:min(len(samples), 200)]), err)
					}
					if took := time.Since(start); took > 30*time.Second {
						t.Errorf("it went on for %v", took)
					}
					if tt.want == referent.CodeTimeout { // who listens decides for how long
						return
					}
					if _, err := arrive(t.Context(), spell(tt.act), opt); referent.CodeOf(err) != tt.want {
						t.Errorf("arriving: %v", err)
					}
				})
			}
		})
	}
}

// Threads are counted where the program has a namespace to itself; root's never are, so that it is another user who tries.
func TestTooManyThreads(t *testing.T) {
	if !confine.Probe("").Namespace {
		t.Skip("this machine gives no namespaces, so its threads are not counted")
	}
	if os.Getuid() == 0 {
		// Stacks are memory too, which must not be what is lacking.
		asNobody(t, "s 256", "^TestTooManyThreads$")
		return
	}
	const limit = 256
	for _, tt := range []struct {
		mode    confine.Mode
		threads int
		want    referent.Code
	}{{confine.Auto, limit / 2, ""}, {confine.Auto, limit + 16, referent.CodeWorkerLost}, {confine.Off, limit + 16, ""}} {
		samples, _, err := run(t.Context(), spell("threads", strconv.Itoa(tt.threads)), decode.Options{FFmpeg: program(t), Confine: tt.mode})
		if referent.CodeOf(err) != tt.want || err == nil && told(samples) != "done" {
			t.Errorf("%s, %d threads: %q, %v", tt.mode, tt.threads, told(samples), err)
		}
	}
}

// Signals that can be ignored are.
func TestHoldsOut(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(500*time.Millisecond, cancel)
	start := time.Now()
	_, _, err := run(ctx, spell("stay"), decode.Options{FFmpeg: program(t)})
	if referent.CodeOf(err) != referent.CodeCancelled || time.Since(start) > 10*time.Second {
		t.Errorf("%v after %v", err, time.Since(start))
	}
}

// A machine that cannot confine starts nothing where it must.
func TestRequired(t *testing.T) {
	kept := confine.Probe
	defer func() { confine.Probe = kept }()
	flac := ffmpeg(t, "x.flac")
	for name, r := range map[string]confine.Report{
		"nothing":         {},
		"no Landlock":     {Seccomp: true, Namespace: true},
		"an old Landlock": {Landlock: 3, Seccomp: true},
		"no system calls": {Landlock: 7, Namespace: true},
		"nor a namespace": {Landlock: 7},
	} {
		confine.Probe = func(string) confine.Report { return r }
		_, _, err := run(t.Context(), flac, decode.Options{Confine: confine.Require})
		if referent.CodeOf(err) != referent.CodeConfig || referent.HintOf(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
		if err := confine.Check(confine.Require, "ffmpeg", nil); referent.CodeOf(err) != referent.CodeConfig {
			t.Errorf("%s: %v", name, err)
		}
		// Where it need not, it is done with what there is.
		if samples, _, err := run(t.Context(), flac, decode.Options{}); err != nil || len(samples) < 10*referent.SampleRate {
			t.Errorf("%s: %d samples, %v", name, len(samples), err)
		}
		if samples, err := arrive(t.Context(), flac, decode.Options{}); err != nil || len(samples) < 10*referent.SampleRate {
			t.Errorf("%s, arriving: %d samples, %v", name, len(samples), err)
		}
	}
	confine.Probe = kept
	if samples, _, err := run(t.Context(), flac, decode.Options{Confine: confine.Off}); err != nil || len(samples) < 10*referent.SampleRate {
		t.Errorf("off: %d samples, %v", len(samples), err)
	}
}

// A script in ffmpeg's place is confined as far as it then still runs, or refused where all of it is required.
func TestScriptInItsPlace(t *testing.T) {
	script := filepath.Join(t.TempDir(), "ffmpeg")
	if err := os.WriteFile(script, []byte("#!/bin/sh\nexec ffmpeg \"$@\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	flac := ffmpeg(t, "x.flac")
	decodes(t, "script", flac, decode.Options{FFmpeg: script})
	if _, _, err := run(t.Context(), flac, decode.Options{FFmpeg: script, Confine: confine.Require}); referent.CodeOf(err) != referent.CodeConfig {
		t.Errorf("required: %v", err)
	}
}

func decodes(t *testing.T, what string, b []byte, opt decode.Options) {
	t.Helper()
	if samples, _, err := run(t.Context(), b, opt); err != nil || len(samples) < 10*referent.SampleRate {
		t.Errorf("%s: %d samples, %v", what, len(samples), err)
	}
	if samples, err := arrive(t.Context(), b, opt); err != nil || len(samples) < 10*referent.SampleRate {
		t.Errorf("%s, arriving: %d samples, %v", what, len(samples), err)
	}
}
