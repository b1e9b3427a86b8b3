package e2e_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/elastic/go-seccomp-bpf"
	"golang.org/x/sys/unix"

	"github.com/referent/referent/eval"
)

// As it comes, a machine whose kernel has none of the means of confinement transcribes what ffmpeg must decode, and the
// doctor says what is missing.
func TestWhereNothingConfines(t *testing.T) {
	if os.Getenv(confineProgram) != "" {
		unconfinedWork(t)
		return
	}
	recording := filepath.Join(t.TempDir(), "opptak.flac")
	if out, err := exec.Command("ffmpeg", "-v", "error", "-nostdin", "-i", jfk(t), recording).CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg (brought by make test): %v %s", err, out)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v", "-test.count=1")
	cmd.Env = append(os.Environ(), confineProgram+"="+program, confineRecording+"="+recording)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func unconfinedWork(t *testing.T) {
	program = os.Getenv(confineProgram)
	if err := seccomp.LoadFilter(seccomp.Filter{NoNewPrivs: true, Flag: seccomp.FilterFlagTSync, Policy: seccomp.Policy{
		DefaultAction: seccomp.ActionAllow, Syscalls: []seccomp.SyscallGroup{
			{Action: seccomp.ActionErrno | seccomp.Action(unix.ENOSYS), Names: []string{"landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self", "seccomp"}},
			{Action: seccomp.ActionErrno | seccomp.Action(unix.EPERM), Names: []string{"unshare"}, NamesWithCondtions: []seccomp.NameWithConditions{
				{Name: "clone", Conditions: seccomp.ArgumentConditions{{Argument: 0, Operation: seccomp.BitsSet, Value: unix.CLONE_NEWUSER}}}}},
		}}}); err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	if _, stderr, code := referentRun(t, nil, "process", os.Getenv(confineRecording), "--spoken", "en", "--out", out); code != 0 {
		t.Fatalf("process: exit %d: %s", code, stderr)
	}
	said, err := os.ReadFile(filepath.Join(out, "transcript.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if e := eval.WER(jfkWords, string(said)); e.Rate() != 0 {
		t.Errorf("heard %q: %+v", said, e)
	}
	for mode, want := range map[string]struct{ verdict, sentence string }{
		"":        {"warning", "ffmpeg kjører uten full isolering"},
		"require": {"bad", "confine er require"},
	} {
		var env []string
		if mode != "" {
			env = append(env, "REFERENT_CONFINE="+mode)
		}
		stdout, stderr, _ := referentRun(t, env, "doctor", "--json", "--data-dir", t.TempDir())
		met := false
		for line := range strings.Lines(stdout) {
			var f struct{ Check, Verdict, Advice string }
			if err := json.Unmarshal([]byte(line), &f); err != nil {
				t.Fatalf("doctor: %v: %s%s", err, stdout, stderr)
			}
			if f.Check != "confine" {
				continue
			}
			met = true
			for _, part := range []string{want.sentence, "filer (krever Landlock", "systemkall (krever seccomp", "nettverket (krever"} {
				if f.Verdict != want.verdict || !strings.Contains(f.Advice, part) {
					t.Errorf("confine %q: the doctor says %+v, want %s and %q", mode, f, want.verdict, part)
				}
			}
		}
		if !met {
			t.Errorf("the doctor says nothing of it: %s", stdout)
		}
	}
}
