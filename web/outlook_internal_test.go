package web

import (
	"fmt"
	"testing"

	"github.com/referent/referent/pipeline"
)

// waiting are n meetings that wait, ten seconds each, the first of which is the one numbered from.
func waiting(from, n int) (all []pipeline.Outlook) {
	for i := range n {
		begins := float64(10 * i)
		all = append(all, pipeline.Outlook{Meeting: fmt.Sprint("m", from+i), Standing: pipeline.Queued, Place: i + 1, Begins: &begins})
	}
	return all
}

// A thousand that wait move a place each time one is done. Who is near is told each time, who is far back when it
// is a tenth, and nobody is told a place that is wrong by more.
func TestLongQueueIsToldSparingly(t *testing.T) {
	const n = 1000
	teller := &outlookTeller{lang: "nb", told: map[string]toldOutlook{}}
	if first := len(teller.changes(waiting(0, n))); first != n {
		t.Fatalf("%d were told at first", first)
	}
	told := 0
	for done := 1; done <= 100; done++ {
		now := waiting(done, n-done)
		near := map[string]bool{}
		for _, o := range teller.changes(now) {
			told++
			near[o.Meeting] = o.Standing == "" || o.Place <= 10
		}
		if !near[fmt.Sprint("m", done-1)] {
			t.Fatal("who is done is not told so")
		}
		for _, o := range now {
			if was := teller.told[o.Meeting]; was.place-o.Place >= max(1, was.place/10+1) {
				t.Fatalf("place %d was told as %d", o.Place, was.place)
			}
			if o.Place <= 9 && !near[o.Meeting] {
				t.Fatalf("place %d was not told", o.Place)
			}
		}
	}
	if most := 100 * n / 10; told > most {
		t.Errorf("%d were told for 100 that were done, more than %d", told, most)
	}
}

// What stands still, or goes on, is told at once, however far back it waits.
func TestStandingIsTold(t *testing.T) {
	teller := &outlookTeller{lang: "nb", told: map[string]toldOutlook{}}
	teller.changes(waiting(0, 500))
	for _, standing := range []pipeline.Standing{pipeline.NoWorkers, pipeline.Queued, pipeline.Working} {
		now := waiting(0, 500)
		for i := range now {
			now[i].Standing = standing
		}
		if told := len(teller.changes(now)); told != 500 {
			t.Errorf("%s: %d of 500 were told", standing, told)
		}
	}
}

// Where many departments take turns, the next of each may begin at once and yet have a place far back: that too is told by tenths.
func TestTurnsOfManyDepartmentsAreToldSparingly(t *testing.T) {
	turns := func(more int) []pipeline.Outlook {
		all, soon := waiting(0, 200), 0.0
		for i := range all {
			all[i].Place += more
			all[i].Begins = &soon
		}
		return all
	}
	teller := &outlookTeller{lang: "nb", told: map[string]toldOutlook{}}
	teller.changes(turns(0))
	for _, o := range teller.changes(turns(1)) {
		if o.Place > 20 {
			t.Fatalf("place %d was told when one more department came", o.Place)
		}
	}
	if told := len(teller.changes(turns(100))); told < 190 {
		t.Errorf("%d of 200 were told when a hundred came", told)
	}
}
