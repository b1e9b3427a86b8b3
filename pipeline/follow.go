package pipeline

import (
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/referent/referent"
	"github.com/referent/referent/review"
	"github.com/referent/referent/store"
	"github.com/referent/referent/summarize/norsk"
)

// following tells for each task of a new version which of the old ones it is: an index into old, or -1 where it is a
// new one. No old task is two new ones.
type following func(old, now []store.Task) []int

// followed are the tasks of a new version. Those that stood in the version before keep who they are and whether they
// are done; those that are done and left out are kept aside, for when the minutes go back to an earlier version.
func followed(old []store.Task, items []referent.ActionItem, follow following) ([]store.Task, error) {
	tasks := make([]store.Task, len(items))
	for i, x := range items {
		tasks[i] = store.Task{Place: i, Text: x.Task, Owner: x.Owner, Due: deadline(x.Due), Status: x.Status, Evidence: x.Evidence}
	}
	stays := make([]bool, len(old))
	for i, k := range follow(old, tasks) {
		if k >= 0 {
			tasks[i].ID, tasks[i].DoneBy, tasks[i].DoneAt = old[k].ID, old[k].DoneBy, old[k].DoneAt
			stays[k] = true
			continue
		}
		var err error
		if tasks[i].ID, err = newID(); err != nil {
			return nil, err
		}
	}
	for k, was := range old {
		if !stays[k] && was.Done() {
			was.Place = -1
			tasks = append(tasks, was)
		}
	}
	return tasks, nil
}

// following tells what the step does with tasks: an edit says it exactly.
func (st minutesStep) following() following {
	switch st.what {
	case store.DeedSaved:
		return guessed
	case string(review.Restore):
		return takenBack
	case string(review.Take):
		if st.edit.List == review.Actions {
			return takenBack
		}
	}
	return func(old, now []store.Task) []int {
		at := make([]int, len(now))
		for i, place := range placesBefore(st.edit, len(now)) {
			at[i] = slices.IndexFunc(old, func(t store.Task) bool { return t.Place >= 0 && t.Place == place })
		}
		return at
	}
}

// placesBefore gives for each of the n tasks after an edit the place that it had before; -1: it had none.
func placesBefore(e review.Edit, n int) []int {
	places := make([]int, n)
	for i := range places {
		places[i] = i
	}
	switch {
	case e.Do == review.Accept && e.As == review.Actions:
		places[n-1] = -1 // it goes to the end
	case e.List != review.Actions:
	case e.Do == review.Add:
		places = slices.Insert(places[:n-1], e.Index, -1)
	case e.Do == review.Delete:
		for i := e.Index; i < n; i++ {
			places[i] = i + 1
		}
	case e.Do == review.Move:
		places = slices.Insert(slices.Delete(places, e.Index, e.Index+1), e.To, e.Index)
	}
	return places
}

// guessed compares the tasks of a version that came as a whole. Where it is not sure it says that a task is a new one:
// it is better that somebody must say twice that a task is done than that one is taken for done that is not.
func guessed(old, now []store.Task) []int { return guess(old, now, false) }

// takenBack is guessed for an earlier version, which may have tasks that were left out since.
func takenBack(old, now []store.Task) []int { return guess(old, now, true) }

func guess(old, now []store.Task, back bool) []int {
	at, used := slices.Repeat([]int{-1}, len(now)), make([]bool, len(old))
	// follow gives every task that has none an old one that is the same and nobody's yet. Of several that are alike in
	// all it takes one that is open; of others, none.
	follow := func(alike bool, same func(was, is *store.Task) bool) {
		for i := range now {
			if at[i] >= 0 {
				continue
			}
			var of []int
			for k := range old {
				if !used[k] && same(&old[k], &now[i]) {
					of = append(of, k)
				}
			}
			if len(of) == 0 {
				continue
			}
			rivals := 0
			for k := range now {
				if at[k] < 0 && same(&old[of[0]], &now[k]) {
					rivals++
				}
			}
			if !alike && (len(of) > 1 || rivals > 1) {
				continue
			}
			at[i] = of[max(0, slices.IndexFunc(of, func(k int) bool { return !old[k].Done() }))]
			used[at[i]] = true
		}
	}
	promised := func(was, is *store.Task) bool { return folded(was.Owner) == folded(is.Owner) && was.Due == is.Due }
	same := func(was, is *store.Task) bool { return promised(was, is) && folded(was.Text) == folded(is.Text) }
	unchanged := func(was, is *store.Task) bool { return same(was, is) && slices.Equal(was.Evidence, is.Evidence) }
	follow(true, func(was, is *store.Task) bool { return was.Place == is.Place && unchanged(was, is) })
	follow(true, func(was, is *store.Task) bool { return was.Place >= 0 && unchanged(was, is) })
	if back {
		follow(true, unchanged)
	}
	follow(false, func(was, is *store.Task) bool { // reworded
		return was.Place >= 0 && len(is.Evidence) > 0 && slices.Equal(was.Evidence, is.Evidence) && promised(was, is) && sameMatter(was.Text, is.Text)
	})
	follow(false, func(was, is *store.Task) bool { return was.Place >= 0 && same(was, is) }) // heard elsewhere
	return at
}

// folded is a text that is compared without case and spaces.
func folded(s string) string {
	return strings.ToLower(strings.Join(strings.Fields(norm.NFC.String(s)), " "))
}

// sameMatter reports whether two texts have more than half of the words in common that say what each is about.
func sameMatter(a, b string) bool {
	x, y := matter(a), matter(b)
	shared := 0
	for w := range x {
		if y[w] {
			shared++
		}
	}
	return 2*shared > max(len(x), len(y))
}

func matter(text string) map[string]bool {
	words := map[string]bool{}
	for _, t := range norsk.Tokens(norm.NFC.String(text)) {
		if !norsk.Functional(t.Lower) {
			words[t.Lower] = true
		}
	}
	return words
}

// deadline is an item's deadline; "" where it has none, or one that is no day.
func deadline(due *string) string {
	if due == nil {
		return ""
	}
	if _, err := time.Parse(time.DateOnly, *due); err != nil {
		return ""
	}
	return *due
}
