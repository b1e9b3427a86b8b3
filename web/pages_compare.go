package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/review"
)

// comparePage shows what differs between two versions. Where one of them is shown, and whoever looks may change it,
// the parts of the other can be taken into it.
type comparePage struct {
	*referent.Meeting
	From, To int
	Language referent.Language
	Parts    []comparePart
	Same     int  // statements that are the same, and not shown
	All      bool // they are shown too

	Shown, Other int    // of taking: the version that is shown, and the one to take from; 0: nothing can be taken
	Mixed        string // a sentence: why nothing of it can, but only all; "": each part by itself
	Alert        string // why the last part was not taken
}

// comparePart is a part of the minutes with what differs in it.
type comparePart struct {
	ID, Heading string
	Lists       []compareList
	Take        *takeForm // nil: it cannot be taken
	Kept        string    // a sentence: it stays whatever is taken
}

// compareList is one of the lists of a part. Heading is empty where that of the part says it.
type compareList struct {
	Heading string
	Lines   []review.Line
}

// takeForm is the form that takes a part, and what it says beforehand.
type takeForm struct {
	review.Part
	What []string // sentences: what comes of it
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
	p := &comparePage{Meeting: m, From: before.Version, To: after.Version, Language: after.Minutes.Language, All: q.Get("all") != ""}
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
		p.Shown, p.Other = now.Version, other.Version
		if why := review.Mixes(now.Minutes, other.Minutes); why != "" {
			p.Mixed = locale.T(lang, "minutes.take.mixed."+string(why), "version", p.Other)
		}
	}
	if p.Shown == 0 || p.Mixed != "" {
		p.add(lang, "compared-", review.Compare(before.Minutes, after.Minutes))
		return p, nil
	}
	return p, p.takes(lang, now.Minutes, review.Source{Version: other.Version, Minutes: other.Minutes, Person: other.By != ""})
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

// takes shows the versions part by part, each that can be taken with its form, and then what follows the parts.
func (p *comparePage) takes(lang string, now *referent.Minutes, from review.Source) error {
	offers, err := review.Parts(now, from)
	if err != nil {
		return err
	}
	for _, o := range offers {
		lists := p.lists(lang, o.List, o.Compare(p.Shown == p.From))
		if len(lists) == 0 && !o.Takes {
			continue
		}
		part := comparePart{ID: "take-" + string(o.List) + "-" + strconv.Itoa(o.Index), Heading: offerName(lang, o), Lists: lists}
		switch {
		case o.Kept:
			part.ID = "kept-" + string(o.List) + "-" + strconv.Itoa(o.Index)
			part.Kept = locale.T(lang, "minutes.take.kept", "version", p.Shown)
		case o.Takes:
			part.Take = &takeForm{o.Part, p.what(lang, o)}
		case o.Clash:
			part.Kept = locale.T(lang, "minutes.take.clash")
		case o.Refused:
			part.Kept = locale.T(lang, "minutes.take.refused", "version", p.Other)
		}
		p.Parts = append(p.Parts, part)
	}
	open := func(m *referent.Minutes) *referent.Minutes {
		return &referent.Minutes{NeedsReview: m.NeedsReview, PossiblyMissed: m.PossiblyMissed, Missing: m.Missing}
	}
	lines := review.Compare(open(from.Minutes), open(now))
	if p.Shown == p.From {
		lines = review.Compare(open(now), open(from.Minutes))
	}
	p.add(lang, "open-", lines)
	return nil
}

// what tells what comes of taking a part.
func (p *comparePage) what(lang string, o review.Offer) []string {
	say := "minutes.take.replaces"
	if o.New {
		say = "minutes.take.new"
	}
	out := []string{locale.T(lang, say, "version", p.Shown)}
	if o.Own > 0 {
		out = append(out, locale.T(lang, "minutes.take.own", "own", o.Own))
	}
	if o.Details {
		out = append(out, locale.T(lang, "minutes.take.details"))
	}
	if o.Confirmed > 0 {
		out = append(out, locale.T(lang, "minutes.take.confirmed", "confirmed", o.Confirmed))
	}
	return out
}

// offerName is what a part is called on the page.
func offerName(lang string, o review.Offer) string {
	names := strings.Join(o.Names, " · ")
	switch o.List {
	case review.Items:
		return cmp.Or(names, locale.T(lang, "minutes.theme.untitled"))
	case review.Cases:
		return cmp.Or(names, locale.T(lang, "minutes.take.no_case"))
	case review.Decisions:
		return strings.Join(append([]string{locale.T(lang, "minutes.take.decisions")}, o.Names...), " · ")
	}
	return locale.T(lang, "minutes.part."+string(o.List))
}

// postTake takes a part from another version into the one that is shown. What cannot be done is told on the page that
// compares the two.
func (s *Server) postTake(w http.ResponseWriter, r *http.Request) {
	if !s.parseForm(w, r) {
		return
	}
	ctx, id := r.Context(), r.PathValue("id")
	place, err := s.doMinutes(ctx, id, s.takeByForm, r.PostForm)
	if err == nil {
		http.Redirect(w, r, "/meetings/"+url.PathEscape(id)+"/minutes#"+url.PathEscape(place), http.StatusSeeOther)
		return
	}
	p, failure := s.takePage(ctx, id, r.PostForm)
	if failure != nil {
		s.pages.fail(w, r, err)
		return
	}
	pr := problem(ctx, err)
	p.Alert = pr.Detail
	switch {
	case pr.Version > 0:
		p.Alert = locale.T(infoOf(ctx).lang, "minutes.conflict.unwritten")
	case p.Mixed != "":
		p.Alert = p.Mixed
	}
	s.pages.render(w, r, pr.Status, "compare", p)
}

// takePage compares with what is shown now, for those who may read the minutes.
func (s *Server) takePage(ctx context.Context, id string, form url.Values) (*comparePage, error) {
	m, err := s.meeting(ctx, id)
	if err != nil {
		return nil, err
	}
	may, err := s.permissions(ctx, m)
	if err != nil {
		return nil, err
	}
	if !may[access.ReadContent].Allowed {
		return nil, referent.E(referent.CodeForbidden, "web: read minutes", nil)
	}
	return s.comparePage(ctx, id, url.Values{"from": {form.Get("from")}})
}

func (s *Server) takeByForm(ctx context.Context, id string, version int, form url.Values) (string, error) {
	from, err := versionAsked(form, "from")
	index, err2 := versionAsked(form, "index")
	if err := errors.Join(err, err2); err != nil {
		return "", err
	}
	e := review.Edit{Do: review.Take, Version: from, List: review.List(form.Get("list")), Index: index}
	_, parts, err := s.pipe.MinutesParts(ctx, id, from)
	if err != nil {
		return "", err
	}
	v, err := s.pipe.EditMinutes(ctx, id, editor(ctx), version, e)
	if err != nil {
		return "", err
	}
	part := review.Part{List: e.List, Index: e.Index}
	for _, o := range parts {
		if o.Part != part || o.Kept || len(o.Names) == 0 {
			continue
		}
		if i := slices.IndexFunc(v.Minutes.Items, func(it referent.Item) bool { return it.Heading == o.Names[0] }); i >= 0 && e.List != review.Decisions {
			return placeID(review.Items, 0, i), nil
		}
	}
	if e.List == review.Cases {
		e.List = review.Items
	}
	return "part-" + string(e.List), nil
}
