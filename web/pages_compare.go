package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/referent/referent"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/review"
)

// comparePage shows what differs between two versions. Where one of them is shown, and whoever looks may change it,
// the parts of the other can be taken into it: it then always tells what would become of the one that is shown.
type comparePage struct {
	*referent.Meeting
	From, To int
	Language referent.Language
	Parts    []comparePart
	Same     int  // statements that are the same, and not shown
	All      bool // they are shown too

	Shown, Other int       // of taking: the version that is shown, and the one to take from; 0: nothing can be taken
	Mixed        string    // a sentence: why nothing of it can, but only all; "": each part by itself
	Whole        []string  // sentences: what comes of taking all
	Took         *tookPart // what was taken last, where nothing is left to take
	Alert        string    // why the last part was not taken
}

// comparePart is a part of the minutes with what differs in it.
type comparePart struct {
	ID, Heading string
	Lists       []compareList
	Take        *takeForm // nil: it cannot be taken
	Kept        string    // a sentence: it stays whatever is taken
	Took        *tookPart // what was taken last; this part is the next
}

// compareList is one of the lists of a part. Heading is empty where that of the part says it.
type compareList struct {
	Heading string
	Lines   []review.Line
}

func (s *Server) showComparison(w http.ResponseWriter, r *http.Request) {
	p, err := s.comparePage(r.Context(), r.PathValue("id"), r.URL.Query())
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	s.pages.render(w, r, http.StatusOK, "compare", p)
}

func (s *Server) comparePage(ctx context.Context, id string, q url.Values) (*comparePage, error) {
	m, err := s.meeting(ctx, id)
	if err != nil {
		return nil, err
	}
	from, err := versionAsked(q, "from")
	to, err2 := versionAsked(q, "to")
	if err := errors.Join(err, err2); err != nil {
		return nil, err
	}
	before, err := s.pipe.MinutesVersion(ctx, id, from)
	if err != nil {
		return nil, err
	}
	after, err := s.pipe.MinutesVersion(ctx, id, to)
	if err != nil {
		return nil, err
	}
	p := &comparePage{Meeting: m, From: before.Version, To: after.Version, All: q.Get("all") != ""}
	now, err := s.pipe.MinutesVersion(ctx, id, 0)
	if err != nil {
		return nil, err
	}
	may, err := s.minutesRights(ctx, m)
	if err != nil {
		return nil, err
	}
	lang := infoOf(ctx).lang
	other := before
	if now.Version == p.From {
		other = after
	}
	// What is shown may have become another since the two were read: then neither is it, and nothing can be taken.
	if (now.Version == p.From || now.Version == p.To) && other.Version != now.Version && may.Correct && !m.State.Approved() && m.State != referent.StatePurged {
		p.Shown, p.Other, p.From, p.To = now.Version, other.Version, now.Version, other.Version
		before, after = now, other
		if why := review.Mixes(now.Minutes, other.Minutes); why != "" {
			p.Mixed = locale.T(lang, "minutes.take.mixed."+string(why), "version", p.Other)
			p.Whole = p.whole(lang, now.Minutes, other.Minutes)
		}
	}
	p.Language = after.Minutes.Language
	if p.Shown == 0 || p.Mixed != "" {
		p.add(lang, "compared-", review.Compare(before.Minutes, after.Minutes))
		return p, nil
	}
	src := review.Source{Version: other.Version, Minutes: other.Minutes, Person: other.By != ""}
	if err := p.takes(lang, now.Minutes, src); err != nil {
		return nil, err
	}
	return p, s.tellTaken(ctx, p, q, now.Minutes, src)
}

// add shows lines, a part for each list.
func (p *comparePage) add(lang, prefix string, lines []review.Line) {
	for _, l := range p.lists(lang, "", lines) {
		p.Parts = append(p.Parts, comparePart{Heading: l.Heading, ID: prefix + strconv.Itoa(len(p.Parts)), Lists: []compareList{{Lines: l.Lines}}})
	}
}

// lists are the lines that are shown, by list; the rest are counted. The lists that of says need no heading.
func (p *comparePage) lists(lang string, of review.List, lines []review.Line) []compareList {
	var out []compareList
	list := review.List("")
	for _, l := range lines {
		if l.Op == review.Same && !p.All {
			p.Same++
			continue
		}
		if l.Part != list || len(out) == 0 {
			list = l.Part
			x := compareList{Heading: locale.T(lang, "minutes.part."+string(list))}
			if list == of || of != "" && (list == review.Items || list == review.Points) {
				x.Heading = ""
			}
			out = append(out, x)
		}
		last := &out[len(out)-1]
		last.Lines = append(last.Lines, l)
	}
	return out
}
