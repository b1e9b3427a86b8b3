package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/pipeline"
	"github.com/referent/referent/review"
	"github.com/referent/referent/store"
)

const (
	minutesText     = "What comes of it is a new version of the minutes; those before it stay. "
	minutesConflict = "409 with the newest version in `version` says that somebody else changed the minutes meanwhile, and nothing is changed; 409 without it that they are approved and locked. "
)

// MinutesVersion is one version of a meeting's minutes, and where the meeting is.
type MinutesVersion struct {
	Version int               `json:"version"`
	By      string            `json:"by,omitempty" doc:"The user who made it; absent for a machine's."`
	Created time.Time         `json:"created"`
	State   referent.State    `json:"state" doc:"Of the meeting: approved and exported minutes are locked."`
	Open    review.Open       `json:"open" doc:"How much of it nobody has looked at."`
	Minutes *referent.Minutes `json:"minutes"`
}

// MinutesInfo tells of a version without what stands in it.
type MinutesInfo struct {
	Version  int       `json:"version"`
	By       string    `json:"by,omitempty" doc:"The user who made it; absent for a machine's."`
	Created  time.Time `json:"created"`
	From     int       `json:"from,omitempty" doc:"The version that it was made from, where a person made it."`
	Source   int       `json:"taken_from,omitempty" doc:"Another version that a part of it was taken from, or that was gone back to."`
	Did      string    `json:"did,omitempty" doc:"What made it: save, approve, reopen, or an edit."`
	Part     string    `json:"part,omitempty" doc:"The part of the minutes, where an edit made it."`
	Shown    bool      `json:"shown" doc:"It is the one that is shown."`
	Approved bool      `json:"approved" doc:"Somebody answered for it."`
	Replaced bool      `json:"replaced" doc:"It was approved, and another has taken its place."`
}

// Deed is something that somebody did with the minutes.
type Deed struct {
	What    string    `json:"what" doc:"save, approve, reopen, an edit, or task_done and task_open."`
	Part    string    `json:"part,omitempty" doc:"The part of the minutes, of an edit."`
	Version int       `json:"version" doc:"What came of it; 0 where the minutes stayed as they are."`
	From    int       `json:"from,omitempty" doc:"The version that it was made from."`
	Source  int       `json:"taken_from,omitempty" doc:"Another version that a part was taken from, or that was gone back to."`
	By      string    `json:"by" doc:"The user."`
	At      time.Time `json:"at"`
}

// MinutesParts is what can be taken from another version into the one that is shown.
type MinutesParts struct {
	Version int            `json:"version" doc:"The one that is shown, which the edit is for."`
	Parts   []review.Offer `json:"parts" nullable:"false"`
}

type minutesAnswer struct{ Body MinutesVersion }

// ReadVersion is the input of a step that is for the version that a person has read.
type ReadVersion struct {
	MeetingPath
	Body struct {
		Version int `json:"version" minimum:"1" doc:"The version that was read."`
	}
}

