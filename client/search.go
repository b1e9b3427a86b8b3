package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// Choice is which meetings are looked through, of those that the token's user may read. Zero fields choose everything.
type Choice struct {
	Body       string // as it is written
	Kind       referent.Kind
	Department string // its id
	States     []referent.State
	From, To   string // ISO dates on which the meeting was held, both included
}

func (c Choice) values() url.Values {
	states := make([]string, len(c.States))
	for i, st := range c.States {
		states[i] = string(st)
	}
	return known(url.Values{}, "body", c.Body, "kind", string(c.Kind), "department", c.Department, "state", strings.Join(states, ","), "from", c.From, "to", c.To)
}

// known sets the pairs of name and value whose value is not empty.
func known(q url.Values, pairs ...string) url.Values {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	return q
}

// Search is what is searched for.
type Search struct {
	Choice
	Text    string        // words, each of which must occur; the last may be the beginning of one
	Speaker string        // words of the name of who said it, or is to do it
	What    []store.Found // none: what was said
	Limit   int           // 1 to 200; 0 means 50
}

// Hit is a passage that a search found.
type Hit struct {
	Meeting string         `json:"meeting"`
	Title   string         `json:"title"` // the meeting's
	Date    string         `json:"date"`  // ISO
	State   referent.State `json:"state"`
	What    store.Found    `json:"what"`
	Segment string         `json:"segment"` // where it was said; "": not known
	Start   float64        `json:"start"`   // of the segment, in seconds
	Speaker string         `json:"speaker"` // "": not known
	Text    string         `json:"text"`
	Marks   []struct {
		From int `json:"from"` // in characters
		To   int `json:"to"`
	} `json:"marks"`
	Task *Task `json:"task,omitempty"` // of a task
}

// Task is an action item of a meeting's minutes.
type Task struct {
	Meeting string         `json:"meeting"`
	Title   string         `json:"title"` // the meeting's
	Date    string         `json:"date"`  // ISO
	State   referent.State `json:"state"`
	ID      string         `json:"id"` // in the meeting
	Text    string         `json:"text"`
	Owner   string         `json:"owner"` // who is to do it; "": nobody was named
	Due     string         `json:"due"`   // ISO date; "": none
	Status  string         `json:"status"`
	Start   float64        `json:"start"` // where it was heard, in seconds
	Done    bool           `json:"done"`
	DoneBy  string         `json:"done_by,omitempty"`
	DoneAt  time.Time      `json:"done_at,omitzero"`
	May     bool           `json:"may_settle"`
}

// Search finds passages, those of the newest meeting first. more reports whether there are more than were asked for.
func (c *Client) Search(ctx context.Context, s Search) (hits []Hit, more bool, err error) {
	q := known(s.Choice.values(), "q", s.Text, "speaker", s.Speaker)
	what := make([]string, len(s.What))
	for i, w := range s.What {
		what[i] = string(w)
	}
	known(q, "what", strings.Join(what, ","))
	if s.Limit != 0 {
		q.Set("limit", strconv.Itoa(s.Limit))
	}
	resp, err := c.do(ctx, http.MethodGet, apiRoot+"/search?"+q.Encode(), nil, nil)
	if err != nil {
		return nil, false, err
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&hits); err != nil {
		return nil, false, unreadable(err)
	}
	return hits, resp.Header.Get("Link") != "", nil
}

// TaskFilter is which tasks are listed. Zero fields list all open ones.
type TaskFilter struct {
	Choice
	Owner   string // compared without case
	Overdue bool   // only those whose deadline is over
	Done    bool   // those that are done, in the place of the open ones
	After   string // the next of the page before
	Limit   int    // 1 to 200; 0 means 50
}

// Tasks returns a page of tasks by deadline, and what After must be for the next page; "": no more.
func (c *Client) Tasks(ctx context.Context, f TaskFilter) (page []Task, next string, err error) {
	q := known(f.Choice.values(), "owner", f.Owner, "after", f.After)
	if f.Overdue {
		q.Set("when", "overdue")
	}
	if f.Done {
		q.Set("done", "true")
	}
	if f.Limit != 0 {
		q.Set("limit", strconv.Itoa(f.Limit))
	}
	type answer struct {
		Tasks []Task `json:"tasks"`
		Next  string `json:"next"`
	}
	a, err := call[answer](ctx, c, http.MethodGet, "/tasks?"+q.Encode(), nil)
	if err != nil {
		return nil, "", err
	}
	return a.Tasks, a.Next, nil
}

// SettleTask says that a task is done, or open after all.
func (c *Client) SettleTask(ctx context.Context, meeting, task string, done bool) (*Task, error) {
	return call[Task](ctx, c, http.MethodPatch, at(meeting)+"/tasks/"+url.PathEscape(task), map[string]bool{"done": done})
}
