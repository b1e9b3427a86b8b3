package audit

import "encoding/json"

// ground finds what a chain stands on. Nobody is believed who tells of it where it cannot be: a chain begins once, with
// its first link, and what is gone is older than all that is there.
type ground struct {
	first   int64  // the oldest link; 0: none was added
	prev    string // what that was made after
	through int64  // the last link that is gone, as the newest pruning says
	base    Base
	based   bool // base is what the oldest link was made after
}

// add takes the next link. ok is false for one that tells of a base that cannot be; a pruning that can is returned.
func (g *ground) add(l Link, seq int64, e Entry) (p *Pruning, ok bool) {
	if g.first == 0 {
		g.first, g.prev = seq, l.Prev
	}
	if e.Kind != Began && e.Kind != Pruned {
		return nil, true
	}
	var b Base
	if json.Unmarshal(e.Facts, &b) != nil {
		return nil, false
	}
	if e.Kind == Began {
		if seq != 1 || g.first != 1 || g.based || l.Prev != Genesis || b.Through != 0 || b.Hash != "" {
			return nil, false
		}
		g.base, g.based = b, true
		return nil, true
	}
	if b.Through <= g.through || b.Through >= g.first || b.Through >= seq || b.At.IsZero() {
		return nil, false
	}
	g.through = b.Through
	if b.Through == g.first-1 && b.Hash == g.prev {
		g.base, g.based = b, true
	}
	return &Pruning{Seq: seq, At: e.At, Through: b.Through, Last: b.At}, true
}
