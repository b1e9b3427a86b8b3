package minutes_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/eval/minutes"
	"github.com/referent/referent/summarize"
)

// TestOwnCases prints how the built-in writer does on the project's own cases, every miss in a line:
//
//	go test ./eval/minutes -run OwnCases -v
//	go test ./eval/minutes -run OwnCases/dobbeltstemme -v
func TestOwnCases(t *testing.T) {
	cases, err := minutes.Cases()
	if err != nil {
		t.Fatal(err)
	}
	w := summarize.New(summarize.Config{})
	byKind := map[referent.Kind][]minutes.Result{}
	var all []minutes.Result
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			m, tr := c.Meeting()
			got, err := w.Write(context.Background(), m, tr, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			r := minutes.Score(c, got)
			t.Log(figures(fmt.Sprintf("%s, %s", c.Kind, c.Language), r))
			for _, f := range r.Faults {
				t.Logf("    %-16s %s  (%s)", f.Kind, f.Text, f.Note)
			}
			byKind[c.Kind] = append(byKind[c.Kind], r)
			all = append(all, r)
		})
	}
	for _, kind := range slices.Sorted(maps.Keys(byKind)) {
		t.Log(figures(fmt.Sprintf("== %s, %d cases", kind, len(byKind[kind])), minutes.Sum(byKind[kind])))
	}
	t.Log(figures(fmt.Sprintf("== all %d cases", len(all)), minutes.Sum(all)))
}

func figures(name string, r minutes.Result) string {
	found := func(f minutes.Found) string {
		return fmt.Sprintf("%.2f/%.2f (%d of %d, %d written, %d aside)", f.Recall(), f.Precision(), f.Matched, f.Gold, f.Written, f.Aside)
	}
	share := func(s minutes.Share) string { return fmt.Sprintf("%d/%d", s.Right, s.Of) }
	return fmt.Sprintf("%s\n    decisions %s  actions %s  owner %s due %s  votes %d exact %d flagged %d WRONG  attendance %s next %s  cited %s  unsupported %d never %d mixed %d",
		name, found(r.Decisions), found(r.Actions), share(r.Owners), share(r.Dues), r.Votes.Exact, r.Votes.Flagged, r.Votes.Wrong,
		share(r.Attendance), share(r.Next), share(r.Cited), r.Unsupported, r.Never, r.Mixed)
}