func (s *Server) registerMinutes() {
	const at = "/meetings/{id}/minutes"
	register(s, operation{method: http.MethodGet, path: at, id: "get-minutes", tag: "minutes", needs: access.ReadContent, summary: "Read a version of the minutes",
		text: "With its number, which every change asks for."},
		func(ctx context.Context, in *struct {
			MeetingPath
			Version int `query:"version" minimum:"0" doc:"0 or absent: the one that is shown, a person's newest, else the machine's."`
		}) (*minutesAnswer, error) {
			return s.minutesAnswer(ctx, in.ID, func() (*pipeline.MinutesVersion, error) { return s.pipe.MinutesVersion(ctx, in.ID, in.Version) })
		})
	// huma cannot say that an object may be null, as next_meeting is when none was agreed on.
	register(s, operation{method: http.MethodPut, path: at, id: "save-minutes", tag: "minutes", needs: access.CorrectContent, maxBody: maxMinutes, trusting: true,
		status: http.StatusNoContent, summary: "Save a person's version of the minutes", text: "As a whole. " + minutesText +
			"Who approved, confirmed or settled something cannot be written: those are acts of their own, and what was to be checked and is left out is put back. " + minutesConflict},
		func(ctx context.Context, in *struct {
			MeetingPath
			Version int `query:"version" minimum:"0" doc:"The version that these were made from. 0 or absent: they take the place of whichever is shown."`
			Body    referent.Minutes
		}) (*struct{}, error) {
			if _, err := s.meeting(ctx, in.ID); err != nil {
				return nil, err
			}
			_, err := s.pipe.SaveMinutes(ctx, in.ID, editor(ctx), in.Version, &in.Body)
			return nil, err
		})
	next := s.openAPI().Components.Schemas.Map()["Minutes"].Properties
	next["next_meeting"] = &huma.Schema{AnyOf: []*huma.Schema{next["next_meeting"], {Type: "null"}}}

	register(s, operation{method: http.MethodPost, path: at + "/edits", id: "edit-minutes", tag: "minutes", needs: access.CorrectContent, summary: "Make one small change",
		text: "Words, order, something of one's own, something settled, one part as it is in another version, or everything as it was before. Places count from 0 in the version that the change is for. " +
			"A statement keeps where it was heard, and one in other words is marked as reworded. " + minutesText + minutesConflict},
		func(ctx context.Context, in *struct {
			MeetingPath
			Body struct {
				Version int         `json:"version" minimum:"1" doc:"The version that the change is for."`
				Edit    review.Edit `json:"edit"`
			}
		}) (*minutesAnswer, error) {
			return s.minutesAnswer(ctx, in.ID, func() (*pipeline.MinutesVersion, error) {
				return s.pipe.EditMinutes(ctx, in.ID, editor(ctx), in.Body.Version, in.Body.Edit)
			})
		})
	register(s, operation{method: http.MethodPost, path: at + "/approve", id: "approve-minutes", tag: "minutes", needs: access.Approve, summary: "Approve the minutes",
		text: "Whoever asks answers for them from then on, by name: the label of machine-made text goes, and they are locked. " +
			"What stands under possibly_missed and was not taken in is left out. The meeting's kind and language become those of the minutes. 409 with code unchecked: something is still to be checked, or a vote to be confirmed. " + minutesText + minutesConflict},
		func(ctx context.Context, in *ReadVersion) (*minutesAnswer, error) {
			return s.minutesAnswer(ctx, in.ID, func() (*pipeline.MinutesVersion, error) {
				return s.pipe.Approve(ctx, in.ID, editor(ctx), in.Body.Version)
			})
		})
	register(s, operation{method: http.MethodPost, path: at + "/reopen", id: "reopen-minutes", tag: "minutes", needs: access.Approve, summary: "Correct approved minutes",
		text: "Makes a draft of them. The approved version stays, and is marked as replaced. " + minutesText + "409: they are not approved, or not the newest any more."},
		func(ctx context.Context, in *ReadVersion) (*minutesAnswer, error) {
			return s.minutesAnswer(ctx, in.ID, func() (*pipeline.MinutesVersion, error) {
				return s.pipe.Reopen(ctx, in.ID, editor(ctx), in.Body.Version)
			})
		})

	register(s, operation{method: http.MethodGet, path: at + "/versions", id: "list-minutes-versions", tag: "minutes", needs: access.ReadContent, summary: "List the versions of the minutes", text: "The oldest first."},
		func(ctx context.Context, in *MeetingPath) (*struct{ Body []MinutesInfo }, error) {
			if _, err := s.meeting(ctx, in.ID); err != nil {
				return nil, err
			}
			return list(s.minutesVersions(ctx, in.ID))
		})
	register(s, operation{method: http.MethodGet, path: at + "/comparison", id: "compare-minutes", tag: "minutes", needs: access.ReadContent, summary: "Compare two versions of the minutes",
		text: "Statement by statement and word by word, in the order of the document."},
		func(ctx context.Context, in *struct {
			MeetingPath
			From int `query:"from" minimum:"1" default:"1" doc:"A version."`
			To   int `query:"to" minimum:"0" doc:"Another; 0 or absent: the one that is shown."`
		}) (*struct{ Body []review.Line }, error) {
			if _, err := s.meeting(ctx, in.ID); err != nil {
				return nil, err
			}
			lines, _, err := s.compareMinutes(ctx, in.ID, in.From, in.To)
			return list(lines, err)
		})
	register(s, operation{method: http.MethodGet, path: at + "/parts", id: "list-minutes-parts", tag: "minutes", needs: access.ReadContent, summary: "List what can be taken from another version",
		text: "The parts of the version that is shown and of another, in the order of the document, for the edit take. Themes and cases are the same by where they were heard, then by their headings; " +
			"those that have a statement in common are one part. 422: the versions are in different written forms, or only one of them is a protocol: then all is taken, with restore."},
		func(ctx context.Context, in *struct {
			MeetingPath
			From int `query:"from" minimum:"1" default:"1" doc:"The version to take from."`
		}) (*struct{ Body MinutesParts }, error) {
			if _, err := s.meeting(ctx, in.ID); err != nil {
				return nil, err
			}
			shown, parts, err := s.pipe.MinutesParts(ctx, in.ID, in.From)
			if err != nil {
				return nil, err
			}
			return &struct{ Body MinutesParts }{MinutesParts{shown, parts}}, nil
		})
	register(s, operation{method: http.MethodGet, path: "/meetings/{id}/history", id: "get-history", tag: "minutes", needs: access.ReadContent, summary: "Who did what with the minutes",
		text: "In order. It is kept as long as the meeting."},
		func(ctx context.Context, in *MeetingPath) (*struct{ Body []Deed }, error) {
			if _, err := s.meeting(ctx, in.ID); err != nil {
				return nil, err
			}
			return list(s.history(ctx, in.ID))
		})
}

