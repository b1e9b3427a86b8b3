package decode_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/elastic/go-seccomp-bpf"
	"golang.org/x/sys/unix"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/confine"
	"github.com/referent/referent/transcribe/decode"
)

// Machines that refuse what confinement is made of, as a filter before a process of this program makes them.
var refusing = map[string]struct {
	filters []seccomp.SyscallGroup
	lacks   string
}{
	"a kernel without any of it": {[]seccomp.SyscallGroup{with(unix.ENOSYS, append(landlockCalls, "seccomp", "unshare", "close_range")...), namespaces(unix.EINVAL)}, "files calls network"},
	"a kernel without Landlock":  {[]seccomp.SyscallGroup{with(unix.ENOSYS, landlockCalls...)}, "files"},
	"nor namespaces":             {[]seccomp.SyscallGroup{with(unix.ENOSYS, append(landlockCalls, "unshare")...), namespaces(unix.EINVAL)}, "files network"},
	// A container's profile, and a unit with RestrictNamespaces=.
	"namespaces forbidden": {[]seccomp.SyscallGroup{with(unix.EPERM, "unshare", "setns", "mount", "keyctl"), namespaces(unix.EPERM)}, ""},
	// One that is older than the calls answers so what it does not know; not clone3, without which glibc begins no thread,
	// ours no more than ffmpeg's.
	"an old profile": {[]seccomp.SyscallGroup{with(unix.EPERM, append(landlockCalls, "close_range", "openat2", "faccessat2", "unshare")...), namespaces(unix.EPERM)}, "files network"},
	// AppArmor as Ubuntu sets it up: the namespace can be had, and no rights in it.
	"namespaces without rights": {[]seccomp.SyscallGroup{{Action: errno(unix.EPERM), NamesWithCondtions: []seccomp.NameWithConditions{
		{Name: "ioctl", Conditions: seccomp.ArgumentConditions{{Argument: 1, Operation: seccomp.Equal, Value: unix.SIOCSIFFLAGS}}}}}}, ""},
	// SystemCallFilter=@system-service ends who calls what it does not list.
	"who asks is ended": {[]seccomp.SyscallGroup{{Action: seccomp.ActionKillProcess, Names: append(landlockCalls, "seccomp")}}, "files calls"},
}

var landlockCalls = []string{"landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self"}

func errno(e unix.Errno) seccomp.Action { return seccomp.ActionErrno | seccomp.Action(e) }

func with(e unix.Errno, names ...string) seccomp.SyscallGroup {
	return seccomp.SyscallGroup{Action: errno(e), Names: names}
}

func namespaces(e unix.Errno) seccomp.SyscallGroup {
	return seccomp.SyscallGroup{Action: errno(e), NamesWithCondtions: []seccomp.NameWithConditions{
		{Name: "clone", Conditions: seccomp.ArgumentConditions{{Argument: 0, Operation: seccomp.BitsSet, Value: unix.CLONE_NEWUSER | unix.CLONE_NEWNET}}}}}
}

// refuse makes this process's machine one of refusing.
func refuse(machine string) error {
	return seccomp.LoadFilter(seccomp.Filter{NoNewPrivs: true, Flag: seccomp.FilterFlagTSync,
		Policy: seccomp.Policy{DefaultAction: seccomp.ActionAllow, Syscalls: refusing[machine].filters}})
}

// What cannot be had is left out, told, and refused where it is required; recordings are decoded all the same.
func TestMachinesThatRefuse(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.flac")
	if err := os.WriteFile(file, ffmpeg(t, "x.flac"), 0o644); err != nil {
		t.Fatal(err)
	}
	for machine := range refusing {
		t.Run(machine, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), program(t), "-test.v", "-test.run", "^TestWhereRefused$", "-test.count=1")
			cmd.Env = append(os.Environ(), "DECODE_FILE="+file, "DECODE_MACHINE="+machine)
			if out, err := cmd.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("--- PASS")) {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// TestWhereRefused is what TestMachinesThatRefuse starts.
func TestWhereRefused(t *testing.T) {
	machine := os.Getenv("DECODE_MACHINE")
	if machine == "" {
		t.Skip("is a part of TestMachinesThatRefuse")
	}
	if err := refuse(machine); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(os.Getenv("DECODE_FILE"))
	if err != nil {
		t.Fatal(err)
	}
	path, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Fatal(err)
	}
	has := confine.Probe(path)
	if lacks := strings.Join(has.Missing(), " "); lacks != refusing[machine].lacks || lacks != "" && has.Reason == "" {
		t.Errorf("lacks %q, not %q: has %s: %s", lacks, refusing[machine].lacks, has, has.Reason)
	}
	decodes(t, machine, b, decode.Options{Confine: confine.Auto})
	if refusing[machine].lacks == "" {
		decodes(t, machine+", required", b, decode.Options{Confine: confine.Require})
	} else if _, _, err := run(t.Context(), b, decode.Options{Confine: confine.Require}); referent.CodeOf(err) != referent.CodeConfig {
		t.Errorf("required: %v", err)
	}
}
