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
)

// program is the real program with failpoints, built from this very tree.
var program string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	flag.Parse()
	if *seed == 0 {
		*seed = time.Now().UnixNano() % 1_000_000
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

// beside lets a test of the short form run while others wait. The full form does one thing at a time: it measures.
func beside(t *testing.T) {
	if *failures == 0 {
		t.Parallel()
	}
}
