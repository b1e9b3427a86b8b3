package e2e_test

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/referent/referent/client"
)

// answers are how long the server took to answer, by what was asked; in order when all have come.
type answers struct {
	mu    sync.Mutex
	kinds []string // in the order that they are asked
	took  map[string][]time.Duration
}

// askPause is between two requests of a person: who follows a page does not ask without a stop.
const askPause = 50 * time.Millisecond

// askAll has all people ask the same questions of the API at once, so many times each: the first page of their meetings,
// one meeting that waits and its jobs, how it goes with what work is left on, and words.
func askAll(t *testing.T, people []*person, wait []queued, times int) *answers {
	t.Helper()
	a := &answers{kinds: []string{"meetings", "one meeting", "its jobs", "outlooks", "search"}, took: map[string][]time.Duration{}}
	var group errgroup.Group
	for at, p := range people {
		// A token reaches no meeting of another's that has no department, whoever made the token.
		mine := slices.DeleteFunc(slices.Clone(wait), func(q queued) bool {
			return q.by != p && (q.by.place == "" || !p.sees(q.by.id, q.by.place))
		})
		group.Go(func() error {
			time.Sleep(askPause * time.Duration(at) / time.Duration(len(people)))
			for i := range times {
				if err := a.ask(t.Context(), p, mine[i%len(mine)].meeting, searchWords[(at+i)%len(searchWords)]); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	for _, took := range a.took {
		slices.Sort(took)
	}
	return a
}

// searchWords are common, rare and in no meeting.
var searchWords = []string{"det", "kommunen saken", "enkeltfunnet", "budsj", "finnesikke"}

func (a *answers) ask(ctx context.Context, p *person, meeting, words string) error {
	for _, kind := range a.kinds {
		began := time.Now()
		var err error
		switch kind {
		case "meetings":
			_, _, err = p.api.List(ctx, client.Filter{})
		case "one meeting":
			_, err = p.api.Get(ctx, meeting)
		case "its jobs":
			_, err = p.api.Jobs(ctx, meeting)
		case "outlooks":
			err = p.try("GET", "/outlooks", nil, nil)
		case "search":
			err = p.try("GET", "/search?q="+url.QueryEscape(words), nil, nil)
		}
		took := time.Since(began)
		if err != nil {
			return fmt.Errorf("%s of %s, asked by %s: %w", kind, meeting, p.name, err)
		}
		a.mu.Lock()
		a.took[kind] = append(a.took[kind], took)
		a.mu.Unlock()
		time.Sleep(askPause)
	}
	return nil
}

// all is how long all answers took, in order.
func (a *answers) all() (all []time.Duration) {
	for _, took := range a.took {
		all = append(all, took...)
	}
	slices.Sort(all)
	return all
}

// quantile is that of times in order.
func quantile(times []time.Duration, share float64) time.Duration {
	if len(times) == 0 {
		return 0
	}
	return times[int(share*float64(len(times)-1))].Round(100 * time.Microsecond)
}
