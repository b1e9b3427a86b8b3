package e2e_test

import (
	"flag"
	"fmt"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"golang.org/x/sync/errgroup"
)

// What TestLoad puts on a server. The defaults are over in seconds; `make bench-load` gives the real ones.
var (
	loadClients   = flag.Int("clients", 20, "who follow progress at once, in TestLoad")
	loadUploads   = flag.Int("uploads", 5, "uploads at once, in TestLoad")
	loadMegabytes = flag.Int("megabytes", 8, "size of each upload, in TestLoad")
)

const (
	memoryBar = 500 // MB that the server's process may have in memory at most
	moving    = 10  // meetings that a worker tells progress of all the while, each shown once a second at most
	leastMove = 3   // times that each of them is stored to have moved at least
)

// Many follow progress while many upload: nobody misses an event of what they may see or is told of anything else,
// every byte arrives, and the server stays small. There is no recogniser, which would take the processors that are
// measured: the progress is told by a worker that does nothing else.
func TestLoad(t *testing.T) {
	size := int64(*loadMegabytes) << 20
	data := t.TempDir()
	needSpace(t, data, int64(*loadUploads)*size)
	s := startServer(t, data, "--workers", "0")
	memory := watchMemory(t, s.cmd.Process.Pid)
	people := staff(t, s)
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
	row("from stored to received by those not cut off, median", events.delay(0.5), "")
	row("from stored to received, 95th percentile", events.delay(0.95), "")
	row("from stored to received, longest", events.delay(1), "")
	row("uploads at once", fmt.Sprintf("%d of %d MB", len(uploads), *loadMegabytes), "")
	row("all of them took", took.Round(100*time.Millisecond), "")
	row("bytes a second, all together", fmt.Sprintf("%.0f MB", float64(int64(len(uploads))*size)/took.Seconds()/1e6), "")
	row("recordings whose SHA-256 at the server is another", differ, "0")
	row("recordings fetched again that are not what was sent", fmt.Sprintf("%d of %d", fetched.wrong, fetched.count), "0")
	row("memory of the server, median", fmt.Sprintf("%d MB", usual), "")
	row("memory of the server, most ever", fmt.Sprintf("%d MB", most), fmt.Sprintf("under %d MB", memoryBar))
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	t.Logf("under load:\n%s", &page)
	if most >= memoryBar {
		t.Errorf("the server took %d MB", most)
	}
}
