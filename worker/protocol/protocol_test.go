package protocol

import (
	"testing"

	"github.com/referent/referent"
)

func FuzzParseLease(f *testing.F) {
	f.Add("job-1.3.c2VjcmV0")
	f.Add("job-1..x")
	f.Add("a.1.b.c")
	f.Add(".1.b")
	f.Add("a.99999999999999999999.b")
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		l, err := ParseLease(s)
		if err != nil {
			if referent.CodeOf(err) != referent.CodeInvalid {
				t.Fatalf("code %s", referent.CodeOf(err))
			}
			return
		}
		if again, err := ParseLease(l.String()); err != nil || again != l {
			t.Fatalf("%q read as %+v, written and read again as %+v, %v", s, l, again, err)
		}
	})
}
