package chaos

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/referent/referent/store/postgres/pgtest"
)

// fault is one failure. do reports whether it happened: a step may not have been passed in time.
type fault struct {
	kind string // as the table names it
	name string
	do   func(s *storm) bool
}

// pointLimit is how long a step is waited for.
const pointLimit = 20 * time.Second

// atStep kills whoever comes to a step, and waits until what died is there again.
func atStep(name string) fault {
	kind := "kill -9 of the server at a step"
	if strings.HasPrefix(name, "worker.") {
		kind = "kill -9 of a worker at a step"
	}
	return fault{kind, name, func(s *storm) bool {
		hits := 1 + s.r.IntN(3)
		if strings.HasPrefix(name, "store.") || strings.HasPrefix(name, "blob.") {
			hits = 1 + s.r.IntN(30)
		}
		if !s.arm(name, "kill", hits, pointLimit) {
			return false
		}
		s.recovered(kind)
		return true
	}}
}

// arm lets the n'th to pass a step fail there, and reports whether somebody did.
func (s *storm) arm(name, do string, n int, limit time.Duration) bool {
	path := filepath.Join(s.w.points, name)
	for _, old := range []string{path + ".done", path + ".pid"} {
		_ = os.Remove(old)
	}
	part := path + ".new"
	if err := os.WriteFile(part, fmt.Appendf(nil, "%s %d 0s %d", do, n, s.r.Int64()), 0o600); err != nil {
		s.w.t.Fatal(err)
	}
	if err := os.Rename(part, path); err != nil {
		s.w.t.Fatal(err)
	}
	done := func() bool { _, err := os.Stat(path + ".done"); return err == nil }
	if within(limit, done) {
		s.at = time.Now()
		return true
	}
	_ = os.Remove(path)
	return done() // somebody came in the last moment
}

// hitBy is who failed at a step.
func (s *storm) hitBy(name string) (pid int) {
	within(time.Second, func() bool {
		text, err := os.ReadFile(filepath.Join(s.w.points, name+".pid"))
		if err == nil {
			pid, err = strconv.Atoi(string(text))
		}
		return err == nil
	})
	return pid
}

func killServer() fault {
	const kind = "kill -9 of the server at any time"
	return fault{kind, "", func(s *storm) bool {
		pid := s.w.serverPID()
		if pid == 0 || syscall.Kill(pid, syscall.SIGKILL) != nil {
			return false
		}
		s.at = time.Now()
		s.recovered(kind)
		return true
	}}
}

func killWorker() fault {
	const kind = "kill -9 of a worker at any time"
	return fault{kind, "", func(s *storm) bool {
		pids := append(s.w.workerPIDs(), s.w.farPID())
		pid := pids[s.r.IntN(len(pids))]
		if pid == 0 || syscall.Kill(pid, syscall.SIGKILL) != nil {
			return false
		}
		s.at = time.Now()
		s.recovered(kind)
		return true
	}}
}

// zombie stops a worker right before it commits for longer than its lease lives, while all else goes on. What it
// commits then is too late.
func zombie() fault {
	return fault{"a worker answers after its lease ended", "", func(s *storm) bool {
		if !s.arm("worker.commit", "stop", 1, pointLimit) {
			return false
		}
		pid := s.hitBy("worker.commit")
		s.beside(func() {
			s.sleep(45 * time.Second)
			_ = syscall.Kill(pid, syscall.SIGCONT)
		})
		return true
	}}
}

// standstill stops a worker wherever it is.
func standstill() fault {
	return fault{"a worker stands still, lease and all", "", func(s *storm) bool {
		pid := s.w.farPID()
		if pid == 0 || syscall.Kill(pid, syscall.SIGSTOP) != nil {
			return false
		}
		s.beside(func() {
			s.sleep(time.Duration(35+s.r.IntN(10)) * time.Second)
			_ = syscall.Kill(pid, syscall.SIGCONT)
		})
		return true
	}}
}

// hang makes a recogniser never come back, though its process lives and keeps its lease.
func hang() fault {
	return fault{"a recogniser hangs without dying", "", func(s *storm) bool {
		path := filepath.Join(s.w.points, "hang")
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			s.w.t.Fatal(err)
		}
		return within(pointLimit, func() bool { _, err := os.Stat(path + ".done"); return err == nil })
	}}
}

// cutNATS cuts a worker off for d.
func cutNATS(d time.Duration) fault {
	return fault{"NATS out of a worker's reach", d.String(), func(s *storm) bool {
		s.w.cut.sever(true)
		s.beside(func() {
			s.sleep(d)
			s.w.cut.sever(false)
		})
		return true
	}}
}

func loseQueue() fault {
	const kind = "the JetStream folder is lost"
	return fault{kind, "", func(s *storm) bool {
		s.w.down(func() {
			if err := os.RemoveAll(filepath.Join(s.w.data, "nats")); err != nil {
				s.w.t.Fatal(err)
			}
		})
		s.at = time.Now()
		s.recovered(kind)
		return true
	}}
}

