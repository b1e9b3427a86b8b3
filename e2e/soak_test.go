package e2e_test

import (
	"encoding/csv"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/referent/referent/failpoint/scaled"
)

// How long TestSoak goes on. Its short form is over after so few rounds that only what leaks in every one is found;
// `make soak` gives an hour.
var (
	soakMinutes = flag.Float64("soak", 0, "minutes that TestSoak goes on; 0: the short form")
	soakKeep    = flag.String("soak-keep", "", "folder for what TestSoak saw: soak.csv, and with -soak-heaps the heaps' profiles before and after")
	soakHeaps   = flag.Bool("soak-heaps", false, "take fine profiles of the heaps, whose record of every place that ever allocated grows resident memory by megabytes")
)

// The rounds that are not judged, while pools, caches and what is measured of the work fill; and how long each look at an
// idle point goes on.
const (
	soakWarmUp   = 2
	soakLongWarm = 6 * time.Minute // who reads something again within five is remembered (web/readings.go)
	soakLooks    = 4
	soakPause    = 250 * time.Millisecond
	soakCold     = 12 * time.Second // the long form waits so long before it looks: nats-server keeps the block that it wrote last in memory for ten
)

// soak is a server, a worker of it and a distant one, and who works with them.
type soak struct {
	t            *testing.T
	server       *server
	far          *scaledWorker
	clerk, alone *person // who works in a department, and who works in none
	sound        *speech
	http         *http.Client
	queue        *nats.Conn
	temp, told   string // TMPDIR of all processes; where they tell of themselves
	began        map[string]int
	stacks       map[string]string // goroutines, by process, when they were looked at last
}

// Hours of the same work leave nothing behind: at the idle points between rounds memory, goroutines, files, connections,
// subscriptions and processes are as many as after the first.
func TestSoak(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector keeps memory of its own; the soak is run without it as well")
	}
	k := newSoak(t)
	var warmed, end time.Time
	if *soakMinutes > 0 {
		k.use()
		warmed, end = time.Now().Add(soakLongWarm), time.Now().Add(time.Duration(*soakMinutes*float64(time.Minute)))
	}
	var seen []sample
	var before map[string]string
	began := time.Now()
	for n := 0; len(seen) < leastRounds || time.Now().Before(end); n++ {
		if !t.Run(fmt.Sprint("round ", n+1), func(t *testing.T) { (&round{k, t, map[string]*person{}}).live(n%2 == 1) }) {
			return
		}
		now := k.idle()
		if n < soakWarmUp || time.Now().Before(warmed) {
			continue
		}
		if len(seen) == 0 {
			before, began = maps.Clone(k.stacks), time.Now()
			k.keepHeaps("before")
		}
		seen = append(seen, now)
	}
	k.keepHeaps("after")
	k.judge(seen, before, time.Since(began))
}

func newSoak(t *testing.T) *soak {
	path, err := scaledProgram()
	if err != nil {
		t.Fatal("the program does not build: ", err)
	}
	k := &soak{t: t, http: &http.Client{Transport: &http.Transport{}}, temp: t.TempDir(), told: t.TempDir(), stacks: map[string]string{}}
	model := httptest.NewServer(http.HandlerFunc(scaled.AnswerNothing))
	t.Cleanup(model.Close)
	for name, value := range map[string]string{
		"TMPDIR": k.temp, "FAILPOINTS_INSIDE": k.told, "FAILPOINTS_PACE": soakPace.String(), "FAILPOINTS_SEATS": "1", "FAILPOINTS_LIVE": "1",
		"REFERENT_LLM_URL": model.URL + "/v1", "REFERENT_LLM_MODEL": "tom",
		"GOMAXPROCS": strconv.Itoa(min(2, runtime.GOMAXPROCS(0))),
	} {
		t.Setenv(name, value)
	}
	if *soakHeaps {
		t.Setenv("FAILPOINTS_HEAPS", "1")
	}
	k.server = startServerOf(t, path, nil, t.TempDir(), "--workers", "1", "--threads", "1")
	k.far = k.server.startScaled("worker/far", soakPace)
	k.server.presentWorkers(2)
	k.sound = speeches(t, 1, soakSound)[0]
	k.queue = k.dialQueue()
	k.employ()
	k.began = k.processes()
	return k
}

