package pipeline

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/referent/referent/store"
)

// Several servers over one database, one bucket and one queue answer whatever they are asked. What is done for all of
// them (dispatching, joining, indexing, reconciling) one does: the leader. Each server counts a number up, once an
// interval, and sees whose stands still: no clock of one machine is held against another's, or against the database's.
//
// A leader that is paused and goes on while another leads does no harm: what it writes is fenced by epochs and states
// in the database, and what it publishes can be published twice. There being one saves work.

const (
	// deadAfter is how many of its own beats a server sees another stand still for before it takes it for dead. While
	// the database lets nobody write nobody beats, and nobody dies.
	deadAfter = 5
	// leadFor is how many intervals after its last beat began a leader stops: before another can take it for dead.
	leadFor = 4
)

// The duties that one server has at a time.
const (
	dutyLead  = "lead"
	dutyErase = "erase"
)

// serverID is the form of Config.Server: it stands in subjects and in the names of leases.
var serverID = regexp.MustCompile(`^[a-z0-9]{1,32}$`)

// peers is what a server knows of the others.
type peers struct {
	mu     sync.Mutex
	seen   map[string]sighting
	until  time.Time // it leads until then, or further; zero: it does not lead
	linked time.Time // workers and the queue were last seen to be in reach
	turns  map[*context.CancelFunc]bool
	wake   chan struct{} // somebody has left
	owes   atomic.Bool   // the duty to erase is to be given up
	latest int64         // the newest event that watchers were told of
}

type sighting struct {
	beats int64
	still int // beats of ours that it has not moved for
}

// alone reports whether no other server is over the same database.
func (p *Pipeline) alone() bool { return p.cfg.Server == "" }

// leads reports whether this server does now what one does for all.
func (p *Pipeline) leads() bool {
	if p.alone() {
		return true
	}
	p.peers.mu.Lock()
	defer p.peers.mu.Unlock()
	return time.Now().Before(p.peers.until)
}

// leading runs task when this server leads. A turn ends early when it leads no more.
func (p *Pipeline) leading(task func(context.Context) error) func(context.Context) error {
	if p.alone() {
		return task
	}
	return func(ctx context.Context) error {
		if !p.leads() {
			return nil
		}
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		p.peers.mu.Lock()
		p.peers.turns[&cancel] = true
		p.peers.mu.Unlock()
		defer func() {
			p.peers.mu.Lock()
			defer p.peers.mu.Unlock()
			delete(p.peers.turns, &cancel)
		}()
		return task(ctx)
	}
}

// beating beats until ctx ends.
func (p *Pipeline) beating(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.peers.wake:
		case <-time.After(p.cfg.BeatEvery):
		}
		if err := p.beat(ctx); err != nil && ctx.Err() == nil {
			p.metrics.loopErrors.WithLabelValues("beat").Inc()
			p.cfg.Log.Warn("other servers cannot be told that this one lives", "error", err)
		}
	}
}

// cut reports whether the queue has been out of reach for so long that another server should lead.
func (p *Pipeline) cut(now time.Time) bool {
	p.peers.mu.Lock()
	defer p.peers.mu.Unlock()
	if p.cfg.Conn.IsConnected() {
		p.peers.linked = now
	}
	return now.Sub(p.peers.linked) > leadFor*p.cfg.BeatEvery
}

// beat says that this server lives, looks who else does, and takes the lead where nobody has it.
func (p *Pipeline) beat(ctx context.Context) error {
	began := time.Now()
	cut := p.cut(began)
	ctx, cancel := context.WithTimeout(ctx, handleLimit)
	defer cancel()
	p.peers.mu.Lock()
	late := time.AfterFunc(time.Until(p.peers.until), p.peers.endTurns)
	p.peers.mu.Unlock()
	defer late.Stop()
	var servers []store.Server
	var dead []string
	var lead bool
	err := p.cfg.Store.Tx(ctx, func(tx store.Tx) (err error) {
		if err := tx.Beat(ctx, p.cfg.Server); err != nil {
			return err
		}
		if servers, err = tx.Servers(ctx); err != nil {
			return err
		}
		dead = p.peers.dead(servers, p.cfg.Server)
		for _, id := range dead {
			if err := tx.DeleteServer(ctx, id); err != nil {
				return err
			}
		}
		if cut {
			lead = false
			return p.leave(ctx, tx, dutyLead)
		}
		lead, err = p.take(ctx, tx, dutyLead, dead...)
		return err
	})
	p.leaveErasing(ctx)
	now := time.Now()
	p.peers.mu.Lock()
	led := now.Before(p.peers.until)
	if err == nil {
		p.peers.look(servers)
		p.peers.until = time.Time{}
		if lead {
			p.peers.until = began.Add(leadFor * p.cfg.BeatEvery)
		}
	}
	leads := now.Before(p.peers.until)
	p.peers.mu.Unlock()
	p.peers.endTurns()
	if len(dead) > 0 && err == nil {
		p.cfg.Log.Warn("another server is gone", "servers", dead)
	}
	if leads != led {
		p.cfg.Log.Info("servers lead in turn", "server", p.cfg.Server, "leads", leads)
	}
	if leads && (!led || len(dead) > 0) {
		wake(p.wakeReconcile)
	}
	return err
}

