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

// TestFull is `make chaos`: as many failures as are asked for, seven tenths of them over SQLite, the rest over PostgreSQL.
func TestFull(t *testing.T) {
	if *failures == 0 {
		t.Skip("make chaos runs it")
	}
	t.Logf("seed %d", *seed)
	onSQLite := *failures * 7 / 10
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
		s, v := blow(w, *seed+1, recordings(t, 4), nil, filled(plan, *failures-onSQLite), time.Duration(*failures)*5*time.Second)
		t.Log("\n" + s.table(v))
		v.report(t)
	})
}

// filled adds deaths at every step in turn until there are n faults.
func filled(plan []fault, n int) []fault {
	names := slices.Clone(failpoint.Names)
	rand.New(rand.NewPCG(uint64(*seed), 2)).Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	for i := 0; len(plan) < n; i++ {
		plan = append(plan, atStep(names[i%len(names)]))
	}
	return plan
}
