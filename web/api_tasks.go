package web

import (
	"context"
	"net/http"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/store"
)

// Task is an action item of a meeting's minutes, as they are shown.
type Task struct {
	Meeting  string         `json:"meeting"`
	Title    string         `json:"title" doc:"The meeting's."`
	Date     string         `json:"date" doc:"When the meeting was held, or else made. ISO date."`
	State    referent.State `json:"state" doc:"Of the meeting: what is not approved or exported is a draft."`
	ID       string         `json:"id" doc:"In the meeting. It stays when an edit rewords or moves the task."`
	Text     string         `json:"text"`
	Owner    string         `json:"owner" doc:"Who is to do it; empty when nobody was named."`
	Due      string         `json:"due" doc:"ISO date; empty when none was given."`
	Status   string         `json:"status" doc:"As it was said."`
	Evidence []string       `json:"evidence" nullable:"false" doc:"Segments in which it was heard."`
	Start    float64        `json:"start" doc:"Of the first of them, in seconds from the start of the recording."`
	Speaker  string         `json:"speaker" doc:"Who said it; empty when not known."`
	Done     bool           `json:"done"`
	DoneBy   string         `json:"done_by,omitempty" doc:"The user who said so."`
	DoneAt   time.Time      `json:"done_at,omitzero"`
	May      bool           `json:"may_settle" doc:"You may say that it is done, or open after all."`

	place int
}

// TaskPage is one page of the list, by deadline.
type TaskPage struct {
	Tasks []Task `json:"tasks" nullable:"false"`
	Next  string `json:"next,omitempty" doc:"The after of the following page; absent on the last."`
}

// What TaskInput.When can be.
const (
	whenOverdue = "overdue"
	whenWithout = "without"
)

// TaskInput is which tasks are listed.
type TaskInput struct {
	ChoiceInput
	Owner string `query:"owner" maxLength:"300" doc:"Only this person's, compared without case."`
	Free  bool   `query:"unowned" doc:"Only those that nobody was named for."`
	When  string `query:"when" enum:"overdue,without" doc:"Only those whose deadline is over, or that have none."`
	Done  bool   `query:"done" doc:"Those that are done, in the place of the open ones."`
	After string `query:"after" maxLength:"500" doc:"The next of the page before."`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

// SettleInput is what is said of a task.
type SettleInput struct {
	MeetingPath
	Task string `path:"task" maxLength:"64" doc:"The task's id."`
	Body struct {
		Done bool `json:"done" doc:"true: it is done; false: it is open after all."`
	}
}

func (s *Server) registerTasks() {
	register(s, operation{method: http.MethodGet, path: "/tasks", id: "list-tasks", tag: "tasks", needs: access.ReadContent, summary: "List tasks",
		text: "Open action items of all minutes that you may read, as they are shown. By deadline; those without one last."},
		func(ctx context.Context, in *TaskInput) (*struct{ Body TaskPage }, error) {
			page, err := s.taskPage(ctx, in)
			if err != nil {
				return nil, err
			}
			return &struct{ Body TaskPage }{*page}, nil
		})
	register(s, operation{method: http.MethodPatch, path: "/meetings/{id}/tasks/{task}", id: "settle-task", tag: "tasks", needs: access.CorrectContent, summary: "Say that a task is done",
		text: "Or open after all. It is kept beside the minutes, which stay as they are, also when they are approved; the history tells who said it."},
		func(ctx context.Context, in *SettleInput) (*struct{ Body Task }, error) {
			t, err := s.settleTask(ctx, in.ID, in.Task, in.Body.Done)
			if err != nil {
				return nil, err
			}
			return &struct{ Body Task }{*t}, nil
		})
}

// taskPage lists tasks that whoever asks may read.
func (s *Server) taskPage(ctx context.Context, in *TaskInput) (*TaskPage, error) {
	c, err := s.choice(ctx, in.ChoiceInput)
	if err != nil {
		return nil, err
	}
	q := store.TaskQuery{In: c, Owner: in.Owner, Unowned: in.Free, Done: in.Done, Without: in.When == whenWithout, After: in.After, Limit: in.Limit}
	if in.When == whenOverdue {
		q.Before = s.today()
	}
	rows, next, err := s.store.Tasks(ctx, q)
	if err != nil {
		return nil, err
	}
	if rows, err = showsOf(s, ctx, store.ReadTasks, rows, func(k *store.Task) string { return k.Meeting }); err != nil {
		return nil, err
	}
	list, err := s.tasks(ctx, rows)
	return &TaskPage{list, next}, err
}

// today is the day where the server stands, as an ISO date.
func (s *Server) today() string { return s.now().Local().Format(time.DateOnly) }

// tasks tells of tasks to whoever asks.
func (s *Server) tasks(ctx context.Context, rows []store.Task) ([]Task, error) {
	out := make([]Task, len(rows))
	if len(rows) == 0 {
		return out, nil
	}
	names, may := s.names(ctx), map[string]bool{}
	for i, k := range rows {
		if _, known := may[k.Meeting]; !known {
			_, d, err := s.decideOf(ctx, k.Meeting, access.CorrectContent)
			if err != nil {
				return nil, err
			}
			may[k.Meeting] = d.Allowed
		}
		out[i] = Task{Meeting: k.Meeting, Title: k.Title, Date: dateOf(k.Held, k.Created), State: k.State, ID: k.ID, Text: k.Text, Owner: k.Owner, Due: k.Due, Status: k.Status,
			Evidence: k.Evidence, Start: k.Start, Speaker: k.Speaker, Done: k.Done(), DoneAt: k.DoneAt, May: may[k.Meeting], place: k.Place}
		if out[i].Evidence == nil {
			out[i].Evidence = []string{}
		}
		var err error
		if out[i].DoneBy, err = names.of(k.DoneBy); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// settleTask says that a task is done or open, for whoever asks.
func (s *Server) settleTask(ctx context.Context, meeting, task string, done bool) (*Task, error) {
	m, err := s.meeting(ctx, meeting)
	if err != nil {
		return nil, err
	}
	t, err := s.pipe.SettleTask(ctx, meeting, task, whoAsks(ctx).user.ID, done)
	if err != nil {
		return nil, err
	}
	t.Title, t.Held, t.Created, t.State = m.Title, m.Start, m.Created, m.State
	told, err := s.tasks(ctx, []store.Task{*t})
	if err != nil {
		return nil, err
	}
	return &told[0], nil
}
