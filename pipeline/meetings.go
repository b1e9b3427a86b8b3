package pipeline

import (
	"cmp"
	"context"
	"errors"
	"regexp"
	"slices"
	"unicode/utf8"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// The writers of minutes that a person can choose; "" leaves it to the server.
const (
	WriterLLM     = "llm"
	WriterBuiltin = "builtin"
)

// The limits of what a meeting's row may hold.
const (
	maxText = 1000 // runes in a title, place, name, ...
	maxList = 1000 // participants, agenda items
)

var speakersForm = regexp.MustCompile(`^(auto|off|[1-9][0-9]?|[1-9][0-9]?-[1-9][0-9]?)?$`)

// Create stores a new meeting and makes its key. It sets the id, state and times, and Kind and Language
// when they are empty. CodeInvalid: a field cannot be what it is; CodeLanguage: such speech cannot be
// recognised.
func (p *Pipeline) Create(ctx context.Context, m *referent.Meeting) error {
	orDefault(&m.Kind, referent.KindReferat)
	orDefault(&m.Language, p.cfg.Language)
	spoken, err := referent.ParseSpoken(m.Options.Spoken)
	if err != nil {
		return err
	}
	m.Options.Spoken = spoken
	if err := p.checkMeeting(m); err != nil {
		return err
	}
	id, err := newID()
	if err != nil {
		return err
	}
	_, wrapped, err := p.cfg.Vault.NewKey()
	if err != nil {
		return err
	}
	return p.do(ctx, func(ctx context.Context, s *step) error {
		m.ID, m.State, m.Failure, m.Recording, m.Progress = id, referent.StateUploading, nil, nil, 0
		m.Created, m.Updated = s.now, s.now
		if m.Told != nil {
			m.Told.At = s.now
		}
		if err := s.CreateMeeting(ctx, m, wrapped); err != nil {
			return err
		}
		return s.tell(ctx, m, store.Event{Type: "state"})
	})
}

// Change stores what edit makes of the meeting as it then is, unless edit fails. When that names another department, the
// meeting moves: those who saw it are told that it left, and of how it is only those who see it now.
func (p *Pipeline) Change(ctx context.Context, meeting string, edit func(m *referent.Meeting) error) error {
	return p.do(ctx, func(ctx context.Context, s *step) error {
		m, err := s.Meeting(ctx, meeting)
		if err != nil {
			return err
		}
		was := m.Department
		if err := edit(m); err != nil {
			return err
		}
		if m.Department == was {
			return s.UpdateMeeting(ctx, m)
		}
		left := store.Event{Meeting: m.ID, Owner: m.Owner, Department: was, Type: store.EventLeft, At: s.now}
		if err := s.AddEvent(ctx, &left); err != nil {
			return err
		}
		if err := s.MoveMeeting(ctx, m.ID, m.Department); err != nil {
			return err
		}
		if err := s.UpdateMeeting(ctx, m); err != nil {
			return err
		}
		return s.tell(ctx, m, store.Event{Type: "state"})
	})
}

func (p *Pipeline) checkMeeting(m *referent.Meeting) error {
	const op = "pipeline: check meeting"
	texts := []string{m.Title, m.Place, m.Body, m.Purpose, m.LegalBasis}
	for _, x := range m.Participants {
		texts = append(texts, x.Name, x.Role, x.Party)
	}
	for _, x := range m.Agenda {
		texts = append(texts, x.Number, x.Title)
	}
	switch {
	case m.Owner == "":
		return invalid(op, "a meeting has an owner")
	case !written(m.Language):
		return invalid(op, "the language form is nb or nn")
	case m.Told == nil && p.cfg.MustTell.Has(m.Kind):
		return Untold(op)
	case len(m.Participants) > maxList || len(m.Agenda) > maxList:
		return invalid(op, "too many participants or agenda items")
	case m.Options.Mode != "" && !slices.Contains(referent.Modes, m.Options.Mode):
		return invalid(op, "the mode is rask, grundig or beam")
	case !speakersForm.MatchString(m.Options.Speakers):
		return invalid(op, "speakers is auto, off, a number or a range")
	}
	for _, t := range texts {
		if !utf8.ValidString(t) || utf8.RuneCountInString(t) > maxText {
			return invalid(op, "a text is too long or not UTF-8")
		}
	}
	if _, err := p.cfg.Templates.Choose(m.Kind, m.Language); err != nil {
		return err
	}
	return p.checkWriter(m.Options.Writer)
}

// written reports whether minutes can be written in l.
func written(l referent.Language) bool { return l == referent.Bokmal || l == referent.Nynorsk }

func (p *Pipeline) checkWriter(w string) error {
	switch w {
	case "", WriterBuiltin:
		return nil
	case WriterLLM:
		if p.cfg.Endpoint == nil {
			return noEndpoint("pipeline: check writer")
		}
		return nil
	}
	return invalid("pipeline: check writer", "the writer is llm or builtin")
}

func noEndpoint(op string) error {
	return referent.E(referent.CodeConfig, op, errors.New("no LLM endpoint is configured")).
		WithHint("configure one, or choose the built-in writer")
}

// Cancel stops the meeting's work at once. What is done stays, and Retry goes on from there. A meeting
// whose minutes were being made anew goes back to those it has. CodeConflict: there is nothing to stop.
func (p *Pipeline) Cancel(ctx context.Context, meeting string) error {
	return p.do(ctx, func(ctx context.Context, s *step) error {
		m, err := s.Meeting(ctx, meeting)
		if err != nil {
			return err
		}
		if m.State.Final() {
			return refused("pipeline: cancel meeting", "nothing is going on")
		}
		if err := s.cancelJobs(ctx, meeting); err != nil {
			return err
		}
		if m.State == referent.StateTranscribed {
			has, err := s.hasMinutes(ctx, m)
			if err != nil {
				return err
			}
			if has {
				m.Progress = 1
				return s.settle(ctx, m)
			}
		}
		return s.move(ctx, m, referent.StateCancelled)
	})
}

// RetryOptions change what is tried again.
type RetryOptions struct {
	Writer string // "llm" or "builtin" from now on; "": as before
}

// Retry goes on with a meeting that failed or was cancelled, from the first work that is missing. An
// upload that never ended is taken as it came. CodeConflict: nothing failed, or nothing ever came.
func (p *Pipeline) Retry(ctx context.Context, meeting string, o RetryOptions) error {
	const op = "pipeline: retry meeting"
	if err := p.checkWriter(o.Writer); err != nil {
		return err
	}
	m, err := p.cfg.Store.Meeting(ctx, meeting)
	if err != nil {
		return err
	}
	var whole *referent.Recording
	if m.Recording == nil && (m.State == referent.StateFailed || m.State == referent.StateCancelled) {
		if whole, err = p.measure(ctx, meeting); err != nil {
			return err
		}
	}
	return p.do(ctx, func(ctx context.Context, s *step) error {
		m, err := s.Meeting(ctx, meeting)
		if err != nil {
			return err
		}
		switch m.State {
		case referent.StateFailed, referent.StateCancelled:
		case referent.StateDraft, referent.StateReviewed:
			if m.Failure == nil || m.Failure.Stage != referent.StageMinutes {
				return refused(op, "nothing failed")
			}
		default:
			return refused(op, "nothing failed")
		}
		if m.Recording == nil {
			if whole == nil {
				return refused(op, "no recording came")
			}
			m.Recording = whole
		}
		if o.Writer != "" {
			m.Options.Writer = o.Writer
		}
		s.count(func(x *metrics) { x.retries.Inc() })
		return s.resume(ctx, m)
	})
}

// Remake has the minutes written anew from the transcript, as one more version. CodeConflict: the
// meeting has no minutes yet, or they are approved.
func (p *Pipeline) Remake(ctx context.Context, meeting string) error {
	return p.RemakeAs(ctx, meeting, RemakeOptions{})
}

// RemakeOptions say what the minutes become when they are made anew; what is empty stays as the meeting has it.
type RemakeOptions struct {
	Kind     referent.Kind
	Language referent.Language
}

// RemakeAs changes what the meeting is to become, and has its minutes written anew as that: both or neither.
// CodeConflict as with Remake; CodeInvalid: there is no such kind of document, it lacks the written form, or it needs
// the confirmation that those present were told.
func (p *Pipeline) RemakeAs(ctx context.Context, meeting string, o RemakeOptions) error {
	const op = "pipeline: remake minutes"
	return p.do(ctx, func(ctx context.Context, s *step) error {
		m, err := s.Meeting(ctx, meeting)
		if err != nil {
			return err
		}
		if m.State != referent.StateDraft && m.State != referent.StateReviewed {
			return refused(op, "there are no minutes that may be made anew")
		}
		was := *m
		m.Kind, m.Language = cmp.Or(o.Kind, m.Kind), cmp.Or(o.Language, m.Language)
		if m.Kind != was.Kind && m.Told == nil && p.cfg.MustTell.Has(m.Kind) {
			return Untold(op)
		}
		if m.Kind != was.Kind || m.Language != was.Language {
			if !written(m.Language) {
				return invalid(op, "the language form is nb or nn")
			}
			if _, err := p.cfg.Templates.Choose(m.Kind, m.Language); err != nil {
				return err
			}
		}
		return s.resume(ctx, m)
	})
}

// MustTell are kinds of meetings that need the confirmation that those present were told; "*" is every kind.
type MustTell []string

// Has reports whether a meeting of the kind needs it.
func (t MustTell) Has(k referent.Kind) bool {
	return slices.Contains(t, string(k)) || slices.Contains(t, "*")
}

// ErrUntold is that a meeting needs the confirmation and has none.
var ErrUntold = errors.New("nobody has confirmed that those present were told")

// Untold refuses a meeting for ErrUntold.
func Untold(op string) error {
	return referent.E(referent.CodeInvalid, op, ErrUntold).
		WithHint("confirm with \"told\" that those present know that they are recorded; this installation asks for it")
}
