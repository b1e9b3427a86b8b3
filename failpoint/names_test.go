package failpoint

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var call = regexp.MustCompile(`failpoint\.Hit\("([^"]*)"\)`)

// Every name stands at one place of the code, and no place has a name that is not listed.
func TestNames(t *testing.T) {
	at := map[string][]string{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range call.FindAllStringSubmatch(string(text), -1) {
			at[m[1]] = append(at[m[1]], path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	all := slices.Concat(Names, Seldom)
	for _, name := range all {
		if len(at[name]) != 1 {
			t.Errorf("%s stands in %v, want one place", name, at[name])
		}
	}
	for name, places := range at {
		if !slices.Contains(all, name) {
			t.Errorf("%s in %v is not listed", name, places)
		}
	}
}