// editor is whoever asks, as one who changes minutes.
func editor(ctx context.Context) pipeline.Editor {
	u := whoAsks(ctx).user
	return pipeline.Editor{ID: u.ID, Name: u.Called()}
}

// minutesAnswer does a step on the minutes of a meeting that whoever asks may see, and tells what they are then.
func (s *Server) minutesAnswer(ctx context.Context, id string, step func() (*pipeline.MinutesVersion, error)) (*minutesAnswer, error) {
	if _, err := s.meeting(ctx, id); err != nil {
		return nil, err
	}
	v, err := step()
	if err != nil {
		return nil, err
	}
	m, err := s.meeting(ctx, id)
	if err != nil {
		return nil, err
	}
	by, err := s.names(ctx).of(v.By)
	if err != nil {
		return nil, err
	}
	return &minutesAnswer{MinutesVersion{v.Version, by, v.Created, m.State, review.Left(v.Minutes), v.Minutes}}, nil
}

// minutesVersions lists the versions with the names of those who made them.
func (s *Server) minutesVersions(ctx context.Context, id string) ([]MinutesInfo, error) {
	versions, err := s.pipe.MinutesVersions(ctx, id)
	if err != nil {
		return nil, err
	}
	names, out := s.names(ctx), make([]MinutesInfo, len(versions))
	for i, v := range versions {
		out[i] = MinutesInfo(v)
		if out[i].By, err = names.of(v.By); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// history lists what was done with the names of those who did it.
func (s *Server) history(ctx context.Context, id string) ([]Deed, error) {
	deeds, err := s.pipe.History(ctx, id)
	if err != nil {
		return nil, err
	}
	names, out := s.names(ctx), make([]Deed, len(deeds))
	for i, d := range deeds {
		out[i] = Deed{What: d.What, Part: d.Part, Version: d.Version, From: d.From, Source: d.Source, At: d.At}
		if out[i].By, err = names.of(d.By); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// compareMinutes compares two versions, and tells which the second was when that is left open.
func (s *Server) compareMinutes(ctx context.Context, id string, from, to int) ([]review.Line, int, error) {
	before, err := s.pipe.MinutesVersion(ctx, id, from)
	if err != nil {
		return nil, 0, err
	}
	after, err := s.pipe.MinutesVersion(ctx, id, to)
	if err != nil {
		return nil, 0, err
	}
	return review.Compare(before.Minutes, after.Minutes), after.Version, nil
}

// userNames finds the names of users, each once.
type userNames struct {
	ctx   context.Context
	store store.Reader
	known map[string]string
}

func (s *Server) names(ctx context.Context) userNames {
	return userNames{ctx, s.store, map[string]string{}}
}

// of is the name of a user; of one who is no longer there, the id, and of nobody "".
func (n userNames) of(id string) (string, error) {
	if name, ok := n.known[id]; ok || id == "" {
		return name, nil
	}
	u, err := n.store.User(n.ctx, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		n.known[id] = id
	case err != nil:
		return "", err
	default:
		n.known[id] = u.Called()
	}
	return n.known[id], nil
}