// jump sets the server's clock wrong, and after a while right again: it jumps twice, once in each direction.
func jump(by time.Duration) fault {
	return fault{"the server's clock jumps", by.String(), func(s *storm) bool {
		path := filepath.Join(s.w.points, "clock")
		if err := os.WriteFile(path, []byte(by.String()), 0o600); err != nil {
			s.w.t.Fatal(err)
		}
		s.sleep(time.Duration(3+s.r.IntN(5)) * time.Second)
		if pid := s.w.farPID(); pid != 0 { // who has a lease of the wrong time, and cannot put it right
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		_ = os.Remove(path)
		return true
	}}
}

// fillDisk leaves no byte of the disk that all data lie on, when the server comes to a step.
func fillDisk(step string) fault {
	return fault{"disk full", step, func(s *storm) bool {
		if !s.arm(step, "stop", 1+s.r.IntN(3), pointLimit) {
			return false
		}
		pid := s.hitBy(step)
		ballast := filepath.Join(s.w.dir, "ballast")
		err := fill(ballast)
		_ = syscall.Kill(pid, syscall.SIGCONT)
		if err != nil {
			s.w.t.Fatal(err)
		}
		s.sleep(time.Duration(2+s.r.IntN(4)) * time.Second)
		if err := os.Remove(ballast); err != nil {
			s.w.t.Fatal(err)
		}
		return true
	}}
}

// fill makes a file so large that nothing more can be written.
func fill(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	const most = 64 << 20
	for block, size := int64(most), int64(0); block > 0; {
		if err := syscall.Fallocate(int(f.Fd()), 0, size, block); err != nil {
			block /= 2
			continue
		}
		size += block
	}
	return f.Close()
}

// flip changes one bit of a stored result, and looks that it is refused, and not served; then puts it right.
func flip() fault {
	return fault{"a bit of a blob is flipped", "", func(s *storm) bool {
		m := &meeting{id: s.w.upload(s.ctx, s.recordings[0], "builtin")}
		if m.id == "" || !s.w.toDraft(s.ctx, m) {
			return false
		}
		s.l.add(m)
		before := s.w.insist(s.ctx, http.MethodGet, "/api/v1"+at(m.id)+"/audio", nil, nil)
		var largest string
		var size int64
		for _, f := range s.w.files(m.id) {
			if info, err := os.Stat(f); err == nil && info.Size() > size && len(before.body) > 0 && info.Size() >= int64(len(before.body)) {
				largest, size = f, info.Size()
			}
		}
		if largest == "" {
			return false
		}
		hurt := func() {
			f, err := os.OpenFile(largest, os.O_RDWR, 0)
			if err != nil {
				s.w.t.Fatal(err)
			}
			defer f.Close()
			one := make([]byte, 1)
			where := size - 1 - int64(s.flips%64) // the last piece: all before it is right
			if _, err := f.ReadAt(one, where); err != nil {
				s.w.t.Fatal(err)
			}
			one[0] ^= 4
			if _, err := f.WriteAt(one, where); err != nil {
				s.w.t.Fatal(err)
			}
		}
		s.flips++
		hurt()
		if strings.HasPrefix(largest, s.w.data) { // an object store looks after itself
			if told, _ := exec.Command(program, "doctor", "--stored", "--json", "--data-dir", s.w.data).Output(); !strings.Contains(string(told), filepath.Base(largest)) {
				s.w.t.Errorf("doctor does not name the damaged file:\n%s", told)
			}
		}
		if !slices.ContainsFunc(s.w.damaged(), func(bad string) bool { return strings.HasSuffix(bad, filepath.Base(largest)) }) {
			s.w.t.Error("what is counted as damaged lacks a blob that is")
		}
		var found int
		for _, what := range []string{"/audio", "/recording"} {
			a := s.w.ask(s.ctx, http.MethodGet, "/api/v1"+at(m.id)+what, nil, nil)
			if a.status != http.StatusOK {
				found++
			}
			if a.status == http.StatusOK && what == "/audio" && string(a.body) != string(before.body) {
				s.w.t.Error("bytes of a damaged blob were served")
			}
		}
		hurt()
		if found == 0 {
			s.w.t.Error("a damaged blob was read without an error")
		}
		return found > 0
	}}
}

// poison sends a recording that aborts every worker that hears it.
func poison() fault {
	return fault{"a recording aborts the recogniser every time", "", func(s *storm) bool {
		last := len(s.recordings) - 1
		s.lives.Go(func() {
			s.w.live(s.ctx, s.l, rand.New(rand.NewPCG(1, 1)), s.recordings[last], last, true)
		})
		s.sleep(time.Second)
		return true
	}}
}

// crashPostgres kills the database server's process; what it leaves has to recover.
func crashPostgres(pg *pgtest.Server) fault {
	const kind = "kill -9 of PostgreSQL"
	return fault{kind, "", func(s *storm) bool {
		_ = pg.Halt(syscall.SIGKILL) // the error is that it was killed
		s.sleep(time.Duration(s.r.IntN(3)) * time.Second)
		if err := pg.Launch(); err != nil {
			s.w.t.Fatal(err)
		}
		s.at = time.Now()
		s.recovered(kind)
		return true
	}}
}

func (s *storm) sleep(d time.Duration) {
	select {
	case <-time.After(d):
	case <-s.ctx.Done():
	}
}

// beside does what a fault ends with while others go on; the storm waits for it before it counts.
func (s *storm) beside(f func()) { s.ends.Go(f) }
