package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/store"
)

// ChoiceInput chooses the meetings that are looked through, among those that one may read. To huma a field called
// Body would be the request's.
type ChoiceInput struct {
	BodyName   string           `query:"body" maxLength:"300" doc:"Only meetings of this body, as it is written."`
	Kind       referent.Kind    `query:"kind" maxLength:"40" doc:"Only meetings of this kind."`
	Department string           `query:"department" maxLength:"64" doc:"Only meetings of this department."`
	State      []referent.State `query:"state" maxItems:"11" doc:"Only meetings in one of these states." enum:"uploading,received,prepared,transcribed,draft,reviewed,approved,exported,purged,failed,cancelled"`
	From       string           `query:"from" format:"date" doc:"Only meetings held on this day or later."`
	To         string           `query:"to" format:"date" doc:"Only meetings held on this day or earlier."`
}

// choice is what whoever asks may read of it.
func (s *Server) choice(ctx context.Context, in ChoiceInput) (store.Choice, error) {
	readable, err := s.reach(ctx, access.ReadContent)
	if err != nil {
		return store.Choice{}, err
	}
	c := store.Choice{Seen: sightOf(readable), Approved: readable.Approved, Body: in.BodyName, Kind: in.Kind, Department: in.Department, States: in.State}
	c.From, c.To, err = daysOf(in.From, in.To)
	return c, err
}

// daysOf is the time from the beginning of one ISO date to the end of another; zero times of none.
func daysOf(first, last string) (from, to time.Time, err error) {
	if from, err = dayOf(first); err != nil {
		return from, to, err
	}
	if to, err = dayOf(last); err == nil && !to.IsZero() {
		to = to.AddDate(0, 0, 1)
	}
	return from, to, err
}

// dayOf is the beginning of an ISO date where the server stands; the zero time of none.
func dayOf(date string) (time.Time, error) {
	if date == "" {
		return time.Time{}, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, date, time.Local)
	if err != nil {
		return t, referent.E(referent.CodeInvalid, "web: read date", nil).WithHint("a date is written as 2026-11-21")
	}
	return t, nil
}

