package pipeline

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/review"
	"github.com/referent/referent/store"
)

// describedTask reads "Ringe skolen; Kari; 2026-04-01; s1 s2": what, who, until when, and where it was heard.
func describedTask(text string) (what, who, due string, evidence []string) {
	f := strings.Split(text+";;;", ";")
	for i := range f {
		f[i] = strings.TrimSpace(f[i])
	}
	return f[0], f[1], f[2], strings.Fields(f[3])
}

// wasTasks reads tasks of the version before: "a+: Ringe" is done, "a-: Ringe" done and left out, "a: Ringe" open.
func wasTasks(texts ...string) (old []store.Task) {
	standing := 0
	for _, text := range texts {
		id, rest, _ := strings.Cut(text, ":")
		k := store.Task{ID: id[:1], Place: -1}
		k.Text, k.Owner, k.Due, k.Evidence = describedTask(rest)
		if id[1:] != "" {
			k.DoneBy, k.DoneAt = "u", time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
		}
		if id[1:] != "-" {
			k.Place = standing
			standing++
		}
		old = append(old, k)
	}
	return old
}

// wantFollowed wants the ids of the tasks in order, "?" for a new one, and after "|" those that are kept aside.
func wantFollowed(t *testing.T, name string, old []store.Task, now []string, follow following, want string) {
	t.Helper()
	var items []referent.ActionItem
	for _, text := range now {
		var x referent.ActionItem
		var due string
		if x.Task, x.Owner, due, x.Evidence = describedTask(text); due != "" {
			x.Due = &due
		}
		items = append(items, x)
	}
	tasks, err := followed(old, items, follow)
	ok(t, err)
	var ids, aside []string
	for _, k := range tasks {
		i := slices.IndexFunc(old, func(o store.Task) bool { return o.ID == k.ID })
		switch {
		case k.Place < 0:
			aside = append(aside, k.ID)
		case i >= 0:
			ids = append(ids, k.ID)
		default:
			ids = append(ids, "?")
		}
		if k.Done() != (i >= 0 && old[i].Done()) {
			t.Errorf("%s: %s is done: %v", name, k.Text, k.Done())
		}
	}
	if got := strings.Join(ids, " ") + "|" + strings.Join(aside, " "); got != want {
		t.Errorf("%s: %s, want %s", name, got, want)
	}
}

// A version that came as a whole keeps the tick of a task only where it is sure that it is that task.
func TestFollowedTasksGuessed(t *testing.T) {
	type texts = []string
	for _, c := range []struct {
		name string
		old  []store.Task
		now  texts
		want string
	}{
		{"none before", nil, texts{"Ringe skolen; Kari; ; s1"}, "?|"},
		{"as it was", wasTasks("a+: Ringe skolen; Kari; 2026-04-01; s1"), texts{"ringe  skolen; KARI; 2026-04-01; s1"}, "a|"},
		{"letters written otherwise", wasTasks("a+: M\u00e5le; \u00c5se; ; s1"), texts{"Ma\u030ale; A\u030ase; ; s1"}, "a|"},
		{"in another order", wasTasks("a+: Ringe; Kari; ; s1", "b: Skrive; Ola; ; s1"), texts{"Skrive; Ola; ; s1", "Ringe; Kari; ; s1"}, "b a|"},
		{"another owner", wasTasks("a+: Ringe skolen; Kari; ; s1"), texts{"Ringe skolen; Ola; ; s1"}, "?|a"},
		{"another deadline", wasTasks("a+: Ringe skolen; Kari; 2026-04-01; s1"), texts{"Ringe skolen; Kari; 2026-05-01; s1"}, "?|a"},
		{"two deadlines of one duty, in another order", wasTasks("a+: Rapportere; Kari; 2026-04-01; s1", "b: Rapportere; Kari; 2026-05-01; s1"),
			texts{"Rapportere; Kari; 2026-05-01; s1", "Rapportere; Kari; 2026-04-01; s1"}, "b a|"},
		{"the one that is done was left out", wasTasks("a+: Rapportere; Kari; 2026-04-01; s1", "b: Rapportere; Kari; 2026-05-01; s1"), texts{"Rapportere; Kari; 2026-05-01; s1"}, "b|a"},
		{"reworded", wasTasks("a+: Innhente tilbud om snøfreser; Kari; ; s1"), texts{"Innhente nytt tilbud om snøfreser; Kari; ; s1"}, "a|"},
		{"reworded, for somebody else", wasTasks("a+: Innhente tilbud om snøfreser; Kari; ; s1"), texts{"Innhente nytt tilbud om snøfreser; Ola; ; s1"}, "?|a"},
		{"another duty of the same segment", wasTasks("a+: Sende innkalling; Kari; ; s1"), texts{"Bestille lokale; Kari; ; s1"}, "?|a"},
		{"another duty that names the same", wasTasks("a+: Ringe rektor; Kari; ; s1"), texts{"Betale rektor; Kari; ; s1"}, "?|a"},
		{"two of one segment, one reworded", wasTasks("a+: Sende innkalling til rådet; Kari; ; s1", "b: Skrive; Kari; ; s1"), texts{"Sende ny innkalling til rådet; Kari; ; s1", "Skrive; Kari; ; s1"}, "a b|"},
		{"two of one segment that are alike: nobody knows", wasTasks("a+: Sende innkalling til rådet; Kari; ; s1", "b: Sende innkalling til styret i rådet; Kari; ; s1"), texts{"Sende god innkalling til rådet; Kari; ; s1"}, "?|a"},
		{"alike in all", wasTasks("a: Ringe; Kari; ; s1", "b+: Ringe; Kari; ; s1"), texts{"Ringe; Kari; ; s1", "Ringe; Kari; ; s1"}, "a b|"},
		{"alike in all, another before them", wasTasks("a: Skrive; ; ; s2", "b+: Ringe; Kari; ; s1", "c: Ringe; Kari; ; s1"), texts{"Ringe; Kari; ; s1"}, "c|b"},
		{"heard elsewhere", wasTasks("a+: Ringe skolen; Kari; ; s1"), texts{"Ringe skolen; Kari; ; s2 s3"}, "a|"},
		{"left out and done", wasTasks("a+: Ringe; Kari; ; s1"), nil, "|a"},
		{"left out and open", wasTasks("a: Ringe; Kari; ; s1"), nil, "|"},
		{"handed in, like one that was left out", wasTasks("a-: Ringe; Kari; ; s1"), texts{"Ringe; Kari; ; s1"}, "?|a"},
		{"one's own, another in its place", wasTasks("a+: Kjøpe blomster; Kari"), texts{"Sende ut protokollen; Ola; 2026-05-01"}, "?|a"},
		{"one's own, another added before it", wasTasks("a+: Kjøpe blomster"), texts{"Ringe", "Kjøpe blomster"}, "? a|"},
	} {
		wantFollowed(t, c.name, c.old, c.now, guessed, c.want)
	}
	for _, c := range []struct {
		name string
		old  []store.Task
		now  texts
		want string
	}{
		{"taken back", wasTasks("a-: Ringe; Kari; 2026-04-01; s1"), texts{"Ringe; Kari; 2026-04-01; s1"}, "a|"},
		{"taken back with another deadline", wasTasks("a-: Ringe; Kari; 2026-04-01; s1"), texts{"Ringe; Kari; 2026-05-01; s1"}, "?|a"},
		{"the one that stands goes before the one that was left out", wasTasks("a-: Ringe; Kari; ; s1", "b: Ringe; Kari; ; s1"), texts{"Ringe; Kari; ; s1"}, "b|a"},
		{"another of the same segment", wasTasks("a-: Sende innkalling til rådet; Kari; ; s1"), texts{"Sende ny innkalling til rådet; Kari; ; s1"}, "?|a"},
	} {
		wantFollowed(t, c.name, c.old, c.now, takenBack, c.want)
	}
}

