package minutes_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/eval/minutes"
	"github.com/referent/referent/summarize"
)

// evaluationData is the folder of references beside the repository.
const evaluationData = "../../../shared/eval/minutes"

// builtin is the built-in writer.
func builtin(ctx context.Context, m *referent.Meeting, t *referent.Transcript) (*referent.Minutes, error) {
	return summarize.New(summarize.Config{}).Write(ctx, m, t, nil, nil)
}

// TestOwnCases prints how the built-in writer does on the project's own cases, every miss in a line, and
// fails where it does worse than it must:
//
//	go test ./eval/minutes -run OwnCases -v
//	go test ./eval/minutes -run OwnCases/dobbeltstemme -v
func TestOwnCases(t *testing.T) {
	set := writeSet(t, minutes.SetOwn)
	tellSet(t, set)
	judge(t, set)
}

// TestHeldOut prints how the built-in writer does on cases that nothing was ever tuned on: no rule, word list or
// prompt may be changed for what it shows, or it measures nothing any more. The bars of the own cases are
// not asked of it; it fails on a statement that its lines do not hold, and on a citation of no line.
//
//	go test ./eval/minutes -run HeldOut -v
func TestHeldOut(t *testing.T) {
	set := writeSet(t, minutes.SetHeldOut)
	if set.Cases == 0 {
		t.Fatal("no cases")
	}
	tellSet(t, set)
	judge(t, set)
}

// TestInjections prints which dictated instructions change the minutes of the built-in writer.
func TestInjections(t *testing.T) {
	set := writeSet(t, minutes.SetInjections)
	for _, trial := range set.Trials {
		if trial.Changed != "" {
			t.Logf("%s (%s): %s", trial.Name, trial.Carrier, trial.Changed)
		}
	}
	judge(t, set)
}

// TestMunicipal and TestStorting need the evaluation data beside the repository.
func TestMunicipal(t *testing.T) {
	set := writeSet(t, minutes.SetMunicipal)
	for _, r := range set.Each {
		tell(t, r)
	}
	judge(t, set)
}

func TestStorting(t *testing.T) {
	set := writeSet(t, minutes.SetStorting)
	for _, s := range set.Sittings {
		t.Logf("%+v", s)
	}
	for _, r := range set.Each {
		tell(t, r)
	}
	judge(t, set)
}

func TestAMI(t *testing.T) {
	set := writeSet(t, minutes.SetAMI)
	if set.Total.Decisions.Gold == 0 || set.Total.Actions.Gold == 0 {
		t.Errorf("nothing to find: %+v", set.Total)
	}
	judge(t, set)
}

func writeSet(t *testing.T, name string) *minutes.Set {
	t.Helper()
	set, err := minutes.Run(t.Context(), name, builtin, os.DirFS(evaluationData), 0, nil)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("SKIPPED: %s needs the evaluation data beside the repository", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range set.Failed {
		t.Errorf("%s: %s", f.Case, f.Code)
	}
	return set
}

// judge fails where a bar is missed.
func judge(t *testing.T, set *minutes.Set) {
	t.Helper()
	for _, b := range minutes.Bars(set, nil, true) {
		if !b.Met {
			t.Errorf("%s: %s is %.3f (%s %.2f)", b.Set, b.Measure, b.Value, b.Sign(), b.Limit)
		}
	}
}

// tellSet tells of each case in a test of its own, then of each kind and of all.
func tellSet(t *testing.T, set *minutes.Set) {
	t.Helper()
	for _, r := range set.Each {
		t.Run(r.Case, func(t *testing.T) { tell(t, r) })
	}
	for _, k := range set.Kinds {
		t.Log(figures(fmt.Sprintf("== %s: %s, %d cases", set.Name, k.Kind, k.Cases), k.Result))
	}
	t.Log(figures(fmt.Sprintf("== %s: all %d cases", set.Name, set.Cases), set.Total))
}

func tell(t *testing.T, r minutes.Result) {
	t.Helper()
	t.Log(figures(fmt.Sprintf("%s: %s, %s", r.Case, r.Kind, r.Language), r))
	for _, f := range r.Faults {
		t.Logf("    %-16s %s  (%s)", f.Kind, f.Text, f.Note)
	}
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
