package export_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/export"
)

// What claims to be PDF/A-2a and PDF/UA-1 is so, as far as a machine can tell: veraPDF, the PDF Association's
// own checker, finds no fault, whatever the text.
func TestVeraPDF(t *testing.T) {
	jars := os.Getenv("REFERENT_VERAPDF")
	if jars == "" {
		t.Skip("SKIPPED: veraPDF is not here, so no file is held against PDF/A and PDF/UA; make pdf-check brings it")
	}
	_, path := logo(t)
	brand, err := export.LoadBrand("Fjordvik kommune", path)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var files []string
	add := func(name string, data []byte) {
		t.Helper()
		files = append(files, filepath.Join(dir, name+".pdf"))
		if err := os.WriteFile(files[len(files)-1], data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, k := range referent.Kinds {
		for _, l := range []referent.Language{referent.Bokmal, referent.Nynorsk} {
			mi, tr, m := sample(l, k)
			r := export.Renderer{Version: "1.2.3"}
			if l == referent.Bokmal {
				r.Brand = brand
			}
			add(string(k)+"-"+string(l), minutesBy(t, r, mi, tr, m, "pdf"))
		}
	}
	mi, tr, m := sample(referent.Bokmal, referent.KindProtocol)
	all := strings.Join(hostile, " ") + " 👨‍👩‍👧 مرحبا \ue000 \u202e " + strings.Repeat("ø", 10_000)
	mi.Title, mi.Decisions[0].Text, mi.Actions[0].Task, mi.Provenance.Model = all, all, strings.Repeat("Mange ord. ", 2000), all
	add("hostile", minutesBy(t, export.Renderer{}, mi, tr, m, "pdf"))
	for range 200 {
		tr.Segments = append(tr.Segments, tr.Segments[:2]...)
	}
	add("transcript", transcriptAs(t, tr, m, "pdf"))
	for _, profile := range []string{"2a", "ua1"} {
		args := append([]string{"-cp", filepath.Join(jars, "*"), "org.verapdf.apps.GreenfieldCliWrapper", "--flavour", profile, "--format", "text", "--verbose"}, files...)
		var faults bytes.Buffer
		c := exec.CommandContext(t.Context(), "java", args...)
		c.Stderr = &faults
		out, err := c.Output()
		if n := strings.Count("\n"+string(out), "\nPASS "); err != nil || n != len(files) {
			t.Errorf("%s: %d of %d pass: %v\n%s%s", profile, n, len(files), err, out, &faults)
		}
	}
}
