package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/pipeline"
	"github.com/referent/referent/review"
)

// takeForm is the form that takes a part, and what it says beforehand.
type takeForm struct {
	review.Part
	What []string // sentences: what comes of it
}

// tookPart tells that a part has been taken, and where it stands in the minutes.
type tookPart struct {
	texter
	Text, Href string
}

// Takes reports whether there is a part to take.
func (p *comparePage) Takes() bool {
	return slices.ContainsFunc(p.Parts, func(x comparePart) bool { return x.Take != nil })
}

// takes shows the versions part by part, each that can be taken with its form, and then what follows the parts.
func (p *comparePage) takes(lang string, now *referent.Minutes, from review.Source) error {
	offers, err := review.Parts(now, from)
	if err != nil {
		return err
	}
	for _, o := range offers {
		lists := p.lists(lang, o.List, o.Compare(true))
		if len(lists) == 0 && !o.Takes {
			continue
		}
		part := comparePart{ID: takeID(o.Part), Heading: offerName(lang, o), Lists: lists}
		switch {
		case o.Kept:
			part.ID = "kept-" + placeID(o.List, 0, o.Index)
			part.Kept = locale.T(lang, "minutes.take.kept", "version", p.Shown)
			part.Lists = staying(lists)
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
	first := len(p.Parts)
	p.add(lang, "open-", review.Compare(open(now), open(from.Minutes)))
	for i := range p.Parts[first:] {
		part := &p.Parts[first+i]
		part.Lists, part.Kept = staying(part.Lists), locale.T(lang, "minutes.take.open")
	}
	return nil
}

func takeID(p review.Part) string { return "take-" + placeID(p.List, 0, p.Index) }

// staying are lines of which nothing goes, whatever the other version says: none is struck.
func staying(lists []compareList) []compareList {
	for i, l := range lists {
		var out []review.Line
		for _, line := range l.Lines {
			var was, comes []review.Piece
			for _, x := range line.Pieces {
				if x.Op != review.Added {
					was = append(was, review.Piece{Op: review.Same, Text: x.Text})
				}
				if x.Op != review.Removed {
					comes = append(comes, x)
				}
			}
			if line.Op != review.Added {
				out = append(out, review.Line{Part: line.Part, Op: review.Same, Pieces: was})
			}
			if line.Op == review.Added || line.Op == review.Changed {
				out = append(out, review.Line{Part: line.Part, Op: line.Op, Pieces: comes})
			}
		}
		lists[i].Lines = out
	}
	return lists
}

// what tells what comes of taking a part.
func (p *comparePage) what(lang string, o review.Offer) []string {
	say := "minutes.take.replaces"
	if o.New {
		say = "minutes.take.new"
	}
	out := []string{locale.T(lang, say, "version", p.Shown)}
	if o.Details {
		out = append(out, locale.T(lang, "minutes.take.details"))
	}
	return append(out, lost(lang, o.Own, o.Confirmed)...)
}

// lost tells of what people have done and that goes.
func lost(lang string, own, confirmed int) []string {
	var out []string
	if own > 0 {
		out = append(out, locale.T(lang, "minutes.take.own", "own", own))
	}
	if confirmed > 0 {
		out = append(out, locale.T(lang, "minutes.take.confirmed", "confirmed", confirmed))
	}
	return out
}

// whole tells what comes of taking all of a version that no part can be taken from.
func (p *comparePage) whole(lang string, now, other *referent.Minutes) []string {
	out := []string{locale.T(lang, "minutes.take.all.replaces", "version", p.Shown)}
	own, confirmed := review.Lost(now, other)
	return append(out, lost(lang, own, confirmed)...)
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

// postTake takes a part from another version into the one that is shown, and goes on with what else there is to take.
// What cannot be done is told on the page that compares the two.
func (s *Server) postTake(w http.ResponseWriter, r *http.Request) {
	if !s.parseForm(w, r) {
		return
	}
	ctx, id := r.Context(), r.PathValue("id")
	next, err := s.doMinutes(ctx, id, s.takeByForm, r.PostForm)
	if err == nil {
		http.Redirect(w, r, "/meetings/"+url.PathEscape(id)+"/minutes/compare?"+next, http.StatusSeeOther)
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
	if err := s.mayReadMinutes(ctx, id); err != nil {
		return nil, err
	}
	return s.comparePage(ctx, id, url.Values{"to": {form.Get("from")}})
}

// takeByForm tells the query of the comparison to go on with: which part it was is told there.
func (s *Server) takeByForm(ctx context.Context, id string, version int, form url.Values) (string, error) {
	from, err := versionAsked(form, "from")
	index, err2 := versionAsked(form, "index")
	if err := errors.Join(err, err2); err != nil {
		return "", err
	}
	e := review.Edit{Do: review.Take, Version: from, List: review.List(form.Get("list")), Index: index}
	v, err := s.pipe.EditMinutes(ctx, id, editor(ctx), version, e)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("to=%d&made=%d&index=%d#took", from, v.Version, index), nil
}

// tellTaken says which part was taken last, at the next one. It tells only of what was done, as the part was called
// then: the address may say anything, and what is taken can part what belonged together.
func (s *Server) tellTaken(ctx context.Context, p *comparePage, q url.Values, now *referent.Minutes, from review.Source) error {
	made, err := versionAsked(q, "made")
	index, err2 := versionAsked(q, "index")
	if err := errors.Join(err, err2); err != nil || made == 0 {
		return err
	}
	versions, err := s.pipe.MinutesVersions(ctx, p.ID)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(versions, func(v pipeline.MinutesInfo) bool {
		return v.Version == made && v.Did == string(review.Take) && v.Source == p.Other
	})
	if i < 0 {
		return nil
	}
	before, err := s.pipe.Minutes(ctx, p.ID, versions[i].From)
	if err != nil {
		return err
	}
	offers, err := review.Parts(before, from)
	if err != nil {
		return err
	}
	part := review.Part{List: review.List(versions[i].Part), Index: index}
	if at := slices.IndexFunc(offers, func(o review.Offer) bool { return o.Part == part && o.Takes }); at >= 0 {
		p.took(infoOf(ctx).lang, now, offers, at)
	}
	return nil
}

// took tells of one of the parts that were offered at the next that there still is to take, else at the first.
func (p *comparePage) took(lang string, now *referent.Minutes, offers []review.Offer, at int) {
	o := offers[at]
	told := &tookPart{texter{lang}, locale.T(lang, "minutes.take.done", "version", p.Other, "part", offerName(lang, o)),
		"/meetings/" + url.PathEscape(p.ID) + "/minutes#" + takenPlace(now, o)}
	for _, next := range offers[at+1:] {
		if i := slices.IndexFunc(p.Parts, func(x comparePart) bool { return x.Take != nil && x.ID == takeID(next.Part) }); i >= 0 {
			p.Parts[i].Took = told
			return
		}
	}
	if i := slices.IndexFunc(p.Parts, func(x comparePart) bool { return x.Take != nil }); i >= 0 {
		p.Parts[i].Took = told
		return
	}
	told.Text += " " + locale.T(lang, "minutes.take.done.all", "version", p.Other)
	p.Took = told
}

// takenPlace is where a part stands on the page of the minutes.
func takenPlace(now *referent.Minutes, o review.Offer) string {
	if len(o.Names) > 0 && o.List != review.Decisions {
		if i := slices.IndexFunc(now.Items, func(it referent.Item) bool { return it.Heading == o.Names[0] }); i >= 0 {
			return placeID(review.Items, 0, i)
		}
	}
	if o.List == review.Cases {
		return "part-" + string(review.Items)
	}
	return "part-" + string(o.List)
}
