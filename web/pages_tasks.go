package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/referent/referent/store"
)

// nobody stands in the field of owners for those tasks that nobody was named for: no name begins with a dash.
const nobody = "-"

type tasksPage struct {
	TaskInput
	choices
	Owners   []string
	Filtered bool
	Groups   []taskGroup
	Drafts   bool   // some of the tasks stand in minutes that nobody has approved
	More     string // address of the next page; "": none
	First    string // address of the first page; "": this is it
	Here     string // address of this page, to come back to
	Settled  *settledTask
}

// settledTask is what was just done, and can be undone.
type settledTask struct {
	Task
	Notice string
}

// taskGroup is the tasks of one span of time.
type taskGroup struct {
	Key   string // overdue, week, later, without, done
	Tasks []dueRow
}

type dueRow struct {
	Task
	HasAudio bool
	Href     string // its place in the minutes
	Heard    string // where it was heard in the transcript; "": nowhere
}

func placeInMinutes(meeting, list string, place int) string {
	return fmt.Sprintf("/meetings/%s/minutes#%s-%d", url.PathEscape(meeting), list, place)
}

func (s *Server) showTasks(w http.ResponseWriter, r *http.Request) {
	p, err := s.tasksPage(r.Context(), r.URL.Query())
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	s.pages.render(w, r, http.StatusOK, "tasks", p)
}

func (s *Server) tasksPage(ctx context.Context, q url.Values) (*tasksPage, error) {
	p := &tasksPage{TaskInput: TaskInput{ChoiceInput: choiceOf(q), Owner: q.Get("owner"), Done: q.Get("done") != "", After: q.Get("after"), Limit: listPage}}
	if when := q.Get("when"); when == whenOverdue || when == whenWithout {
		p.When = when
	}
	p.Here = tasksAt + "?" + p.address(p.After)
	p.Filtered = p.Owner != "" || p.When != "" || len(p.ChoiceInput.values()) > 0
	in := p.TaskInput
	if in.Owner == nobody {
		in.Owner, in.Free = "", true
	}
	page, err := s.taskPage(ctx, &in)
	if err != nil {
		return nil, err
	}
	if page.Next != "" {
		p.More = tasksAt + "?" + p.address(page.Next)
	}
	if p.After != "" {
		p.First = tasksAt + "?" + p.address("")
	}
	if p.choices, err = s.choices(ctx); err != nil {
		return nil, err
	}
	if p.Owners, err = s.store.TaskOwners(ctx, p.choices.all, p.Done); err != nil {
		return nil, err
	}
	if p.Owner != "" && p.Owner != nobody && !slices.Contains(p.Owners, p.Owner) { // whose last task was just done
		p.Owners = append(p.Owners, p.Owner)
	}
	if p.Groups, err = s.byDeadline(ctx, page.Tasks); err != nil {
		return nil, err
	}
	p.Drafts = slices.ContainsFunc(page.Tasks, func(t Task) bool { return !t.State.Approved() })
	p.Settled, err = s.settled(ctx, q.Get("settled"))
	return p, err
}

// address writes the list as a query, from another place on.
func (p *tasksPage) address(after string) string {
	q := p.ChoiceInput.values()
	putValue(q, "owner", p.Owner)
	putValue(q, "when", p.When)
	if p.Done {
		q.Set("done", "1")
	}
	putValue(q, "after", after)
	return q.Encode()
}

// byDeadline groups tasks, which come in that order. A week ends on Sunday.
func (s *Server) byDeadline(ctx context.Context, tasks []Task) ([]taskGroup, error) {
	today := s.now().Local()
	sunday := today.AddDate(0, 0, (7-int(today.Weekday()))%7).Format(time.DateOnly)
	keyOf := func(t *Task) string {
		switch {
		case t.Done:
			return "done"
		case t.Due == "":
			return "without"
		case t.Due < s.today():
			return "overdue"
		case t.Due <= sunday:
			return "week"
		}
		return "later"
	}
	var groups []taskGroup
	heard := map[string]bool{}
	for _, t := range tasks {
		if _, known := heard[t.Meeting]; !known {
			has, err := s.hasAudio(ctx, t.Meeting)
			if err != nil {
				return nil, err
			}
			heard[t.Meeting] = has
		}
		if n, key := len(groups), keyOf(&t); n == 0 || groups[n-1].Key != key {
			groups = append(groups, taskGroup{Key: key})
		}
		row := dueRow{Task: t, Href: placeInMinutes(t.Meeting, "actions", t.place)}
		if len(t.Evidence) > 0 {
			row.Heard, row.HasAudio = "/meetings/"+url.PathEscape(t.Meeting)+"#"+t.Evidence[0], heard[t.Meeting]
		}
		g := &groups[len(groups)-1]
		g.Tasks = append(g.Tasks, row)
	}
	return groups, nil
}

// settled finds the task that the page before settled, where whoever asks may still do so; nil: there is none.
func (s *Server) settled(ctx context.Context, mark string) (*settledTask, error) {
	meeting, id, ok := strings.Cut(mark, " ")
	if !ok {
		return nil, nil
	}
	all, err := s.store.TasksOf(ctx, meeting)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(t store.Task) bool { return t.ID == id && t.Place >= 0 })
	if i < 0 {
		return nil, nil
	}
	told, err := s.tasks(ctx, all[i:i+1]) // says also whether whoever asks may
	if err != nil || !told[0].May {
		return nil, err
	}
	shown, err := showsOf(s, ctx, store.ReadTasks, all[i:i+1], func(k *store.Task) string { return k.Meeting })
	if err != nil || len(shown) == 0 {
		return nil, err
	}
	return &settledTask{told[0], noticeOf(infoOf(ctx).lang, &told[0])}, nil
}

// postTask settles a task and goes back to the list, which tells of it and offers to undo it.
func (s *Server) postTask(w http.ResponseWriter, r *http.Request) {
	if !s.parseForm(w, r) {
		return
	}
	t, err := s.settleTask(r.Context(), r.PathValue("id"), r.PathValue("task"), r.PostFormValue("done") != "")
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	back, err := url.Parse(cmp.Or(r.PostFormValue("next"), tasksAt))
	if err != nil || back.Path != tasksAt || back.Host != "" || back.Scheme != "" {
		back = &url.URL{Path: tasksAt}
	}
	q := back.Query()
	q.Set("settled", t.Meeting+" "+t.ID)
	back.RawQuery = q.Encode()
	http.Redirect(w, r, back.String(), http.StatusSeeOther)
}
