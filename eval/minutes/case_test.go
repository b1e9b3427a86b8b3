package minutes_test

import (
	"testing"

	"github.com/referent/referent/eval/minutes"
)

func TestOwnCasesHoldTogether(t *testing.T) {
	cases, err := minutes.Cases()
	if err != nil {
		t.Fatal(err)
	}
	if len(cases) == 0 {
		t.Fatal("no cases")
	}
	for _, c := range cases {
		m, tr := c.Meeting()
		if m.Title == "" || len(tr.Segments) != len(c.Lines) {
			t.Errorf("%s: title %q, %d segments of %d lines", c.Name, m.Title, len(tr.Segments), len(c.Lines))
		}
	}
}
