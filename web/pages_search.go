package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/store"
)

const (
	searchAt = "/search"
	tasksAt  = "/tasks"
)

// registerSearchPages registers the page of searches and that of tasks. What they show is what the API answers.
func (s *Server) registerSearchPages() {
	s.routes.handle(http.MethodGet, searchAt, access.ReadContent, s.showSearch)
	s.routes.handle(http.MethodGet, tasksAt, access.ReadContent, s.showTasks)
	s.routes.handle(http.MethodPost, "/meetings/{id}/tasks/{task}", access.CorrectContent, s.postTask)
}

// choices are what the fields of a form choose from.
type choices struct {
	all         store.Choice // that whoever looks may read
	Bodies      []string
	Departments []MyDepartment
	States      []referent.State
}

// statesToSearch are those in which a meeting has minutes.
var statesToSearch = []referent.State{referent.StateDraft, referent.StateReviewed, referent.StateApproved, referent.StateExported}

func (s *Server) choices(ctx context.Context) (choices, error) {
	all, err := s.choice(ctx, ChoiceInput{})
	if err != nil {
		return choices{}, err
	}
	c := choices{all: all, States: statesToSearch}
	if c.Bodies, err = s.store.BodiesIn(ctx, all); err != nil {
		return c, err
	}
	me, err := s.me(ctx)
	c.Departments = slices.DeleteFunc(me.Departments, func(d MyDepartment) bool {
		return !slices.Contains(d.May, access.ReadContent) && !slices.Contains(d.Approved, access.ReadContent)
	})
	return c, err
}

// choiceOf reads the fields that both forms have.
func choiceOf(q url.Values) ChoiceInput {
	return ChoiceInput{BodyName: q.Get("body"), Kind: referent.Kind(q.Get("kind")), Department: q.Get("department")}
}

type searchPage struct {
	SearchInput
	choices
	Asked    bool // somebody searched
	Filtered bool // more than words was asked for
	Groups   []hitGroup
	More     string // address of the next page; "": none
	First    string // address of the first page; "": this is it
}

// Searched reports whether a kind of passage is looked for.
func (p *searchPage) Searched(what store.Found) bool { return slices.Contains(p.What, string(what)) }

// Chosen reports whether a state is.
func (p *searchPage) Chosen(st referent.State) bool { return slices.Contains(p.State, st) }

// hitGroup is what was found in one meeting.
type hitGroup struct {
	Meeting, Title, Date string
	State                referent.State
	HasAudio             bool
	Hits                 []hitRow
}

type hitRow struct {
	Hit
	Pieces []piece
	Href   string // its place in the transcript or the minutes
}

// piece is a stretch of a text that is marked or not.
type piece struct {
	Text   string
	Marked bool
}

// everything that can be found.
var everything = []string{string(store.FoundSaid), string(store.FoundDecision), string(store.FoundTask)}

func (s *Server) showSearch(w http.ResponseWriter, r *http.Request) {
	p, err := s.searchPage(r.Context(), r.URL.Query())
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	s.pages.render(w, r, http.StatusOK, "search", p)
}

func (s *Server) searchPage(ctx context.Context, q url.Values) (*searchPage, error) {
	p := &searchPage{SearchInput: SearchInput{ChoiceInput: choiceOf(q), Query: q.Get("q"), Speaker: q.Get("speaker"), After: q.Get("after"), Limit: listPage}}
	p.From, p.To = q.Get("from"), q.Get("to")
	for _, st := range statesToSearch {
		if slices.Contains(q["state"], string(st)) {
			p.State = append(p.State, st)
		}
	}
	for _, what := range everything {
		if slices.Contains(q["what"], what) {
			p.What = append(p.What, what)
		}
	}
	if len(p.What) == 0 {
		p.What = everything
	}
	var err error
	if p.choices, err = s.choices(ctx); err != nil {
		return nil, err
	}
	p.Asked = strings.TrimSpace(p.Query+p.Speaker) != "" || len(q["what"]) > 0 && !p.Searched(store.FoundSaid)
	p.Filtered = p.Speaker != "" || len(p.ChoiceInput.values()) > 0
	if !p.Asked {
		return p, nil
	}
	hits, next, err := s.search(ctx, &p.SearchInput)
	if err != nil {
		return nil, err
	}
	if next != "" {
		p.More = searchAt + "?" + p.values(next).Encode()
	}
	if p.After != "" {
		p.First = searchAt + "?" + p.values("").Encode()
	}
	p.Groups, err = s.grouped(ctx, hits)
	return p, err
}

// grouped puts the hits of each meeting together; they follow each other already.
func (s *Server) grouped(ctx context.Context, hits []Hit) ([]hitGroup, error) {
	var groups []hitGroup
	for _, h := range hits {
		if n := len(groups); n == 0 || groups[n-1].Meeting != h.Meeting {
			heard, err := s.hasAudio(ctx, h.Meeting)
			if err != nil {
				return nil, err
			}
			groups = append(groups, hitGroup{Meeting: h.Meeting, Title: h.Title, Date: h.Date, State: h.State, HasAudio: heard})
		}
		g := &groups[len(groups)-1]
		row := hitRow{Hit: h, Pieces: piecesOf(h.Text, h.Marks)}
		switch at := "/meetings/" + url.PathEscape(h.Meeting); h.What {
		case store.FoundSaid:
			row.Href = at + "/transcript?segment=" + h.Segment + "#" + h.Segment
		case store.FoundDecision:
			row.Href = placeInMinutes(h.Meeting, "decisions", h.place)
		case store.FoundTask:
			row.Href = placeInMinutes(h.Meeting, "actions", h.Task.place)
		}
		g.Hits = append(g.Hits, row)
	}
	return groups, nil
}

// piecesOf cuts a text at its marks.
func piecesOf(text string, marks []Mark) []piece {
	var out []piece
	add := func(text []rune, marked bool) {
		if len(text) > 0 {
			out = append(out, piece{string(text), marked})
		}
	}
	all, at := []rune(text), 0
	for _, m := range marks {
		add(all[at:m.From], false)
		add(all[m.From:m.To], true)
		at = m.To
	}
	add(all[at:], false)
	return out
}

// Day writes an ISO date as norwegianDay does.
func (v view) Day(date string) string { return norwegianDay(date) }

// noticeOf is the sentence about what was just done with a task.
func noticeOf(lang string, t *Task) string {
	if t.Done {
		return locale.T(lang, "tasks.settled.done", "task", t.Text)
	}
	return locale.T(lang, "tasks.settled.open", "task", t.Text)
}
