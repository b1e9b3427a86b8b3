package postgres_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/storetest"
)

// BenchmarkLarge asks a large installation what is asked most, and reports the median and the 95th percentile of each
// answer in milliseconds. SQLite's BenchmarkLarge asks the same and more.
func BenchmarkLarge(b *testing.B) {
	const meetings = 10_000
	d := open(b, database(b))
	began := time.Now()
	storetest.FillLarge(b, d, meetings)
	fmt.Printf("%d meetings and %d segments filled in %v\n", meetings, meetings*storetest.LargeSegments, time.Since(began).Round(time.Second))
	ctx := context.Background()
	began = time.Now()
	if err := d.Scrub(ctx); err != nil {
		b.Fatal(err)
	}
	fmt.Printf("scrubbed in %v\n", time.Since(began).Round(time.Millisecond))
	few, one := &store.Sight{Owner: "u70"}, &store.Sight{Owner: "u71", Departments: []string{"d7"}}
	most := &store.Sight{Owner: "u71"}
	for i := 1; i < storetest.LargeDepartments; i++ {
		most.Departments = append(most.Departments, fmt.Sprint("d", i))
	}
	written := []store.Found{store.FoundDecision, store.FoundTask}
	in := func(s *store.Sight) store.Choice { return store.Choice{Seen: s} }
	search := func(q store.SearchQuery) func() (int, error) {
		return func() (int, error) { page, _, err := d.Search(ctx, q); return len(page), err }
	}
	tasks := func(q store.TaskQuery) func() (int, error) {
		return func() (int, error) { page, _, err := d.Tasks(ctx, q); return len(page), err }
	}
	list := func(f store.MeetingFilter) func() (int, error) {
		return func() (int, error) { page, _, err := d.Meetings(ctx, f); return len(page), err }
	}
	turn := 0
	for _, c := range []struct {
		name string
		do   func() (int, error)
	}{
		{"change/one meeting", func() (int, error) {
			turn++
			return 1, d.Tx(ctx, func(tx store.Tx) error { return tx.PutSetting(ctx, "k", fmt.Sprint(turn)) })
		}},
		{"list/all", list(store.MeetingFilter{})},
		{"list/one department", list(store.MeetingFilter{Seen: one})},
		{"list/39 departments", list(store.MeetingFilter{Seen: most})},
		{"list/states", list(store.MeetingFilter{Seen: one, States: []referent.State{referent.StateDraft, referent.StateApproved}})},
		{"search/common", search(store.SearchQuery{Text: "det ", In: in(most)})},
		{"search/rare", search(store.SearchQuery{Text: "enkeltfunnet", In: in(nil)})},
		{"search/none", search(store.SearchQuery{Text: "finnesikke", In: in(one)})},
		{"search/two common", search(store.SearchQuery{Text: "det kommunen", In: in(most)})},
		{"search/common and rare", search(store.SearchQuery{Text: "det enkeltfunnet", In: in(nil)})},
		{"search/prefix of two", search(store.SearchQuery{Text: "ko", In: in(one)})},
		{"search/prefix of five", search(store.SearchQuery{Text: "skole", In: in(few)})},
		{"search/one department", search(store.SearchQuery{Text: "saken", In: in(one)})},
		{"search/ten meetings", search(store.SearchQuery{Text: "det", In: in(few)})},
		{"search/another department's word", search(store.SearchQuery{Text: "særavdelingen", In: in(one)})},
		{"search/nothing seen", search(store.SearchQuery{Text: "det", In: in(&store.Sight{})})},
		{"search/speaker and word", search(store.SearchQuery{Speaker: "åse øde", Text: "skolen", In: in(one)})},
		{"search/decisions", search(store.SearchQuery{What: written[:1], In: in(one)})},
		{"search/words in decisions", search(store.SearchQuery{Text: "det", What: written, In: in(few)})},
		{"tasks/all", tasks(store.TaskQuery{In: in(most)})},
		{"tasks/ten meetings", tasks(store.TaskQuery{In: in(few)})},
		{"tasks/person, overdue", tasks(store.TaskQuery{In: in(most), Owner: "kari nordmann", Before: "2026-01-01"})},
		{"bodies", func() (int, error) { all, err := d.BodiesIn(ctx, in(most)); return len(all), err }},
	} {
		b.Run(c.name, func(b *testing.B) {
			var times []time.Duration
			n := 0
			for b.Loop() {
				start := time.Now()
				var err error
				if n, err = c.do(); err != nil {
					b.Fatal(err)
				}
				times = append(times, time.Since(start))
			}
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
