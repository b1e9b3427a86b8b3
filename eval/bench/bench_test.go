package bench_test

import (
	"strings"
	"testing"

	"github.com/referent/referent/eval/bench"
)

func sh(name, script string) bench.Command {
	return bench.Command{Name: name, Args: []string{"sh", "-c", script},
		Words: func(out []byte) (string, error) { return strings.TrimSpace(string(out)), nil }}
}

func TestMeasure(t *testing.T) {
	c := sh("a", `echo; echo one; i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; sh -c 'echo two'; sleep 0.6`)
	r, err := bench.Measure(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if r.Words != "one\ntwo" || r.First <= 0 || r.First >= r.Wall || r.CPU <= 0 || r.Wall < 0.6 {
		t.Errorf("run %+v", r)
	}
	if r.Peak < 100<<10 || r.Most < 100<<10 || len(r.Memory) == 0 {
		t.Errorf("memory %d, %d samples", r.Peak, len(r.Memory))
	}
}

func TestMeasureTellsWhy(t *testing.T) {
	_, err := bench.Measure(t.Context(), sh("broken", "echo the cause >&2; exit 3"))
	if err == nil || !strings.Contains(err.Error(), "the cause") || !strings.Contains(err.Error(), "broken") {
		t.Errorf("got %v", err)
	}
	if _, err := bench.Measure(t.Context(), bench.Command{Name: "none", Args: []string{"/no/such/program"}}); err == nil {
		t.Error("a program that is not there ran")
	}
}

func TestRounds(t *testing.T) {
	var order []string
	all, err := bench.Rounds(t.Context(), []bench.Command{sh("a", "echo a"), sh("b", "echo b; sleep 0.2")}, 2,
		func(_ int, name string, _ bench.Run) { order = append(order, name) })
	if err != nil {
		t.Fatal(err)
	}
	if strings.Join(order, "") != "abab" || len(all[0].Runs) != 2 {
		t.Errorf("ran %v", order)
	}
	if m, least, most := bench.Ratio(all[1], all[0], bench.Wall); m <= 1 || least > m || most < m {
		t.Errorf("ratio %v (%v to %v)", m, least, most)
	}
}

func TestRatio(t *testing.T) {
	series := func(v ...float64) (s bench.Series) {
		for _, w := range v {
			s.Runs = append(s.Runs, bench.Run{Wall: w, Loaded: w / 2})
		}
		return s
	}
	m, least, most := bench.Ratio(series(2, 6, 3), series(1, 2, 3), bench.Wall)
	if m != 2 || least != 1 || most != 3 {
		t.Errorf("%v, %v, %v", m, least, most)
	}
	if got := series(4, 2).Median(bench.Work); got != 1.5 {
		t.Errorf("median %v", got)
	}
	if m, _, _ := bench.Ratio(series(), series(1), bench.Wall); m != 0 {
		t.Errorf("a ratio of nothing is %v", m)
	}
}

func TestLoad(t *testing.T) {
	stop, err := bench.Load(t.Context(), 2, sh("busy", "while :; do :; done"))
	if err != nil {
		t.Fatal(err)
	}
	stop() // returns when both have ended
	if _, err := bench.Load(t.Context(), 1, sh("lazy", "exit 0")); err == nil {
		t.Error("a load that ended passed for one")
	}
}
