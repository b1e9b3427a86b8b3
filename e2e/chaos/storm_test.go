package chaos

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/referent/referent"
)

// storm is faults one after the other while people work.
type storm struct {
	w          *world
	ctx        context.Context
	r          *rand.Rand
	l          *ledger
	recordings [][]byte
	lives      sync.WaitGroup
	ends       sync.WaitGroup
	at         time.Time // of the last death
	flips      int

	injected map[string]int
	reached  map[string]int // steps at which somebody died
	again    map[string][]time.Duration
}

// people are how many meetings are on their way at once.
const people = 6

// blow sends people to work, does the faults, those of first in their order, waits until all lives are over, and judges.
func blow(w *world, seed int64, recordings [][]byte, first, plan []fault, budget time.Duration) (*storm, *verdict) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), budget+10*time.Minute)
	defer cancel()
	s := &storm{w: w, ctx: ctx, r: rand.New(rand.NewPCG(uint64(seed), 1)), l: &ledger{}, recordings: recordings,
		injected: map[string]int{}, reached: map[string]int{}, again: map[string][]time.Duration{}}
	reference := w.reference(ctx, recordings[:len(recordings)-1])
	reference = append(reference, &referent.Transcript{})
	w.t.Logf("the undisturbed transcripts are there")

	resting := make(chan struct{})
	for i := range people {
		s.lives.Go(func() {
			r := rand.New(rand.NewPCG(uint64(seed), uint64(100+i)))
			for {
				select {
				case <-resting:
					return
				default:
				}
				which := r.IntN(len(recordings) - 1)
				w.live(ctx, s.l, r, recordings[which], which, false)
			}
		})
	}
	s.r.Shuffle(len(plan), func(i, j int) { plan[i], plan[j] = plan[j], plan[i] })
	plan = append(first, plan...)
	tries, done, end := map[string]int{}, 0, time.Now().Add(budget)
	for len(plan) > 0 && time.Now().Before(end) {
		f := plan[0]
		plan = plan[1:]
		if f.do(s) {
			s.injected[f.kind]++
			if done++; done%25 == 0 {
				w.t.Logf("%d failures, %d to come", done, len(plan))
			}
			if strings.Contains(f.kind, "step") {
				s.reached[f.name]++
			}
		} else if tries[f.kind+f.name]++; tries[f.kind+f.name] <= 3 {
			plan = append(plan, f)
		}
		s.sleep(time.Duration(s.r.IntN(700)) * time.Millisecond)
	}
	if len(plan) > 0 {
		w.t.Logf("%d faults were not done in time", len(plan))
	}
	close(resting)
	s.ends.Wait()
	over := make(chan struct{})
	go func() { s.lives.Wait(); close(over) }()
	select {
	case <-over:
	case <-time.After(6 * time.Minute):
		w.t.Errorf("%d meetings are still on their way long after the last fault", s.l.count(func(m *meeting) bool { return !m.erased }))
		cancel()
		<-over
		ctx = w.t.Context()
	}
	w.down(func() {}) // what is there must be there after a restart
	w.ready()
	return s, w.judge(ctx, s.l, reference)
}

// recovered waits until a chunk is begun after the last death, and notes how long that took.
//
// No chunk counts whose worker may have asked before: after the death of the only server none that was begun before another was
// started, and where others live none of the first moment.
func (s *storm) recovered(kind string) {
	from := s.at
	if len(s.w.servers) > 1 {
		from = from.Add(250 * time.Millisecond)
	} else if !strings.Contains(kind, "worker") && !strings.Contains(kind, "PostgreSQL") {
		within(30*time.Second, func() bool {
			from = s.w.servers[0].startedAt()
			return from.After(s.at.Add(-100 * time.Millisecond))
		})
	}
	var first time.Time
	ok := within(60*time.Second, func() bool {
		for _, at := range s.begun() {
			if at.After(from) {
				first = at
				return true
			}
		}
		return s.ctx.Err() != nil
	})
	if !ok {
		s.w.t.Errorf("%s: no chunk was begun within a minute", kind)
	}
	if first.IsZero() {
		return
	}
	s.again[kind] = append(s.again[kind], first.Sub(s.at))
}

// begun is when each chunk was begun, as far as anybody was.
func (s *storm) begun() (all []time.Time) {
	text, err := os.ReadFile(filepath.Join(s.w.points, "begun"))
	if err != nil {
		return nil
	}
	for line := range strings.FieldsSeq(string(text)) {
		if at, err := strconv.ParseInt(line, 10, 64); err == nil {
			all = append(all, time.UnixMicro(at))
		}
	}
	return all
}

// table is what a run is about.
func (s *storm) table(v *verdict) string {
	var b strings.Builder
	total := 0
	fmt.Fprintf(&b, "%-48s %8s   next chunk begins: median, longest\n", "failure", "injected")
	for _, kind := range slices.Sorted(maps.Keys(s.injected)) {
		fmt.Fprintf(&b, "%-48s %8d", kind, s.injected[kind])
		total += s.injected[kind]
		if times := slices.Sorted(slices.Values(s.again[kind])); len(times) > 0 {
			fmt.Fprintf(&b, "   %.1f s, %.1f s", times[len(times)/2].Seconds(), times[len(times)-1].Seconds())
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "%-48s %8d   at %d named steps\n", "all", total, len(s.reached))
	fmt.Fprintf(&b, "recordings accepted %d: came out %d, erased %d, poisoned and told so %d; edits acknowledged %d; gone on with by hand after three deaths %d\n",
		v.accepted, v.out, v.erased, v.poisoned, v.edits, v.resumed)
	fmt.Fprintf(&b, "lost %d, doubled %d, overwritten %d, damaged %d\n", len(v.lost), len(v.doubled), len(v.overwritten), len(v.damaged))
	return b.String()
}

func (v *verdict) report(t *testing.T) {
	t.Helper()
	for what, list := range map[string][]string{"lost": v.lost, "doubled": v.doubled, "overwritten": v.overwritten, "damaged": v.damaged} {
		for _, x := range list {
			t.Errorf("%s: %s", what, x)
		}
	}
	if v.accepted != v.out+v.erased+v.poisoned && v.good() {
		t.Errorf("of %d accepted, %d came out, %d were erased and %d poisoned", v.accepted, v.out, v.erased, v.poisoned)
	}
}
