//go:build unix

package sqlite

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/storetest"
)

// benchMeetings is 100,000 in `make bench-scale`.
var benchMeetings = flag.Int("meetings", 10_000, "meetings in the database of BenchmarkLarge: a multiple of 1000")

const (
	benchQueued      = 200 // meetings that work is left on
	benchChunks      = 20  // jobs of each of them
	benchSegments    = storetest.LargeSegments
	benchDepartments = storetest.LargeDepartments
)

// queueTwoHundred leaves work on that many meetings, of 20 chunks each, and work that is done on all.
func queueTwoHundred(b testing.TB, d *DB) {
	ctx, day := b.Context(), time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC)
	err := d.Tx(ctx, func(tx store.Tx) error {
		for i := range *benchMeetings {
			chunks, state := 2, referent.JobDone
			if i%(*benchMeetings/benchQueued) == 0 {
				chunks, state = benchChunks, referent.JobQueued
			}
			for k := range chunks {
				if err := tx.AddJob(ctx, &referent.Job{ID: fmt.Sprintf("j%05d-%d", i, k), Meeting: fmt.Sprintf("m%05d", i), Stage: referent.StageTranscribe, Chunk: k,
					Priority: referent.PriorityBulk, State: state, Created: day, Updated: day}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

// renamer makes one more meeting, in which somebody says n segments, and gives what changes this one's name.
func renamer(b testing.TB, d *DB, n int) func() (int, error) {
	ctx, words := b.Context(), storetest.Vocabulary(rand.New(rand.NewPCG(3, 4)))
	tr := &referent.Transcript{Speakers: []referent.Speaker{{ID: "S1", Name: "Kari Nordmann"}}}
	for k := range n {
		tr.Segments = append(tr.Segments, referent.Segment{ID: fmt.Sprint("s", k), Speaker: "S1", Text: strings.Join(words[k*7%9000:][:14], " ")})
	}
	if err := d.Tx(ctx, func(tx store.Tx) error {
		return tx.CreateMeeting(ctx, &referent.Meeting{ID: "long", Owner: "u", Created: time.Date(2025, 1, 1, 9, 0, 0, 0, time.UTC)}, nil)
	}); err != nil {
		b.Fatal(err)
	}
	turn := 0
	do := func() (int, error) {
		turn++
		tr.Speakers[0].Name = []string{"Kari Nordmann", "Karin Normann"}[turn%2]
		return n, d.Tx(context.Background(), func(tx store.Tx) error { return tx.IndexTranscript(context.Background(), "long", tr) })
	}
	if _, err := do(); err != nil {
		b.Fatal(err)
	}
	return do
}

// beside makes small changes, one after the other, until do is done, and returns how long each took, the shortest first.
func beside(b testing.TB, d *DB, do func() error) (waits []time.Duration) {
	ctx, done := context.Background(), make(chan error, 1)
	go func() { done <- do() }()
	for {
		began := time.Now()
		if err := d.Tx(ctx, func(tx store.Tx) error {
			return tx.UpdateMeeting(ctx, &referent.Meeting{ID: "long", Owner: "u", Title: fmt.Sprint("Endret ", len(waits))})
		}); err != nil {
			b.Fatal(err)
		}
		waits = append(waits, time.Since(began))
		select {
		case err := <-done:
			if err != nil {
				b.Fatal(err)
			}
			slices.Sort(waits)
			return waits
		default:
		}
	}
}

// oneMeeting reads meetings all over the database.
func oneMeeting(d *DB) func() (int, error) {
	ctx, turn := context.Background(), 0
	return func() (int, error) {
		turn += 7919
		id := fmt.Sprintf("m%05d", turn%*benchMeetings)
		if _, err := d.Meeting(ctx, id); err != nil {
			return 0, err
		}
		jobs, err := d.JobsOf(ctx, id)
		return len(jobs), err
	}
}

// mark does what the dispatcher does when jobs are in the queue, and takes it back.
func mark(d *DB) func() (int, error) {
	ctx := context.Background()
	return func() (n int, err error) {
		jobs, err := d.Queued(ctx, store.QueuedFilter{Due: time.Now()}, 200)
		if err != nil {
			return 0, err
		}
		err = d.Tx(ctx, func(tx store.Tx) error {
			for _, j := range jobs {
				if err := tx.MarkPublished(ctx, j.ID, j.Epoch); err != nil {
					return err
				}
			}
			n, err = tx.UnmarkAllPublished(ctx)
			return err
		})
		return n, err
	}
}

// claim leases the next job, with the statements of a worker's claim.
func claim(d *DB) func() (int, error) {
	ctx, turn := context.Background(), -1
	return func() (int, error) {
		turn++
		meeting := turn / benchChunks % benchQueued * (*benchMeetings / benchQueued)
		return 1, d.Tx(ctx, func(tx store.Tx) error {
			j, err := tx.Job(ctx, fmt.Sprintf("j%05d-%d", meeting, turn%benchChunks))
			if err != nil {
				return err
			}
			if _, err := tx.Meeting(ctx, j.Meeting); err != nil {
				return err
			}
			fence := j.Epoch
			j.Epoch++
			j.Attempt++
			j.State, j.Worker, j.LeaseExpires = referent.JobLeased, "worker/bench", time.Now().Add(time.Minute)
			return tx.UpdateJob(ctx, j, fence)
		})
	}
}

// cpuTime is what this process has taken of the processors so far: unlike the clock it does not see what else the
// machine does.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkLarge answers what a large installation is asked, and reports the median and the 95th percentile of
// each answer in milliseconds, and what it takes of a processor: `make bench-web`.
func BenchmarkLarge(b *testing.B) {
	d := openInternal(b)
	began := time.Now()
	storetest.FillLarge(b, d, *benchMeetings)
	fmt.Printf("%d meetings and %d segments filled in %v\n", *benchMeetings, *benchMeetings*benchSegments, time.Since(began).Round(time.Second))
	queueTwoHundred(b, d)
	rename := renamer(b, d, 1000)
	ctx := context.Background()
	began, cpu := time.Now(), cpuTime(b)
	waits := beside(b, d, func() error { return d.Scrub(ctx) })
	fmt.Printf("scrubbed in %v, %v of a processor; %d changes beside it waited %v at the 95th percentile and %v at most\n", time.Since(began).Round(time.Millisecond),
		(cpuTime(b) - cpu).Round(time.Millisecond), len(waits), waits[len(waits)*95/100].Round(time.Millisecond), waits[len(waits)-1].Round(time.Millisecond))
	few := &store.Sight{Owner: "u70"}
	one := &store.Sight{Owner: "u71", Departments: []string{"d7"}}
	var many []string
	for i := range benchDepartments {
		many = append(many, fmt.Sprint("d", i))
	}
	most := &store.Sight{Owner: "u71", Departments: many[1:]}
	archive := store.Choice{Seen: &store.Sight{}, Approved: []string{"d7"}}
	search := func(q store.SearchQuery) func() (int, error) {
		return func() (int, error) { page, _, err := d.Search(ctx, q); return len(page), err }
	}
	tasks := func(q store.TaskQuery) func() (int, error) {
		return func() (int, error) { page, _, err := d.Tasks(ctx, q); return len(page), err }
	}
	list := func(f store.MeetingFilter) func() (int, error) {
		return func() (int, error) { page, _, err := d.Meetings(ctx, f); return len(page), err }
	}
	written := []store.Found{store.FoundDecision, store.FoundTask}
	all := append([]store.Found{store.FoundSaid}, written...)
	day := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	in := func(s *store.Sight) store.Choice { return store.Choice{Seen: s} }
	for _, c := range []struct {
		name string
		do   func() (int, error)
	}{
		{"list/all", list(store.MeetingFilter{})},
		{"list/one department", list(store.MeetingFilter{Seen: one})},
		{"list/39 departments", list(store.MeetingFilter{Seen: most})},
		{"search/common", search(store.SearchQuery{Text: "det ", In: in(most)})},
		{"search/common, of all kinds", search(store.SearchQuery{Text: "det", What: all, In: in(most)})},
		{"search/prefix of three, of all kinds", search(store.SearchQuery{Text: "kom", What: all, In: in(one)})},
		{"search/rare", search(store.SearchQuery{Text: "enkeltfunnet", In: in(nil)})},
		{"search/none", search(store.SearchQuery{Text: "finnesikke", In: in(one)})},
		{"search/two common", search(store.SearchQuery{Text: "det kommunen", In: in(most)})},
		{"search/common and rare", search(store.SearchQuery{Text: "det enkeltfunnet", In: in(nil)})},
		{"search/ten words", search(store.SearchQuery{Text: "det er og i på vi som at en til", In: in(most)})},
		{"search/prefix of one letter", search(store.SearchQuery{Text: "k", In: in(one)})},
		{"search/prefix of two", search(store.SearchQuery{Text: "ko", In: in(one)})},
		{"search/prefix of three", search(store.SearchQuery{Text: "kom", In: in(one)})},
		{"search/prefix of four", search(store.SearchQuery{Text: "komm", In: in(one)})},
		{"search/prefix of five", search(store.SearchQuery{Text: "skole", In: in(few)})},
		{"search/two and a prefix", search(store.SearchQuery{Text: "det saken budsj", In: in(one)})},
		{"search/one department", search(store.SearchQuery{Text: "saken", In: in(one)})},
		{"search/ten meetings", search(store.SearchQuery{Text: "det", In: in(few)})},
		{"search/ten meetings, less common", search(store.SearchQuery{Text: "sykehjemsplanen oppgave", In: in(few)})},
		{"search/approved only", search(store.SearchQuery{Text: "saken", In: archive})},
		{"search/another department's word", search(store.SearchQuery{Text: "særavdelingen", In: in(one)})},
		{"search/nothing seen", search(store.SearchQuery{Text: "det", In: in(&store.Sight{})})},
		{"search/body and dates", search(store.SearchQuery{Text: "møtet", In: store.Choice{Seen: most, Body: "Utvalg 7", From: day, To: day.AddDate(0, 2, 0)}})},
		{"search/speaker", search(store.SearchQuery{Speaker: "Åse Ødegård", In: in(one)})},
		{"search/speaker and word", search(store.SearchQuery{Speaker: "åse øde", Text: "skolen", In: in(one)})},
		{"search/speaker and rare word", search(store.SearchQuery{Speaker: "kari nordmann", Text: "enkeltfunnet", In: in(nil)})},
		{"search/decisions", search(store.SearchQuery{What: written[:1], In: in(one)})},
		{"search/words in decisions", search(store.SearchQuery{Text: "det", What: written, In: in(few)})},
		{"tasks/all", tasks(store.TaskQuery{In: in(most)})},
		{"tasks/one department", tasks(store.TaskQuery{In: in(one)})},
		{"tasks/ten meetings", tasks(store.TaskQuery{In: in(few)})},
		{"tasks/done", tasks(store.TaskQuery{In: in(few), Done: true})},
		{"tasks/person, overdue", tasks(store.TaskQuery{In: in(most), Owner: "kari nordmann", Before: "2026-01-01"})},
		{"tasks/owners", func() (int, error) { all, err := d.TaskOwners(ctx, in(most), false); return len(all), err }},
		{"change/rename a speaker of 1,000 segments", rename},
		{"backlog of 200 meetings", func() (int, error) { all, err := d.Backlog(ctx); return len(all), err }},
		{"bodies", func() (int, error) { all, err := d.BodiesIn(ctx, in(most)); return len(all), err }},
		{"one meeting and its jobs", oneMeeting(d)},
		{"dispatch/next 200 jobs", func() (int, error) {
			all, err := d.Queued(ctx, store.QueuedFilter{Due: time.Now()}, 200)
			return len(all), err
		}},
		{"dispatch/200 jobs marked, and unmarked again", mark(d)},
		{"claim/one job", claim(d)},
	} {
		b.Run(c.name, func(b *testing.B) {
			var times []time.Duration
			n, cpu := 0, cpuTime(b)
			for b.Loop() {
				start := time.Now()
				var err error
				if n, err = c.do(); err != nil {
					b.Fatal(err)
				}
				times = append(times, time.Since(start))
			}
			b.ReportMetric(float64((cpuTime(b)-cpu).Microseconds())/float64(1000*len(times)), "cpu-ms")
			slices.Sort(times)
			ms := func(share float64) float64 {
				return float64(times[int(share*float64(len(times)-1))].Microseconds()) / 1000
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(ms(0.5), "p50-ms")
			b.ReportMetric(ms(0.95), "p95-ms")
			b.ReportMetric(float64(n), "found")
		})
	}
}
