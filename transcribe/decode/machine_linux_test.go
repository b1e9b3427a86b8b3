package decode_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/confine"
	"github.com/referent/referent/transcribe/decode"
)

// slowly gives the bytes of a recording so that its decoding lasts.
type slowly []byte

func (s slowly) ReadAt(p []byte, off int64) (int, error) {
	time.Sleep(5 * time.Millisecond)
	return bytes.NewReader(s).ReadAt(p[:min(len(p), 4096)], off)
}

// An ffmpeg that is asked to end writes what it has and ends in order: that is no shorter recording.
func TestAskedToEnd(t *testing.T) {
	flac := ffmpeg(t, "x.flac")
	for _, mode := range []confine.Mode{confine.Off, confine.Auto} {
		for _, sig := range []unix.Signal{unix.SIGTERM, unix.SIGINT, unix.SIGKILL} {
			n := 0
			var asked sync.Once
			_, err := decode.Decode(t.Context(), slowly(flac), int64(len(flac)), decode.Options{Confine: mode}, func(b []int16) error {
				if n += len(b); n > 2*referent.SampleRate {
					asked.Do(func() { endChildren(t, sig) })
				}
				time.Sleep(50 * time.Millisecond)
				return nil
			})
			if code := referent.CodeOf(err); code != referent.CodeWorkerLost || n < referent.SampleRate {
				t.Errorf("%s, %v after %d samples: %v", mode, sig, n, err)
			}
		}
	}
}

// endChildren sends sig to every ffmpeg that this process has, and checks that it has a group of its own.
func endChildren(t *testing.T, sig unix.Signal) {
	t.Helper()
	tasks, _ := filepath.Glob("/proc/self/task/*/children") // the pattern is right
	met := 0
	for _, task := range tasks {
		b, _ := os.ReadFile(task) // threads end
		for _, field := range bytes.Fields(b) {
			pid, err := strconv.Atoi(string(field))
			if err != nil {
				t.Fatal(err)
			}
			line, _ := os.ReadFile("/proc/" + string(field) + "/cmdline")
			if !bytes.Contains(line, []byte("-hide_banner")) {
				continue
			}
			if group, err := unix.Getpgid(pid); err != nil || group == unix.Getpgrp() {
				t.Errorf("ffmpeg is in our own process group: %v", err)
			}
			if err := unix.Kill(pid, sig); err == nil {
				met++
			}
		}
	}
	if met == 0 {
		t.Error("no ffmpeg was found to end")
	}
}

// Under limits that the service itself has, a recording is decoded as without confinement: as nobody, who cannot raise
// a limit, in a process of its own.
func TestOwnLimits(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("becomes another user, which only root can")
	}
	file := filepath.Join(t.TempDir(), "x.flac")
	if err := os.WriteFile(file, ffmpeg(t, "x.flac"), 0o644); err != nil {
		t.Fatal(err)
	}
	openWay(t, filepath.Dir(file))
	for _, limit := range []string{"n 48", "d 900000", "v 4000000", "t 50", "c 0", "f 0"} {
		for _, mode := range []confine.Mode{confine.Auto, confine.Off} {
			asNobody(t, limit, "^TestUnderLimits$", "DECODE_FILE="+file, "DECODE_MODE="+string(mode))
		}
	}
}

// openWay lets others into a temporary folder.
func openWay(t *testing.T, dir string) {
	t.Helper()
	for ; dir != os.TempDir(); dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// asNobody runs tests of this program in another process, which is nobody's, under a limit as ulimit takes it.
func asNobody(t *testing.T, limit, tests string, env ...string) {
	t.Helper()
	b, err := os.ReadFile(program(t))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	self := filepath.Join(dir, "test")
	if err := os.WriteFile(self, b, 0o755); err != nil {
		t.Fatal(err)
	}
	openWay(t, dir)
	cmd := exec.CommandContext(t.Context(), "sh", "-c", "ulimit -"+limit+" && exec \"$0\" -test.v -test.run \"$1\" -test.count=1", self, tests)
	cmd.Env = append(os.Environ(), env...)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	if out, err := cmd.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("--- PASS")) {
		t.Errorf("ulimit -%s, %v: %v\n%s", limit, env, err, out)
	}
}

// TestUnderLimits is what TestOwnLimits starts.
func TestUnderLimits(t *testing.T) {
	file := os.Getenv("DECODE_FILE")
	if file == "" {
		t.Skip("is a part of TestOwnLimits")
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	decodes(t, "under limits", b, decode.Options{Confine: confine.Mode(os.Getenv("DECODE_MODE"))})
}

// A confinement that cannot be made this time is left out; where it is required that is an attempt and no more.
func TestConfinementFails(t *testing.T) {
	kept := confine.Probe
	defer func() { confine.Probe = kept }()
	// The kernel has no such version, and refuses its rules.
	confine.Probe = func(string) confine.Report { return confine.Report{Landlock: 1 << 20, Seccomp: true, Namespace: true} }
	flac := ffmpeg(t, "x.flac")
	decodes(t, "not required", flac, decode.Options{})
	if _, _, err := run(t.Context(), flac, decode.Options{Confine: confine.Require}); referent.CodeOf(err) != referent.CodeWorkerLost {
		t.Errorf("required: %v", err)
	}
}

// A program without its libraries is the machine's fault.
func TestLacksALibrary(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "ffmpeg")
	if err := os.WriteFile(program, []byte("#!/bin/sh\necho \"$0: error while loading shared libraries: libx.so: cannot open\" >&2\nexit 127\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	flac := ffmpeg(t, "x.flac")
	_, _, err := run(t.Context(), flac, decode.Options{FFmpeg: program})
	if referent.CodeOf(err) != referent.CodeFFmpegMissing {
		t.Error(err)
	}
	if _, err := arrive(t.Context(), flac, decode.Options{FFmpeg: program}); referent.CodeOf(err) != referent.CodeFFmpegMissing {
		t.Error("arriving:", err)
	}
}
