package e2e_test

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/referent/referent/pipeline"
)

type workerInfo = pipeline.WorkerInfo

// rule says by how much a figure may grow over all rounds.
type rule struct {
	names   []string // ends of the figures' names
	allowed float64
	bytes   bool
	grows   bool // it does, for as long as people work: it is told
}

// What is counted must come back. One connection or file more is one that happens to be open in all looks of some rounds;
// a leak of one in each does not stay there. Threads are Go's own: it ends none, and starts one more when as many as there
// are wait for the kernel at once.
var rules = []rule{
	{names: []string{"goroutines"}, allowed: 2},
	{names: []string{"sockets", "pipes", "other files"}, allowed: 1},
	{names: []string{"threads"}, allowed: 6},
	// Connections to SQLite are opened when as many ask at once, up to the pool's size, and kept: each has the database and its log.
	{names: []string{"database files"}, allowed: 8},
	{names: []string{"heap"}, allowed: 1 << 20, bytes: true},
	{names: []string{"Go memory"}, allowed: 8 << 20, bytes: true},
	// SQLite's pages, up to 8 MiB for each connection, lie outside Go's heap, and so does what ONNX Runtime keeps.
	{names: []string{"memory"}, allowed: 16 << 20, bytes: true},
	{names: []string{"database file", "write-ahead log", "JetStream bytes"}, bytes: true, grows: true},
	{names: []string{"events rows", "audit rows", "readings rows", "receipts rows"}, grows: true},
}

// ruleOf is the rule of a figure; what has none must stay as it is.
func ruleOf(name string) rule {
	for _, r := range rules {
		if slices.ContainsFunc(r.names, func(end string) bool { return name == end || strings.HasSuffix(name, " "+end) }) {
			return r
		}
	}
	return rule{}
}

func (r *rule) show(v float64) string {
	if r.bytes {
		return fmt.Sprintf("%.2f MB", v/1e6)
	}
	return strconv.FormatFloat(math.Round(10*v)/10, 'f', -1, 64)
}

// byStack counts goroutines by where they stand, as pprof writes them.
func byStack(profile string) map[string]int {
	all := map[string]int{}
	for block := range strings.SplitSeq(profile, "\n\n") {
		head, stack, ok := strings.Cut(strings.TrimSpace(block), "\n")
		if strings.HasPrefix(head, "goroutine profile:") {
			head, stack, ok = strings.Cut(stack, "\n")
		}
		count, _, at := strings.Cut(head, " @ ")
		if n, err := strconv.Atoi(count); ok && at && err == nil {
			all[stack] += n
		}
	}
	return all
}

// moreStacks lists the goroutines of which there are more in after than in before.
func moreStacks(before, after string) string {
	var b strings.Builder
	was := byStack(before)
	for stack, n := range byStack(after) {
		if n > was[stack] {
			fmt.Fprintf(&b, "%d, before %d:\n%s\n", n, was[stack], stack)
		}
	}
	return b.String()
}

// Each figure has the rule that is meant for it, and goroutines are told apart.
func TestSoakRules(t *testing.T) {
	for name, allowed := range map[string]float64{"server goroutines": 2, "distant worker other files": 1, "server memory": 16 << 20,
		"server Go memory": 8 << 20, "local worker heap": 1 << 20, "NATS subscriptions": 0, "server database files": 8, "temporary files": 0} {
		if r := ruleOf(name); r.allowed != allowed || r.grows {
			t.Errorf("%s: %+v", name, r)
		}
	}
	for _, name := range []string{"database file", "audit rows"} {
		if !ruleOf(name).grows {
			t.Errorf("%s may not grow", name)
		}
	}
	before := "goroutine profile: total 3\n2 @ 0x1 0x2\n#\t0x1\ta.wait+0x1\ta.go:1\n\n1 @ 0x3\n#\t0x3\tb.wait+0x1\tb.go:1\n\n"
	after := strings.Replace(before, "2 @ 0x1", "5 @ 0x9", 1)
	if got := moreStacks(before, after); !strings.HasPrefix(got, "5, before 2:\n") || strings.Contains(got, "b.wait") {
		t.Errorf("%q", got)
	}
	if got := moreStacks(before, before); got != "" {
		t.Errorf("%q", got)
	}
}
