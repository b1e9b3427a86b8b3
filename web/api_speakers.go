package web

import (
	"context"
	"net/http"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/pipeline"
	"github.com/referent/referent/speakers"
	"github.com/referent/referent/store"
)

const (
	versionText  = "The change is a new version of the transcript; those before it stay. "
	conflictText = "409 with the newest version in `version` says that somebody else changed the transcript meanwhile, and nothing is changed."
)

// SpeakerPath is the input of everything about one speaker.
type SpeakerPath struct {
	MeetingPath
	Speaker string `path:"speaker" maxLength:"64" doc:"The speaker's id in the transcript, e.g. S2."`
}

// BaseVersion says which version a person looked at when they chose to change it.
type BaseVersion struct {
	Version int `json:"version,omitempty" minimum:"0" doc:"The version of the transcript that the change is for. 0 or absent: whichever is the newest."`
}

type (
	listingAnswer struct{ Body speakers.Listing }
	changeAnswer  struct{ Body speakers.Change }
)

func (s *Server) registerSpeakers() {
	const at = "/meetings/{id}/speakers"
	register(s, operation{method: http.MethodGet, path: at, id: "list-speakers", tag: "speakers", needs: access.ReadContent, summary: "List the speakers",
		text: "With how long each speaks, and a few segments to know the voice by."},
		func(ctx context.Context, in *MeetingPath) (*listingAnswer, error) {
			m, err := s.meeting(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			v, err := s.pipe.TranscriptVersion(ctx, in.ID, 0)
			if err != nil {
				return nil, err
			}
			l, err := s.listing(ctx, m, v)
			return &listingAnswer{l}, err
		})
	register(s, operation{method: http.MethodGet, path: at + "/suggestions", id: "suggest-speakers", tag: "speakers", needs: access.ReadContent, summary: "Suggest names",
		text: "From what was said: introductions, and how the others speak to somebody. Nothing is named until a person does."},
		func(ctx context.Context, in *MeetingPath) (*struct{ Body speakers.Suggested }, error) {
			m, err := s.meeting(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			v, err := s.pipe.TranscriptVersion(ctx, in.ID, 0)
			if err != nil {
				return nil, err
			}
			return &struct{ Body speakers.Suggested }{speakers.Suggested{
				Version: v.Version, Suggestions: speakers.Suggest(v.Transcript, m.Participants)}}, nil
		})
	register(s, operation{method: http.MethodPatch, path: at + "/{speaker}", id: "rename-speaker", tag: "speakers", needs: access.CorrectContent, summary: "Name a speaker",
		text: versionText + conflictText},
		func(ctx context.Context, in *struct {
			SpeakerPath
			Body struct {
				BaseVersion
				Name string `json:"name" maxLength:"200" doc:"Empty takes the name back."`
			}
		}) (*changeAnswer, error) {
			return s.change(ctx, in.ID, in.Body.Version, func(t *referent.Transcript, _ voicesOf, c *speakers.Change) (*referent.Transcript, error) {
				c.Speaker = in.Speaker
				return speakers.Rename(t, in.Speaker, in.Body.Name)
			})
		})
	register(s, operation{method: http.MethodPost, path: at + "/{speaker}/merge", id: "merge-speaker", tag: "speakers", needs: access.CorrectContent, summary: "Make two speakers one",
		text: "All that the speaker said becomes the other's. " + versionText + conflictText},
		func(ctx context.Context, in *struct {
			SpeakerPath
			Body struct {
				BaseVersion
				Into string `json:"into" minLength:"1" maxLength:"64" doc:"The speaker that stays."`
			}
		}) (*changeAnswer, error) {
			return s.change(ctx, in.ID, in.Body.Version, func(t *referent.Transcript, _ voicesOf, c *speakers.Change) (*referent.Transcript, error) {
				c.Speaker, c.Moved = in.Body.Into, speakers.Segments(t, in.Speaker)
				return speakers.Merge(t, in.Speaker, in.Body.Into)
			})
		})
	register(s, operation{method: http.MethodPost, path: at + "/{speaker}/split", id: "split-speaker", tag: "speakers", needs: access.CorrectContent, summary: "Part a speaker who is two people",
		text: "The segments are divided by how they sound; the part with less speech becomes a new speaker. 422 with code one_voice: they sound like one person; " +
			"with code voices_gone: how they sound is not known any more. " + versionText + conflictText},
		func(ctx context.Context, in *struct {
			SpeakerPath
			Body *BaseVersion
		}) (*changeAnswer, error) {
			version := 0
			if in.Body != nil {
				version = in.Body.Version
			}
			return s.change(ctx, in.ID, version, func(t *referent.Transcript, voices voicesOf, c *speakers.Change) (*referent.Transcript, error) {
				v, err := voices()
				if err != nil {
					return nil, err
				}
				t, c.Speaker, err = speakers.Split(t, v, in.Speaker)
				if err == nil {
					c.Moved = speakers.Segments(t, c.Speaker)
				}
				return t, err
			})
		})
	register(s, operation{method: http.MethodPost, path: "/meetings/{id}/segments/{segment}/speaker", id: "move-segment", tag: "speakers", needs: access.CorrectContent, summary: "Give a segment to another speaker",
		text: "With alike, also every segment of its present speaker that sounds more like it than like the rest; with dry_run they are told and nothing is changed. " + versionText + conflictText},
		func(ctx context.Context, in *segmentMove) (*changeAnswer, error) { return s.moveSegment(ctx, in) })
	s.registerCorrections()

	register(s, operation{method: http.MethodDelete, path: "/meetings/{id}/audio", id: "delete-audio", tag: "meetings", needs: access.Erase, summary: "Delete a meeting's audio alone",
		text: "The recording, the sound as it was heard and how the voices sound are deleted for good. Transcript and minutes stay. The receipt proves it."},
		func(ctx context.Context, in *MeetingPath) (*struct{ Body store.Receipt }, error) {
			if _, err := s.meeting(ctx, in.ID); err != nil {
				return nil, err
			}
			r, err := s.pipe.DeleteAudio(ctx, in.ID, whoAsks(ctx).user.ID)
			return &struct{ Body store.Receipt }{r}, err
		})
}

type segmentMove struct {
	MeetingPath
	Segment string `path:"segment" maxLength:"64" doc:"The segment's id in the transcript, e.g. s12."`
	Body    struct {
		BaseVersion
		To     string `json:"to" minLength:"1" maxLength:"64" doc:"A speaker's id, or new for one that is not there yet." example:"S2"`
		Alike  bool   `json:"alike,omitempty" doc:"Also all that sound like it."`
		DryRun bool   `json:"dry_run,omitempty" doc:"Tell what would move and change nothing."`
	}
}

func (s *Server) moveSegment(ctx context.Context, in *segmentMove) (*changeAnswer, error) {
	move := func(t *referent.Transcript, voices voicesOf, c *speakers.Change) (out *referent.Transcript, err error) {
		if !in.Body.Alike {
			c.Moved = []string{in.Segment}
			out, c.Speaker, err = speakers.Reassign(t, in.Segment, in.Body.To)
			return out, err
		}
		v, err := voices()
		if err != nil {
			return nil, err
		}
		out, c.Speaker, c.Moved, err = speakers.ReassignAlike(t, v, in.Segment, in.Body.To)
		return out, err
	}
	if !in.Body.DryRun {
		return s.change(ctx, in.ID, in.Body.Version, move)
	}
	m, err := s.meeting(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	v, err := s.pipe.TranscriptVersion(ctx, in.ID, in.Body.Version)
	if err != nil {
		return nil, err
	}
	var c speakers.Change
	if _, err = move(v.Transcript, func() (*referent.Voices, error) { return s.pipe.Voices(ctx, in.ID) }, &c); err != nil {
		return nil, err
	}
	c.Listing, err = s.listing(ctx, m, v)
	return &changeAnswer{c}, err
}

func (s *Server) registerCorrections() {
	const at = "/meetings/{id}/corrections"
	register(s, operation{method: http.MethodGet, path: at, id: "list-corrections", tag: "speakers", needs: access.ReadContent, summary: "List corrected names",
		text: "The names that were put in the place of what was heard, and why. Each can be taken back by its place in the list."},
		func(ctx context.Context, in *MeetingPath) (*struct{ Body speakers.Corrected }, error) {
			if _, err := s.meeting(ctx, in.ID); err != nil {
				return nil, err
			}
			v, err := s.pipe.TranscriptVersion(ctx, in.ID, 0)
			if err != nil {
				return nil, err
			}
			return &struct{ Body speakers.Corrected }{corrected(v)}, nil
		})
	register(s, operation{method: http.MethodPost, path: at + "/{index}/revert", id: "revert-correction", tag: "speakers", needs: access.CorrectContent, summary: "Take a corrected name back",
		text: "What was heard stands in the text again. " + versionText + conflictText},
		func(ctx context.Context, in *struct {
			MeetingPath
			Index int `path:"index" minimum:"0" doc:"The correction's place in the list, from 0."`
			Body  struct {
				Version int `json:"version" minimum:"1" doc:"The version of the transcript that the list is of."`
			}
		}) (*struct{ Body speakers.Corrected }, error) {
			if _, err := s.meeting(ctx, in.ID); err != nil {
				return nil, err
			}
			v, err := s.pipe.EditTranscript(ctx, in.ID, whoAsks(ctx).user.ID, in.Body.Version, func(t *referent.Transcript, _ func() (*referent.Voices, error)) (*referent.Transcript, error) {
				return speakers.Revert(t, in.Index)
			})
			if err != nil {
				return nil, err
			}
			return &struct{ Body speakers.Corrected }{corrected(v)}, nil
		})
}

func corrected(v *pipeline.TranscriptVersion) speakers.Corrected {
	list := v.Transcript.Corrections
	if list == nil {
		list = []referent.Correction{}
	}
	return speakers.Corrected{Version: v.Version, Corrections: list}
}

type voicesOf = func() (*referent.Voices, error)

// change makes a person's edit a version of the transcript and tells what came of it. edit fills in what
// only it knows; it may be called again when somebody else was faster.
func (s *Server) change(ctx context.Context, id string, version int, edit func(*referent.Transcript, voicesOf, *speakers.Change) (*referent.Transcript, error)) (*changeAnswer, error) {
	m, err := s.meeting(ctx, id)
	if err != nil {
		return nil, err
	}
	var c speakers.Change
	v, err := s.pipe.EditTranscript(ctx, id, whoAsks(ctx).user.ID, version, func(t *referent.Transcript, voices func() (*referent.Voices, error)) (*referent.Transcript, error) {
		c = speakers.Change{}
		return edit(t, voices, &c)
	})
	if err != nil {
		return nil, err
	}
	c.Listing, err = s.listing(ctx, m, v)
	return &changeAnswer{c}, err
}

// listing tells of the speakers of a version.
func (s *Server) listing(ctx context.Context, m *referent.Meeting, v *pipeline.TranscriptVersion) (speakers.Listing, error) {
	voices, err := s.pipe.HasVoices(ctx, m.ID)
	return speakers.Listing{Version: v.Version, Edited: v.By != "", Method: v.Transcript.SpeakersBy, Comparable: voices,
		Expected: speakers.Expected(m.Participants), Speakers: speakers.List(v.Transcript)}, err
}
