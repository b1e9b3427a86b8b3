package chaos

import (
	"slices"
	"strings"
	"time"

	"github.com/referent/referent/failpoint"
)

// The streams and their consumers whose leaders die, those of chunks most often.
var led = [][2]string{{"JOBS_TRANSCRIBE", ""}, {"JOBS_TRANSCRIBE", ""}, {"JOBS_TRANSCRIBE", "any-bulk"}, {"JOBS_PREPARE", ""}, {"JOBS_PREPARE", "any-bulk"}, {"JOBS_MINUTES", ""}}

// killLead kills the server that leads, which stays away for up to ten seconds: longer than another needs to lead.
func (c *cluster) killLead() fault {
	return c.kill("kill -9 of the leading server", 10*time.Second, func(*storm) *process { leader, _ := c.leading(); return leader })
}

func (c *cluster) killOther() fault {
	return c.kill("kill -9 of the other server", 10*time.Second, func(*storm) *process { _, other := c.leading(); return other })
}

// killBoth leaves nobody who answers, or says who may connect to the queue.
func (c *cluster) killBoth() fault {
	const kind = "kill -9 of both servers"
	return fault{kind, "", func(s *storm) bool {
		c.down(func() { s.sleep(time.Duration(s.r.IntN(5000)) * time.Millisecond) })
		s.at = time.Now()
		s.recovered(kind)
		return true
	}}
}

func (c *cluster) killStreamLeader() fault {
	return c.kill("kill -9 of a NATS leader", 15*time.Second, func(s *storm) *process {
		of := led[s.r.IntN(len(led))]
		return c.leaderOf(of[0], of[1])
	})
}

func (c *cluster) killNode() fault {
	return c.kill("kill -9 of any nats-server", 15*time.Second, func(s *storm) *process { return c.nodes[s.r.IntN(len(c.nodes))] })
}

func (c *cluster) killWorker() fault {
	return c.kill("kill -9 of a worker at any time", time.Second, func(s *storm) *process { return c.far[s.r.IntN(len(c.far))] })
}

// kill kills whom who names, who comes back after up to away, or at once.
func (c *cluster) kill(kind string, away time.Duration, who func(*storm) *process) fault {
	return fault{kind, "", func(s *storm) bool {
		p := who(s)
		if p == nil {
			return false
		}
		p.hold(true)
		if !p.kill() {
			p.hold(false)
			return false
		}
		s.at = time.Now()
		back := time.Duration(0)
		if s.r.IntN(3) > 0 {
			back = time.Duration(s.r.Int64N(int64(away)))
		}
		s.beside(func() {
			s.sleep(back)
			p.hold(false)
		})
		s.recovered(kind)
		return true
	}}
}

// loseObjects kills the object store, which is away for some seconds.
func (c *cluster) loseObjects() fault {
	return fault{"kill -9 of the object store", "", func(s *storm) bool {
		c.objects.Kill()
		s.sleep(time.Duration(500+s.r.IntN(6000)) * time.Millisecond)
		c.objects.Run()
		return true
	}}
}

// steps are those that are passed where nothing is kept in a folder.
func steps() []string {
	return slices.DeleteFunc(slices.Clone(failpoint.Names), func(name string) bool { return strings.HasPrefix(name, "blob.") })
}

// bothAnswered holds that what was asked for was not all answered by one server.
func (c *cluster) bothAnswered() {
	c.t.Helper()
	if given := c.front.given(); slices.Contains(given, 0) {
		c.t.Errorf("the servers were given %v requests", given)
	}
}
