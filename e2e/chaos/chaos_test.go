package chaos

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/referent/referent/failpoint"
	"github.com/referent/referent/store/postgres/pgtest"
)

// TestShort is what CI runs: a death of each kind, within a minute and a half.
func TestShort(t *testing.T) {
	if *failures > 0 {
		t.Skip("the full form runs")
	}
	t.Parallel()
	t.Logf("seed %d", *seed)
	w := newWorld(t, diskFor(t))
	s, v := blow(w, *seed, recordings(t, 3), nil, []fault{
		atStep("upload.part.sealed"), atStep("upload.committed"), atStep("dispatch.published"), atStep("commit.sealed"),
		atStep("worker.commit"), atStep("worker.ack"), atStep("minutes.sealed"), atStep("correction.saved"),
		killServer(), killWorker(), loseQueue(), fillDisk("store.commit"), jump(time.Hour), jump(-time.Hour), poison(), flip(),
	}, 45*time.Second)
	t.Log("\n" + s.table(v))
	v.report(t)
}

// TestShortCluster is a death of each kind that only a cluster has.
func TestShortCluster(t *testing.T) {
	if *failures > 0 {
		t.Skip("the full form runs")
	}
	t.Parallel()
	t.Logf("seed %d", *seed)
	c := newCluster(t, 2)
	s, v := blow(c.world, *seed, recordings(t, 2), []fault{c.killStreamLeader(), c.killLead()}, nil, time.Minute)
	t.Log("\n" + s.table(v))
	v.report(t)
	if s.injected["kill -9 of a NATS leader"] == 0 || s.injected["kill -9 of the leading server"] == 0 {
		t.Errorf("not all died: %v", s.injected)
	}
	c.bothAnswered()
}

// TestFull is `make chaos`: as many failures as are asked for, half of them over SQLite, a fifth over PostgreSQL, the rest in a
// cluster.
func TestFull(t *testing.T) {
	if *failures == 0 {
		t.Skip("make chaos runs it")
	}
	t.Logf("seed %d", *seed)
	onSQLite, onPostgres := *failures/2, *failures/5
	t.Run("SQLite", func(t *testing.T) {
		w := newWorld(t, diskFor(t))
		plan := []fault{fillDisk("upload.part.written"), fillDisk("commit.asked"), fillDisk("assemble.leased"), fillDisk("store.commit"), fillDisk("minutes.sealed"),
			fillDisk("audio.seal"), jump(-time.Hour), jump(-10 * time.Minute), jump(24 * time.Hour), cutNATS(5 * time.Second), cutNATS(40 * time.Second), poison(), poison()}
		for range 3 {
			plan = append(plan, killServer(), killServer(), killWorker(), killWorker(), loseQueue(), zombie(), standstill(), flip(), jump(time.Hour))
		}
		s, v := blow(w, *seed, recordings(t, 6), []fault{hang(), cutNATS(2 * time.Minute)}, filled(plan, onSQLite-2), time.Duration(*failures)*10*time.Second)
		t.Log("\n" + s.table(v))
		v.report(t)
		for _, name := range failpoint.Names {
			if s.reached[name] == 0 {
				t.Errorf("nobody died at %s", name)
			}
		}
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		pg := pgtest.Own(t)
		w := newWorld(t, diskFor(t), "REFERENT_DATABASE_URL="+pg.TCP(pg.Address("referent")), "REFERENT_DATABASE_PASSWORD="+pgtest.Password)
		plan := []fault{loseQueue(), zombie(), fillDisk("commit.asked"), flip(), poison()}
		for range max(3, *failures/15) {
			plan = append(plan, crashPostgres(pg))
		}
		for range 3 {
			plan = append(plan, killServer(), killWorker())
		}
		s, v := blow(w, *seed+1, recordings(t, 4), nil, filled(plan, onPostgres), time.Duration(*failures)*5*time.Second)
		t.Log("\n" + s.table(v))
		v.report(t)
	})
	t.Run("Cluster", func(t *testing.T) {
		c := newCluster(t, 3)
		n := *failures - onSQLite - onPostgres
		plan := []fault{zombie(), flip(), flip(), poison(), c.loseObjects(), c.loseObjects(), c.killBoth()}
		for range max(3, n/10) {
			plan = append(plan, c.killStreamLeader(), c.killNode(), c.killLead(), c.killOther(), crashPostgres(c.pg), c.killWorker())
		}
		s, v := blow(c.world, *seed+2, recordings(t, 4), nil, filled(plan, n, steps()...), time.Duration(n)*20*time.Second)
		t.Log("\n" + s.table(v))
		v.report(t)
		c.bothAnswered()
	})
}

// filled adds deaths at the named steps, or at every one, in turn until there are n faults.
func filled(plan []fault, n int, names ...string) []fault {
	if names == nil {
		names = slices.Clone(failpoint.Names)
	}
	rand.New(rand.NewPCG(uint64(*seed), 2)).Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	for i := 0; len(plan) < n; i++ {
		plan = append(plan, atStep(names[i%len(names)]))
	}
	return plan
}