// SearchInput is what is searched for.
type SearchInput struct {
	ChoiceInput
	Query   string   `query:"q" maxLength:"500" doc:"Words, each of which must occur; the last may be the beginning of one."`
	Speaker string   `query:"speaker" maxLength:"200" doc:"Words of the name of who said it, or is to do it."`
	What    []string `query:"what" maxItems:"3" default:"said" enum:"said,decision,task" doc:"What was said, and the decisions and tasks of the minutes as they are shown. Decisions and tasks are found without words too."`
	After   string   `query:"after" maxLength:"200" doc:"From the link rel=next of the page before."`
	Limit   int      `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

// Hit is a passage that a search found.
type Hit struct {
	Meeting string         `json:"meeting"`
	Title   string         `json:"title" doc:"The meeting's."`
	Date    string         `json:"date" doc:"When the meeting was held, or else made. ISO date."`
	State   referent.State `json:"state" doc:"Of the meeting: what is not approved or exported is a draft."`
	What    store.Found    `json:"what" enum:"said,decision,task"`
	Segment string         `json:"segment" doc:"What was said, or where the minutes first heard it; empty where they did nowhere."`
	Start   float64        `json:"start" doc:"Seconds from the start of the recording."`
	Speaker string         `json:"speaker" doc:"Who said it; empty when not known."`
	Text    string         `json:"text"`
	Marks   []Mark         `json:"marks" nullable:"false" doc:"The words that were searched for."`
	Task    *Task          `json:"task,omitempty" doc:"Of a task."`

	place int
}

// Mark is a stretch of a text, counted in characters (Unicode code points) from 0.
type Mark struct {
	From int `json:"from"`
	To   int `json:"to" doc:"The first character after it."`
}

func (s *Server) registerSearch() {
	register(s, operation{method: http.MethodGet, path: "/search", id: "search", tag: "results", needs: access.ReadContent, summary: "Search what was said and decided",
		text: "In what you may read. The newest meeting comes first; of one meeting its decisions, its tasks, and what was said, in order. " +
			"Where there is more, the header `Link` leads to it."},
		func(ctx context.Context, in *SearchInput) (*struct {
			Link string `header:"Link" doc:"The next page, rel=next; absent on the last."`
			Body []Hit
		}, error) {
			hits, next, err := s.search(ctx, in)
			if err != nil {
				return nil, err
			}
			out := &struct {
				Link string `header:"Link" doc:"The next page, rel=next; absent on the last."`
				Body []Hit
			}{Body: hits}
			if next != "" {
				out.Link = "<" + apiRoot + "/search?" + in.link(next) + `>; rel="next"`
			}
			return out, nil
		})
}

// search finds a page of what whoever asks may read.
func (s *Server) search(ctx context.Context, in *SearchInput) (page []Hit, next string, err error) {
	c, err := s.choice(ctx, in.ChoiceInput)
	if err != nil {
		return nil, "", err
	}
	q := store.SearchQuery{Text: in.Query, Speaker: in.Speaker, In: c, After: in.After, Limit: in.Limit}
	for _, w := range in.What {
		q.What = append(q.What, store.Found(w))
	}
	hits, next, err := s.store.Search(ctx, q)
	if err != nil {
		return nil, "", err
	}
	if hits, err = showsOf(s, ctx, store.ReadSearch, hits, func(h *store.Hit) string { return h.Meeting }); err != nil {
		return nil, "", err
	}
	var tasks []store.Task
	page = make([]Hit, len(hits))
	for i, h := range hits {
		page[i] = Hit{Meeting: h.Meeting, Title: h.Title, Date: dateOf(h.Held, h.Created), State: h.State, What: h.What, Segment: h.Segment, Start: h.Start,
			Speaker: h.Speaker, Text: h.Text, Marks: marksOf(h), place: h.Place}
		if h.Task != nil {
			k := *h.Task
			k.Title, k.Held, k.Created, k.State, k.Start, k.Speaker = h.Title, h.Held, h.Created, h.State, h.Start, h.Speaker
			tasks = append(tasks, k)
		}
	}
	told, err := s.tasks(ctx, tasks)
	if err != nil {
		return nil, "", err
	}
	for i := range page {
		if page[i].What == store.FoundTask {
			page[i].Task, told = &told[0], told[1:]
		}
	}
	return page, next, nil
}

func dateOf(held, created time.Time) string {
	if held.IsZero() {
		held = created
	}
	return held.Local().Format(time.DateOnly)
}

// marksOf counts in characters what the store counts in bytes.
func marksOf(h store.Hit) []Mark {
	out := make([]Mark, len(h.Marks))
	for i, m := range h.Marks {
		from := utf8.RuneCountInString(h.Text[:m.From])
		out[i] = Mark{from, from + utf8.RuneCountInString(h.Text[m.From:m.To])}
	}
	return out
}

// values writes the search as a query, from another place in its list on. What may be several is there several times,
// as a form sends it.
func (in *SearchInput) values(after string) url.Values {
	q := in.ChoiceInput.values()
	putValue(q, "q", in.Query)
	putValue(q, "speaker", in.Speaker)
	for _, w := range in.What {
		q.Add("what", w)
	}
	putValue(q, "after", after)
	return q
}

// link writes it as the API reads it: what may be several stands between commas.
func (in *SearchInput) link(after string) string {
	q := in.values(after)
	for name, all := range q {
		q.Set(name, strings.Join(all, ","))
	}
	q.Set("limit", strconv.Itoa(in.Limit))
	return q.Encode()
}

func (in *ChoiceInput) values() url.Values {
	q := url.Values{}
	putValue(q, "body", in.BodyName)
	putValue(q, "kind", string(in.Kind))
	putValue(q, "department", in.Department)
	for _, st := range in.State {
		q.Add("state", string(st))
	}
	putValue(q, "from", in.From)
	putValue(q, "to", in.To)
	return q
}

func putValue(q url.Values, name, value string) {
	if value != "" {
		q.Set(name, value)
	}
}