// processes are those that are looked at. The server's only child is its worker.
func (k *soak) processes() map[string]int {
	k.t.Helper()
	pid := k.server.cmd.Process.Pid
	children := childrenByParent(k.t, pid)
	if len(children) != 1 {
		k.t.Fatalf("the server has %d children", len(children))
	}
	return map[string]int{"server": pid, "local worker": children[0], "distant worker": k.far.Process.Pid}
}

// idle waits until nobody is at anything, and looks for a while.
func (k *soak) idle() sample {
	k.t.Helper()
	k.http.CloseIdleConnections()
	http.DefaultClient.CloseIdleConnections()
	eventually(k.t, time.Minute, "nobody is at anything", func() bool {
		workers, err := k.server.api.Workers(k.t.Context())
		if err != nil {
			k.t.Fatal(err)
		}
		return !slices.ContainsFunc(workers, func(w workerInfo) bool { return len(w.Jobs) > 0 }) && k.metric("referent_event_streams") == 0
	})
	k.http.CloseIdleConnections()
	k.stillThere()
	if *soakMinutes > 0 {
		time.Sleep(soakCold)
	}
	least := sample{}
	for range soakLooks {
		time.Sleep(soakPause)
		least.atLeast(k.look())
	}
	return least
}

// keepHeaps copies the profiles of the last look.
func (k *soak) keepHeaps(when string) {
	k.t.Helper()
	if *soakKeep == "" || !*soakHeaps {
		return
	}
	for who, pid := range k.began {
		data, err := os.ReadFile(filepath.Join(k.told, fmt.Sprint(pid, ".heap")))
		if err == nil {
			err = os.WriteFile(filepath.Join(*soakKeep, strings.ReplaceAll(who, " ", "-")+"-"+when+".heap"), data, 0o600)
		}
		if err != nil {
			k.t.Error(err)
		}
	}
}

// judge fails the test for what grows though it may not, and prints all.
func (k *soak) judge(seen []sample, before map[string]string, took time.Duration) {
	k.t.Helper()
	var page strings.Builder
	w := tabwriter.NewWriter(&page, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "figure\tfirst third\tlast third\tgrowth\tan hour\tallowed\tz\t\t\n")
	names := slices.Sorted(maps.Keys(seen[0]))
	var table [][]string
	for _, name := range names {
		s, row := series{}, []string{name}
		for _, one := range seen {
			s = append(s, one[name])
			row = append(row, strconv.FormatFloat(one[name], 'f', -1, 64))
		}
		table = append(table, row)
		rule, t, verdict, allowed := ruleOf(name), s.trend(), "", "expected"
		if !rule.grows {
			allowed = rule.show(rule.allowed)
			if s.grows(rule.allowed) {
				verdict = "GROWS"
				k.t.Errorf("%s: from %s to %s", name, rule.show(t.first), rule.show(t.last))
			}
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%.1f\t%s\t\n", name, rule.show(t.first), rule.show(t.last), rule.show(s.growth()), rule.show(s.growth()/took.Hours()), allowed, t.z, verdict)
	}
	if err := w.Flush(); err != nil {
		k.t.Fatal(err)
	}
	k.t.Logf("%d rounds in %v:\n%s", len(seen), took.Round(time.Second), &page)
	if k.t.Failed() {
		for who := range before {
			k.t.Logf("goroutines of the %s that are more than before:\n%s", who, moreStacks(before[who], k.stacks[who]))
		}
	}
	if *soakKeep != "" {
		k.write(table)
	}
}

func (k *soak) write(table [][]string) {
	k.t.Helper()
	f, err := os.Create(filepath.Join(*soakKeep, "soak.csv"))
	if err != nil {
		k.t.Fatal(err)
	}
	defer f.Close()
	if err := csv.NewWriter(f).WriteAll(table); err != nil {
		k.t.Fatal(err)
	}
}
