package e2e_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
)

// What TestLoad puts on a server. The defaults are over in seconds; `make bench-load` gives the real ones.
var (
	loadClients   = flag.Int("clients", 20, "who follow progress at once, in TestLoad")
	loadUploads   = flag.Int("uploads", 5, "uploads at once, in TestLoad")
	loadMegabytes = flag.Int("megabytes", 8, "size of each upload, in TestLoad")
	loadQueued    = flag.Int("queued", 40, "recordings that wait, in TestLoad")
	loadMeetings  = flag.Int("meetings", 500, "meetings that are over, in TestLoad: a multiple of 500")
	loadAsked     = flag.Int("asked", 8, "how many times each person asks everything, in TestLoad")
	loadFull      = flag.Bool("load", false, "TestLoad holds how soon the server answers to its bar, which is fair on a quiet machine only")
)

const (
	memoryBar = 500                    // MB that the server's process may have in memory at most
	moving    = 10                     // meetings that a worker tells progress of all the while, each shown once a second at most
	answerBar = 200 * time.Millisecond // 99 of 100 answers of the API
	leastMove = 3                      // times that each of them is stored to have moved at least
	// loadPace is that of a processor with one thread and the smallest model that is of use (docs/benchmarks.md).
	loadPace = 53 * time.Millisecond
)

// Many follow progress while many upload, and then while a worker works and people ask: nobody misses an event of what they
// may see or is told of anything else, every byte arrives, the server stays small, and answers. All the while recordings wait, and meetings
// of some years lie in the database. Nothing computes what is heard, which would take the processors that are measured:
// progress is told by a worker that does nothing else, and the one that works takes a set time.
func TestLoad(t *testing.T) {
	size := int64(*loadMegabytes) << 20
	data := t.TempDir()
	needSpace(t, data, int64(*loadUploads)*size+int64(*loadQueued)<<19)
	fillMeetings(t, data, *loadMeetings)
	s := startServer(t, data, "--workers", "0")
	memory := watchMemory(t, s.cmd.Process.Pid)
	people := staff(t, s)
	chief := people[len(people)-1]
	(&person{url: s.url, token: s.tok}).ask(t, "PUT", "/departments/"+access.All+"/members/"+chief.id+"/referent", nil, nil)
	wait := queueUp(t, people[:len(people)-1], *loadQueued)
	followers := follow(t, s, people, *loadClients)
	begun := storedEvents(t, data)

	stop := make(chan struct{})
	var work errgroup.Group
	mover := newMover(t, s, people[:len(people)-1])
	work.Go(func() error { return mover.run(t.Context(), stop) })
	began := time.Now()
	uploads := sendAll(t, people[:len(people)-1], *loadUploads, size)
	took := time.Since(began)
	mover.moved(t, data, leastMove)

	worker := s.startScaled("worker/works", loadPace)
	eventually(t, time.Minute, "the worker works", func() bool {
		return slices.ContainsFunc(storedEvents(t, data), func(e event) bool { return e.state == referent.StatePrepared })
	})
	left := s.waiting("prepare")
	asking, used, own := time.Now(), processor(t, []int{s.cmd.Process.Pid}), processor(t, []int{os.Getpid()})
	asked := askAll(t, people, wait, *loadAsked)
	cores := func(pid int, before time.Duration) string {
		return fmt.Sprintf("%.2f", (processor(t, []int{pid})-before).Seconds()/time.Since(asking).Seconds())
	}
	server, clients := cores(s.cmd.Process.Pid, used), cores(os.Getpid(), own)
	still := s.waiting("prepare")
	worker.leave(t)
	close(stop)
	if err := work.Wait(); err != nil {
		t.Fatal(err)
	}
	mover.cancel(t)

	told := settle(t, data, followers)
	events := checkEvents(t, followers, told, begun)
	differ, fetched := checkRecordings(t, uploads)
	most, usual := memory.end(t)

	var page strings.Builder
	w := tabwriter.NewWriter(&page, 0, 0, 2, ' ', 0)
	row := func(measure string, found any, bar string) { fmt.Fprintf(w, "%s\t%v\t%s\n", measure, found, bar) }
	row("measure", "found", "bar")
	row("clients that follow at once", len(followers), "")
	row("of them cut off once, and back", events.cut, "")
	row("events that were stored meanwhile", len(told)-len(begun), "")
	row("events that were due to clients", events.due, "")
	row("events lost", events.lost, "0")
	row("events twice, out of order, changed or not theirs to see", events.wrong, "0")
	row("from stored to received by those not cut off, median", quantile(events.late, 0.5), "")
	row("from stored to received, 95th percentile", quantile(events.late, 0.95), "")
	row("from stored to received, longest", quantile(events.late, 1), "")
	row("of the clients, pages that follow the queue", events.pages, "")
	row("outlooks that they were told", events.outlooks, "")
	row("uploads at once", fmt.Sprintf("%d of %d MB", len(uploads), *loadMegabytes), "")
	row("all of them took", took.Round(100*time.Millisecond), "")
	row("bytes a second, all together", fmt.Sprintf("%.0f MB", float64(int64(len(uploads))*size)/took.Seconds()/1e6), "")
	row("recordings whose SHA-256 at the server is another", differ, "0")
	row("recordings fetched again that are not what was sent", fmt.Sprintf("%d of %d", fetched.wrong, fetched.count), "0")
	row("meetings in the database that are over", *loadMeetings, "")
	row("recordings that wait while a worker works, and after", fmt.Sprintf("%d, %d", left, still), "")
	for _, kind := range asked.kinds {
		took := asked.took[kind]
		row(fmt.Sprintf("answer to %q, median and 99th percentile of %d", kind, len(took)), fmt.Sprintf("%v, %v", quantile(took, 0.5), quantile(took, 0.99)), "")
	}
	answered := quantile(asked.all(), 0.99)
	row("all answers, 99th percentile", answered, fmt.Sprintf("under %v", answerBar))
	row("processors that the server took meanwhile, and the clients", server+", "+clients, "")
	row("memory of the server, median", fmt.Sprintf("%d MB", usual), "")
	row("memory of the server, most ever", fmt.Sprintf("%d MB", most), fmt.Sprintf("under %d MB", memoryBar))
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	t.Logf("under load:\n%s", &page)
	if most >= memoryBar {
		t.Errorf("the server took %d MB", most)
	}
	if *loadFull && answered >= answerBar {
		t.Errorf("one of 100 answers took %v or more", answered)
	}
}
