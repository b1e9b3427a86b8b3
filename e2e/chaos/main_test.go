package chaos

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

var (
	failures = flag.Int("failures", 0, "how many failures are injected; 0: the short form")
	seed     = flag.Int64("seed", 0, "of what is done when; 0: another each time")
	keep     = flag.String("keep", "", "folder for data and logs, which are kept then")
	built    = flag.String("program", "", "the program, if it is built already with the tag failpoints")
)

// program is the real program with failpoints, built from this very tree.
var program string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	flag.Parse()
	if os.Geteuid() != 0 {
		return asRoot()
	}
	if *seed == 0 {
		*seed = time.Now().UnixNano() % 1_000_000
	}
	if program = *built; program != "" {
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "referent-chaos-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "referent")
	build := exec.Command("go", "build", "-tags", "failpoints", "-buildvcs=false", "-ldflags", os.Getenv("E2E_LDFLAGS"), "-o", program, "../../cmd/referent")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "chaos: the program does not build (run the tests with make test, which brings whisper.cpp first): %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// asRoot runs the tests where disks can be mounted: in a user namespace of their own, in which we are root. Where the
// system has none for us they are left out, and that is said.
func asRoot() int {
	const hint = "chaos: LEFT OUT: disks that can be filled need root, or user namespaces (unshare -rm)"
	if out, err := exec.Command("unshare", "-rm", "true").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v %s\n", hint, err, out)
		return 0
	}
	again := exec.Command("unshare", append([]string{"-rm", os.Args[0]}, os.Args[1:]...)...)
	again.Stdin, again.Stdout, again.Stderr = os.Stdin, os.Stdout, os.Stderr
	again.Env = append(os.Environ(), namespaced+"=1")
	if err := again.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		return 1
	}
	return 0
}

// namespaced tells that we are root in a namespace alone, which has no loop devices.
const namespaced = "REFERENT_CHAOS_NAMESPACE"

// beside lets a test of the short form run while others wait. The full form does one thing at a time: it measures.
func beside(t *testing.T) {
	if *failures == 0 {
		t.Parallel()
	}
}
