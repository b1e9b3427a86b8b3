package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// program is the program under test, built from this very tree.
var program string

// confineProgram and confineRecording name, to the test that runs where nothing can be confined, what is tried there.
const confineProgram, confineRecording = "E2E_CONFINE_PROGRAM", "E2E_CONFINE_RECORDING"

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	if os.Getenv(offlineProgram) != "" || os.Getenv(confineProgram) != "" { // the program is built already, and nothing can be fetched here
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "referent-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "referent")
	args := []string{"build", "-buildvcs=false", "-ldflags", os.Getenv("E2E_LDFLAGS"), "-o", program}
	if raceDetector {
		args = append(args, "-race")
	}
	build := exec.Command("go", append(args, "../cmd/referent")...)
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "e2e: the program does not build (run the tests with make test, which brings whisper.cpp first): %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// jfk is the public-domain sample of the binding's module: eleven seconds of English speech.
func jfk(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/ggerganov/whisper.cpp/bindings/go").Output()
	if err != nil {
		t.Fatal("go list: ", err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), "samples", "jfk.wav")
}

// example is a file of the repository's examples folder.
func example(name string) string { return filepath.Join("..", "examples", name) }
