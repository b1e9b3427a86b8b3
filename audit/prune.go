package audit

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrFaulty is that links had their time, and that they, or the rows that they tell of, are not what they were. Who
// removed them then would remove what proves it.
var ErrFaulty = errors.New("the audit chain is not whole")

// Outlived finds the oldest links that were made before a time, at most so many, and what the chain stands on without
// them: nil, nil when there are none. base is what it stands on now. A link from the time to come, of a clock that was set
// ahead, holds up nothing that is behind it. ErrFaulty: they are not to be removed.
func Outlived(ctx context.Context, db Reader, base Base, before, now time.Time, most int) (*Base, error) {
	links, err := outlived(ctx, db, before, now, most)
	if err != nil || len(links) == 0 {
		return nil, err
	}
	c := NewChecker(nil)
	v := newVerifier(db, c, base)
	if first := links[0]; base.Through != first.Seq-1 || first.Seq == 1 && first.Prev != Genesis || first.Seq > 1 && first.Prev != base.Hash {
		c.report.fault(Finding{Fault: Beheaded, Seq: first.Seq})
	}
	if err := v.pasts(ctx); err != nil {
		return nil, err
	}
	next := Base{Tables: map[string]Past{}}
	for table, p := range base.Tables {
		next.Tables[table] = Past{Through: p.Through}
	}
	for _, l := range links {
		e := c.Add(l)
		if err := v.told(ctx, e); err != nil {
			return nil, err
		}
		next.Through, next.Hash, next.At = l.Seq, l.Hash, e.At
		if e.Table != "" && e.Row > next.Tables[e.Table].Through {
			next.Tables[e.Table] = Past{Through: e.Row}
		}
	}
	if found := c.report.Findings; len(found) > 0 {
		return nil, fmt.Errorf("%w: %s, link %d", ErrFaulty, found[0].Fault, found[0].Seq)
	}
	for table, stays := range db.AuditTables() {
		p := next.Tables[table]
		if stays {
			if p.Rows, p.SHA256, err = DigestThrough(ctx, db, table, p.Through); err != nil {
				return nil, err
			}
		}
		next.Tables[table] = p
	}
	return &next, nil
}

func outlived(ctx context.Context, db Reader, before, now time.Time, most int) (links []Link, err error) {
	old := 0
	for after := int64(0); len(links) < most; after = links[len(links)-1].Seq {
		size := min(most-len(links), 1000)
		if after == 0 {
			size = 1 // as a rule that one is young
		}
		page, err := db.AuditLinks(ctx, after, size)
		if err != nil {
			return nil, err
		}
		for _, l := range page {
			e, err := l.Parse()
			if err != nil {
				return nil, fmt.Errorf("%w: %s, link %d", ErrFaulty, Changed, l.Seq)
			}
			if !e.At.Before(before) && !e.At.After(now) {
				return links[:old], nil
			}
			links = append(links, l)
			if e.At.Before(before) {
				old = len(links)
			}
		}
		if len(page) == 0 {
			break
		}
	}
	return links[:old], nil
}
