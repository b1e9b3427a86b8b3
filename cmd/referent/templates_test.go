package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What the example says can be tried as it stands, is found in the configured folder, and a fault is told with
// file and line.
func TestTemplatesCommand(t *testing.T) {
	dir := t.TempDir()
	run := func(args ...string) (code int, out, err string) {
		var o, e bytes.Buffer
		a := &app{out: &o, err: &e, lang: "nb", environ: []string{"REFERENT_TEMPLATES_DIR=" + dir}}
		code = a.run(t.Context(), args)
		return code, o.String(), e.String()
	}
	_, example, _ := run("templates", "example")
	file := filepath.Join(dir, "prosjekt.yaml")
	if err := os.WriteFile(file, []byte(example), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, e := run("templates", "check", file); code != 0 || !strings.Contains(strings.Join(strings.Fields(out), " "), "prosjektmote referat nb, nn Referat fra") {
		t.Errorf("%d %s %s", code, out, e)
	}
	if code, out, e := run("templates", "list"); code != 0 || !strings.Contains(out, "hjemmetjenestenotat") || !strings.Contains(out, "Referat fra prosjektmøte") {
		t.Errorf("%d %s %s", code, out, e)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(example, "source: items", "source: themes", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"templates", "check", file}, {"templates", "list"}} {
		if code, out, e := run(args...); code == 0 || !strings.Contains(e, "prosjekt.yaml:") || !strings.Contains(e, "must be one of") {
			t.Errorf("%v: %d %s %s", args, code, out, e)
		}
	}
}