// An edit says which task is which, whatever they say and however alike they are.
func TestFollowedTasksEdited(t *testing.T) {
	old := wasTasks("x-: Ringe; Kari; ; s1", "a: Ringe; Kari; ; s1", "b+: Ringe; Kari; ; s1", "c: Skrive", "d+: Male")
	a, b, c, d := "Ringe; Kari; ; s1", "Ringe; Kari; ; s1", "Skrive", "Male"
	for _, k := range []struct {
		edit review.Edit
		now  []string
		want string
	}{
		{review.Edit{Do: review.Set, List: review.Actions, Index: 1}, []string{a, "Noe helt annet; Ola; 2026-05-01; s1", c, d}, "a b c d|x"},
		{review.Edit{Do: review.Add, List: review.Actions, Index: 1}, []string{a, a, b, c, d}, "a ? b c d|x"},
		{review.Edit{Do: review.Add, List: review.Actions, Index: 4}, []string{a, b, c, d, d}, "a b c d ?|x"},
		{review.Edit{Do: review.Delete, List: review.Actions, Index: 0}, []string{b, c, d}, "b c d|x"},
		{review.Edit{Do: review.Delete, List: review.Actions, Index: 1}, []string{a, c, d}, "a c d|x b"},
		{review.Edit{Do: review.Move, List: review.Actions, Index: 1, To: 0}, []string{b, a, c, d}, "b a c d|x"},
		{review.Edit{Do: review.Move, List: review.Actions, Index: 0, To: 3}, []string{b, c, d, a}, "b c d a|x"},
		{review.Edit{Do: review.Accept, List: review.NeedsReview, Index: 1, As: review.Actions}, []string{a, b, c, d, a}, "a b c d ?|x"},
		{review.Edit{Do: review.Accept, List: review.NeedsReview, Index: 1, As: review.Decisions}, []string{a, b, c, d}, "a b c d|x"},
		{review.Edit{Do: review.Delete, List: review.Decisions, Index: 1}, []string{a, b, c, d}, "a b c d|x"},
	} {
		st := minutesStep{what: string(k.edit.Do), edit: k.edit}
		wantFollowed(t, string(k.edit.Do), old, k.now, st.following(), k.want)
	}
	wantFollowed(t, "approved", old, []string{a, b, c, d}, minutesStep{what: store.DeedApproved}.following(), "a b c d|x")
}
