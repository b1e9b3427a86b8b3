package audit_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/audit"
)

// chain is a short chain as a file.
func chain(f *testing.F) []byte {
	f.Helper()
	var file []byte
	var head audit.Head
	for i := range 5 {
		l, err := audit.Next(head, audit.Entry{At: time.Date(2026, 3, 2, 9, i, 0, 0, time.UTC), Kind: "meeting", By: "u1", Facts: json.RawMessage(`{"meeting":"m1"}`)})
		if err != nil {
			f.Fatal(err)
		}
		if file, err = l.AppendLine(file); err != nil {
			f.Fatal(err)
		}
		head = audit.Head{Seq: l.Seq, Hash: l.Hash}
	}
	return file
}

// Whatever is in a file, it is refused or reported on, and nothing but the chain, or whole lines from one of its ends, is
// found to be right.
func FuzzVerifyFile(f *testing.F) {
	whole := chain(f)
	lines := bytes.SplitAfter(whole, []byte("\n"))
	f.Add(whole)
	f.Add(bytes.Join(lines[2:], nil))
	f.Add(bytes.Join([][]byte{lines[0], lines[2], lines[1]}, nil))
	f.Add([]byte(`{"prev":"","hash":"","entry":"x"}`))
	f.Add([]byte(`{"prev":"","hash":"","entry":{}}`))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, file []byte) {
		report, err := audit.VerifyFile(bytes.NewReader(file), nil)
		if err != nil {
			if referent.CodeOf(err) != referent.CodeInvalid || report != nil {
				t.Fatalf("code %s, report %+v", referent.CodeOf(err), report)
			}
			return
		}
		if report.Links > 0 && report.OK() {
			noted := report.Head
			if again, err := audit.VerifyFile(bytes.NewReader(file), &noted); err != nil || !again.OK() || !again.Noted {
				t.Fatalf("its own head is not in it: %+v %v", again, err)
			}
			// One byte of an entry changed is found.
			at := bytes.Index(file, []byte(`"kind":"`))
			if at < 0 {
				return
			}
			other := slices.Clone(file)
			other[at+len(`"kind":"`)] ^= 1
			if changed, err := audit.VerifyFile(bytes.NewReader(other), nil); err == nil && changed.OK() {
				t.Fatal("a changed kind is not found")
			}
		}
	})
}
