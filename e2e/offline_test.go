package e2e_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/client"
)

// offlineProgram names, to this test when it runs inside a network namespace, the program under test and the recording.
const offlineProgram, offlineRecording = "E2E_OFFLINE_PROGRAM", "E2E_OFFLINE_RECORDING"

// elsewhere is reserved for documentation (RFC 5737): the test itself asks for it, to see that it is seen.
const elsewhere = "192.0.2.1"

// As it comes, the program never asks for another machine: not for a model, not for a name, not for an update. The
// whole work of a recording and of a transcript is done where there is no network but loopback, with every call that
// names an address written down by the kernel's own tracing.
func TestNothingLeavesTheMachine(t *testing.T) {
	if os.Getenv(offlineProgram) != "" {
		offlineWork(t)
		return
	}
	calls := filepath.Join(t.TempDir(), "calls")
	line := []string{"unshare", "--net", "--map-root-user", "sh", "-ec", `ip link set lo up && exec "$@"`, "sh",
		"strace", "-f", "--seccomp-bpf", "-qq", "-s", "0", "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-e", "signal=none", "-o", calls,
		os.Args[0], "-test.run", "^" + t.Name() + "$", "-test.v"}
	if os.Geteuid() == 0 {
		line = slices.Delete(line, 2, 3) // needs no user namespace, which some machines forbid
	}
	cmd := exec.CommandContext(t.Context(), line[0], line[1:]...)
	cmd.Env = append(os.Environ(), offlineProgram+"="+program, offlineRecording+"="+jfk(t))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("the work without a network: %v\n%s", err, out)
	}
	data, err := os.ReadFile(calls)
	if err != nil {
		t.Fatal(err)
	}
	asked, local := addresses(t, string(data))
	if local < 4 { // the worker asks the server and its queue, and so does the test; connections are kept
		t.Errorf("only %d calls within the machine were seen: the trace does not see the work", local)
	}
	if len(asked) != 1 || asked[elsewhere] != 1 {
		t.Errorf("other machines were asked for, how often: %v; want the one call of the test's own to %s", asked, elsewhere)
	}
	t.Logf("%d calls stayed on the machine", local)
}

var (
	family  = regexp.MustCompile(`sa_family=([A-Z0-9_]+)`)
	address = regexp.MustCompile(`inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"`)
)

// addresses counts the addresses of other machines in what strace wrote, and the calls within this one. A call to what
// is connected already names none.
func addresses(t *testing.T, trace string) (other map[string]int, local int) {
	t.Helper()
	other = map[string]int{}
	for call := range strings.Lines(trace) {
		for _, f := range family.FindAllStringSubmatch(call, -1) {
			switch f[1] {
			case "AF_UNIX", "AF_NETLINK", "AF_UNSPEC": // the machine itself, its kernel, and the end of a connection
				local++
			case "AF_INET", "AF_INET6":
			default:
				other[f[1]]++
			}
		}
		for _, a := range address.FindAllStringSubmatch(call, -1) {
			ip, err := netip.ParseAddr(a[1] + a[2])
			if err != nil {
				t.Fatalf("no address in %q: %v", call, err)
			}
			if ip.Unmap().IsLoopback() {
				local++
			} else {
				other[ip.String()]++
			}
		}
	}
	return other, local
}

// offlineWork is all that is done with a recording and with a transcript, with the settings that the program comes with.
func offlineWork(t *testing.T) {
	program = os.Getenv(offlineProgram)
	recording := os.Getenv(offlineRecording)
	if c, err := net.Dial("udp", net.JoinHostPort(elsewhere, "9")); !errors.Is(err, syscall.ENETUNREACH) {
		if err == nil {
			c.Close()
		}
		t.Fatalf("there is a way to other machines from here: %v", err)
	}
	out := t.TempDir()
	if _, stderr, code := referentRun(t, nil, "process", recording, "--spoken", "en", "--out", out); code != 0 {
		t.Errorf("process: exit %d: %s", code, stderr)
	}
	data := t.TempDir()
	s := startServer(t, data)
	for _, file := range []string{recording, example("formannskapet.vtt")} {
		id := s.submit(referent.Meeting{Options: referent.Options{Spoken: "en"}}, file)
		s.wait(id, referent.StateDraft, longLimit)
		for _, name := range []string{"transcript.json", "transcript.pdf", "transcript.docx", "transcript.vtt", "minutes.json", "minutes.pdf", "minutes.docx", "minutes.html", "minutes.md"} {
			if err := s.api.Result(t.Context(), id, name, io.Discard); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := s.api.Remake(t.Context(), id); err != nil {
			t.Errorf("remake: %v", err)
		}
		s.wait(id, referent.StateDraft, longLimit)
		if _, _, err := s.api.Search(t.Context(), client.Search{Text: "country"}); err != nil {
			t.Errorf("search: %v", err)
		}
		if _, err := s.api.Delete(t.Context(), id); err != nil {
			t.Errorf("delete: %v", err)
		}
	}
	for _, path := range []string{"/", "/signin", "/metrics", "/api/v1/openapi.json"} {
		res, err := http.Get(s.url + path)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		res.Body.Close()
	}
	time.Sleep(time.Second) // for what a server begins on its own
	s.stop()
	if _, stderr, code := referentRun(t, nil, "doctor", "--data-dir", data); code != 0 {
		t.Logf("doctor: exit %d: %s", code, stderr) // it tells of what this machine lacks, which is not asked for here
	}
}
