package audit

import (
	"cmp"
	"time"
)

// What can be wrong with a chain.
type Fault string

const (
	Changed   Fault = "changed"    // a link is not what its hash says
	Removed   Fault = "removed"    // links between this one and the one before are gone
	Misplaced Fault = "misplaced"  // it stands where another should, or twice
	Parted    Fault = "parted"     // it was made after another link than the one before it: one of them was replaced
	Beheaded  Fault = "beheaded"   // the oldest links are gone, and no link says that they had had their time
	Rewritten Fault = "rewritten"  // the noted head is another: that link, or something before it, was changed since
	Truncated Fault = "truncated"  // the chain ends before the noted head: the newest links are gone
	Unproved  Fault = "unproved"   // the noted head is older than the oldest link: it proves nothing here
	Empty     Fault = "empty"      // there is no link at all
	RowOther  Fault = "row_other"  // the log has another row than the link tells of
	RowGone   Fault = "row_gone"   // the log has lost the row
	RowStray  Fault = "row_stray"  // the log has a row that no link tells of
	PastOther Fault = "past_other" // rows of the log from before the oldest link are not what they were
	Baseless  Fault = "baseless"   // it says what the chain stands on, and that cannot be
	Early     Fault = "early"      // it says that links were removed that had not had their time
)

// Finding is one thing that is wrong.
type Finding struct {
	Fault Fault  `json:"fault" enum:"changed,removed,misplaced,parted,beheaded,rewritten,truncated,unproved,empty,row_other,row_gone,row_stray,past_other,baseless,early"`
	Seq   int64  `json:"seq" doc:"The link; 0: none."`
	Table string `json:"table,omitempty" doc:"Of row_…, past_other and baseless: the log."`
	Row   int64  `json:"row,omitempty" doc:"Of row_…: its id there."`
}

// mostFindings bounds what a report lists: one act can be wrong in every link after it.
const mostFindings = 100

// Report is what was found.
type Report struct {
	Links    int64     `json:"links" doc:"How many there are."`
	First    int64     `json:"first"`
	Head     Head      `json:"head" doc:"The newest link: note it elsewhere."`
	From     time.Time `json:"from,omitzero"`
	To       time.Time `json:"to,omitzero"`
	Whole    bool      `json:"whole" doc:"It begins where the chain did, or after what had had its time. Else it is a part."`
	Noted    bool      `json:"noted" doc:"The noted head is in it."`
	Rows     int64     `json:"rows" doc:"Rows of the logs that were held against links; 0 for a file."`
	Back     int64     `json:"back" doc:"How many links were stamped earlier than the one before them: a clock was set back."`
	Prunings []Pruning `json:"prunings" nullable:"false" doc:"Where links tell that older ones were removed, at most the newest 1000."`
	Findings []Finding `json:"findings" nullable:"false" doc:"At most 100; empty: nothing is wrong."`
}

// Pruning is that links were removed that had had their time, as the chain tells it.
type Pruning struct {
	Seq     int64     `json:"seq" doc:"The link that tells."`
	At      time.Time `json:"at" doc:"When they were removed."`
	Through int64     `json:"through" doc:"The newest of them."`
	Last    time.Time `json:"last" doc:"When that was made."`
}

// mostPrunings are some years of them.
const mostPrunings = 1000

// Hold finds prunings of links that were younger than links are kept; kept 0 or less: none is ever removed. It is told by
// whoever knows what is set now: with a longer time than was set then, it finds what was right.
func (r *Report) Hold(kept time.Duration) {
	for _, p := range r.Prunings {
		if kept <= 0 || p.At.Sub(p.Last) < kept {
			r.fault(Finding{Fault: Early, Seq: p.Seq})
		}
	}
}

// OK reports whether nothing is wrong.
func (r *Report) OK() bool { return len(r.Findings) == 0 }

func (r *Report) fault(p Finding) {
	if len(r.Findings) < mostFindings {
		r.Findings = append(r.Findings, p)
	}
}

// Checker goes through a chain, link by link from the oldest.
type Checker struct {
	report Report
	noted  *Head
	ground ground
}

// NewChecker begins to check. noted is a head that somebody noted; nil: nobody did.
func NewChecker(noted *Head) *Checker {
	return &Checker{noted: noted, report: Report{Prunings: []Pruning{}, Findings: []Finding{}}}
}

// Add looks at the next link. What is wrong is told by Report; the entry is what it says, as far as that can be read.
func (c *Checker) Add(l Link) Entry {
	r := &c.report
	e, err := l.Parse()
	at := cmp.Or(l.Seq, e.Seq, r.Head.Seq+1)
	if err != nil || hashOf(l.Prev, l.Entry) != l.Hash || l.Seq != 0 && l.Seq != e.Seq {
		r.fault(Finding{Fault: Changed, Seq: at})
	}
	switch {
	case r.Links == 0:
		r.First, r.From = at, e.At
	case at > r.Head.Seq+1:
		r.fault(Finding{Fault: Removed, Seq: at})
	case at <= r.Head.Seq:
		r.fault(Finding{Fault: Misplaced, Seq: at})
	case l.Prev != r.Head.Hash:
		r.fault(Finding{Fault: Parted, Seq: at})
	}
	if r.Links > 0 && e.At.Before(r.To) {
		r.Back++
	}
	r.Links++
	r.Head, r.To = Head{at, l.Hash}, e.At
	if c.noted != nil && c.noted.Seq == at {
		if r.Noted = c.noted.Hash == l.Hash; !r.Noted {
			r.fault(Finding{Fault: Rewritten, Seq: at})
		}
	}
	if p, ok := c.ground.add(l, at, e); !ok {
		r.fault(Finding{Fault: Baseless, Seq: at})
	} else if p != nil {
		if len(r.Prunings) == mostPrunings {
			r.Prunings = r.Prunings[1:]
		}
		r.Prunings = append(r.Prunings, *p)
	}
	return e
}

// Report ends the check. part: a chain that begins in the middle is no fault, as of a file of some months.
func (c *Checker) Report(part bool) *Report {
	r := &c.report
	if r.Links == 0 {
		r.fault(Finding{Fault: Empty})
		return r
	}
	r.Whole = c.ground.based
	if !r.Whole && !part {
		r.fault(Finding{Fault: Beheaded, Seq: r.First})
	}
	switch n := c.noted; {
	case n == nil:
	case n.Seq > r.Head.Seq:
		r.fault(Finding{Fault: Truncated, Seq: r.Head.Seq})
	case n.Seq < r.First:
		// One before the oldest is what the oldest was made after.
		if r.Noted = n.Seq == r.First-1 && n.Hash == c.ground.prev; !r.Noted {
			r.fault(Finding{Fault: Unproved, Seq: r.First})
		}
	}
	return r
}