// take gives this server a duty that it has, or that none of the servers that live has, and reports whether it has it.
func (p *Pipeline) take(ctx context.Context, tx store.Tx, name string, dead ...string) (bool, error) {
	d, err := tx.Duty(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		d, err = &store.Duty{Name: name}, nil
	}
	if err != nil || d.Holder == p.cfg.Server {
		return err == nil, err
	}
	servers, err := tx.Servers(ctx)
	if err != nil {
		return false, err
	}
	for _, s := range servers {
		if s.ID == d.Holder && !slices.Contains(dead, s.ID) {
			return false, nil
		}
	}
	d.Holder = p.cfg.Server
	d.Epoch++
	return true, tx.PutDuty(ctx, d)
}

// leave gives up a duty, if this server has it.
func (p *Pipeline) leave(ctx context.Context, tx store.Tx, name string) error {
	d, err := tx.Duty(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil || d.Holder != p.cfg.Server {
		return err
	}
	d.Holder = ""
	return tx.PutDuty(ctx, d)
}

// endTurns ends the turns of a leader that leads no more.
func (w *peers) endTurns() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if time.Now().Before(w.until) {
		return
	}
	for cancel := range w.turns {
		(*cancel)()
	}
}

// dead are the servers that have stood still for long enough, as they stand now.
func (w *peers) dead(now []store.Server, self string) (dead []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range now {
		if was, known := w.seen[s.ID]; s.ID != self && known && was.beats == s.Beats && was.still+1 >= deadAfter {
			dead = append(dead, s.ID)
		}
	}
	return dead
}

// look remembers how the servers stand. mu is held.
func (w *peers) look(now []store.Server) {
	seen := make(map[string]sighting, len(now))
	for _, s := range now {
		next := sighting{beats: s.Beats}
		if was, known := w.seen[s.ID]; known && was.beats == s.Beats {
			next.still = was.still + 1
		}
		seen[s.ID] = next
	}
	w.seen = seen
}

// enlist makes this server one of those that live, before it leases anything. What a server that is alone finds leased
// to its own workers, or to itself, was leased to those before, who are dead.
func (p *Pipeline) enlist(ctx context.Context) error {
	if !p.alone() {
		return p.beat(ctx)
	}
	for _, prefix := range []string{LocalWorkers, serverWorkers} {
		if err := p.ReleaseWorker(ctx, prefix); err != nil {
			return err
		}
	}
	return nil
}

// retireServer takes this server from those that live: what it led another may lead at once.
func (p *Pipeline) retireServer() {
	if p.alone() {
		return
	}
	p.peers.mu.Lock()
	p.peers.until = time.Time{}
	p.peers.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), handleLimit)
	defer cancel()
	err := p.cfg.Store.Tx(ctx, func(tx store.Tx) error { return tx.DeleteServer(ctx, p.cfg.Server) })
	if err != nil {
		p.cfg.Log.Warn("other servers not told that this one stops", "error", err)
		return
	}
	p.tellPeers(subjectLeft, nil)
	if err := p.cfg.Conn.FlushWithContext(ctx); err != nil {
		p.cfg.Log.Debug("other servers not told that this one stops", "error", err)
	}
}

// freeDead takes back what is leased to servers that live no more, and to their own workers. A worker that is still heard
// of keeps what it has: its server may only have been held up.
func (p *Pipeline) freeDead(ctx context.Context) error {
	if p.alone() {
		return nil
	}
	for _, prefix := range []string{LocalWorkers, serverWorkers} {
		leases, err := p.cfg.Store.LeasesOf(ctx, prefix)
		if err != nil {
			return err
		}
		if len(leases) == 0 {
			continue
		}
		servers, err := p.cfg.Store.Servers(ctx) // after the leases: whoever has one was a server before
		if err != nil {
			return err
		}
		for _, j := range leases {
			id, _, _ := strings.Cut(strings.TrimPrefix(j.Worker, prefix), "/")
			if slices.ContainsFunc(servers, func(s store.Server) bool { return s.ID == id }) || p.presence.lives(j.Worker, p.now()) {
				continue
			}
			if err := p.release(ctx, j.ID, j.Epoch); err != nil {
				return err
			}
		}
	}
	return nil
}
