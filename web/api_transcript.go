package web

import (
	"context"
	"net/http"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/correct"
	"github.com/referent/referent/pipeline"
)

// maxEdits bounds the body of a batch of edits: find and replace over a long meeting is one.
const maxEdits = 16 << 20

// TranscriptVersion is one version of a meeting's transcript.
type TranscriptVersion struct {
	Version    int                  `json:"version"`
	By         string               `json:"by,omitempty" doc:"The user who made it; absent for a machine's."`
	Created    time.Time            `json:"created"`
	State      referent.State       `json:"state" doc:"Of the meeting: while the minutes are approved the transcript is locked."`
	Transcript *referent.Transcript `json:"transcript"`
}

// TranscriptInfo tells of a version without what stands in it.
type TranscriptInfo struct {
	Version int       `json:"version"`
	By      string    `json:"by,omitempty" doc:"The user who made it; absent for a machine's."`
	Created time.Time `json:"created"`
	Shown   bool      `json:"shown" doc:"It is the one that is shown."`
	From    int       `json:"from,omitempty" doc:"The version before it."`
	Changed int       `json:"changed" doc:"How many segments a person reads otherwise than in that."`
}

// TranscriptChanges is what is other in a version than in an earlier one.
type TranscriptChanges struct {
	Since   int `json:"since" doc:"The earlier version."`
	Version int `json:"version" doc:"The version that is shown."`
	correct.Changes
}

// TranscriptEdited is what came of edits.
type TranscriptEdited struct {
	From    int               `json:"from" doc:"The version that the edits were made on. Restoring the edited segments from it undoes them."`
	Version int               `json:"version" doc:"The version that came of them; from when everything stood so already."`
	Edited  []string          `json:"edited" nullable:"false" doc:"Ids of the segments that the edits changed, also of those that are gone."`
	Changes TranscriptChanges `json:"changes" doc:"All that is other since the version that was asked about."`
}

type (
	editedAnswer  struct{ Body TranscriptEdited }
	changesAnswer struct{ Body TranscriptChanges }
)

func (s *Server) registerTranscript() {
	const at = "/meetings/{id}/transcript"
	const text = "What comes of it is a new version; those before it stay. 409 without `changed` and `version`: the minutes are approved, and the transcript is locked. "
	register(s, operation{method: http.MethodGet, path: at, id: "get-transcript", tag: "transcript", needs: access.ReadContent, summary: "Read a version of the transcript"},
		func(ctx context.Context, in *struct {
			MeetingPath
			Version int `query:"version" minimum:"0" doc:"0 or absent: the one that is shown, a person's newest, else the machine's."`
		}) (*struct{ Body TranscriptVersion }, error) {
			m, err := s.meeting(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			v, err := s.pipe.TranscriptVersion(ctx, in.ID, in.Version)
			if err != nil {
				return nil, err
			}
			by, err := s.names(ctx).of(v.By)
			return &struct{ Body TranscriptVersion }{TranscriptVersion{v.Version, by, v.Created, m.State, v.Transcript}}, err
		})
	register(s, operation{method: http.MethodPost, path: at + "/edits", id: "edit-transcript", tag: "transcript", needs: access.CorrectContent, maxBody: maxEdits, summary: "Correct the transcript",
		text: "All the edits, in order, or none. Each names a segment and what was seen in it, so that people who work in different segments do not disturb each other. " +
			"409 with `changed`: that segment is not as it was seen. A batch whose answer was lost is sent again with the same `batch`: it is not done twice, and the answer tells what came of it. " + text},
		func(ctx context.Context, in *struct {
			MeetingPath
			Body struct {
				Since int                 `json:"since,omitempty" minimum:"0" doc:"The version that changes are told since; 0 or absent: the one that the edits were made on."`
				Batch string              `json:"batch,omitempty" maxLength:"64" doc:"A name for these edits that the sender makes, and uses for no others: the same ones sent again with it are not done again."`
				Edits []correct.Amendment `json:"edits" minItems:"1" maxItems:"5000" nullable:"false"`
			}
		}) (*editedAnswer, error) {
			return s.edited(ctx, in.ID, in.Body.Since, func(by string) (pipeline.Corrected, error) {
				return s.pipe.CorrectTranscript(ctx, in.ID, by, in.Body.Batch, in.Body.Edits)
			})
		})
	register(s, operation{method: http.MethodPost, path: at + "/restore", id: "restore-transcript", tag: "transcript", needs: access.CorrectContent, summary: "Go back to an earlier version",
		text: "409 with the newest version in `version`: somebody else changed it meanwhile. " + text},
		func(ctx context.Context, in *struct {
			MeetingPath
			Body struct {
				Version int `json:"version" minimum:"1" doc:"The newest version, as it was read."`
				To      int `json:"to" minimum:"1" doc:"The version to go back to."`
			}
		}) (*editedAnswer, error) {
			return s.edited(ctx, in.ID, in.Body.Version, func(by string) (pipeline.Corrected, error) {
				return s.pipe.RestoreTranscript(ctx, in.ID, by, in.Body.Version, in.Body.To)
			})
		})
	register(s, operation{method: http.MethodGet, path: at + "/changes", id: "get-transcript-changes", tag: "transcript", needs: access.ReadContent, summary: "What is other than in an earlier version",
		text: "So that an open page follows the work of others."},
		func(ctx context.Context, in *struct {
			MeetingPath
			Since int `query:"since" required:"true" minimum:"1" doc:"A version."`
		}) (*changesAnswer, error) {
			if _, err := s.meeting(ctx, in.ID); err != nil {
				return nil, err
			}
			now, err := s.pipe.TranscriptVersion(ctx, in.ID, 0)
			if err != nil {
				return nil, err
			}
			c, err := s.changesSince(ctx, in.ID, in.Since, now)
			return &changesAnswer{c}, err
		})
	register(s, operation{method: http.MethodGet, path: at + "/versions", id: "list-transcript-versions", tag: "transcript", needs: access.ReadContent, summary: "List the versions of the transcript", text: "The newest first."},
		func(ctx context.Context, in *struct {
			MeetingPath
			Before int `query:"before" minimum:"0" doc:"Only those before this one; 0 or absent: all."`
			Limit  int `query:"limit" minimum:"1" maximum:"50" default:"20"`
		}) (*struct{ Body []TranscriptInfo }, error) {
			if _, err := s.meeting(ctx, in.ID); err != nil {
				return nil, err
			}
			return list(s.transcriptVersions(ctx, in.ID, in.Before, in.Limit))
		})
	register(s, operation{method: http.MethodGet, path: at + "/comparison", id: "compare-transcripts", tag: "transcript", needs: access.ReadContent, summary: "Compare two versions of the transcript",
		text: "The segments that a person reads otherwise, in the order of the recording."},
		func(ctx context.Context, in *struct {
			MeetingPath
			From int `query:"from" minimum:"1" default:"1" doc:"A version."`
			To   int `query:"to" minimum:"0" doc:"Another; 0 or absent: the one that is shown."`
		}) (*struct{ Body []correct.Difference }, error) {
			if _, err := s.meeting(ctx, in.ID); err != nil {
				return nil, err
			}
			from, err := s.pipe.TranscriptVersion(ctx, in.ID, in.From)
			if err != nil {
				return nil, err
			}
			to, err := s.pipe.TranscriptVersion(ctx, in.ID, in.To)
			if err != nil {
				return nil, err
			}
			return list(correct.Compare(from.Transcript, to.Transcript), nil)
		})
	register(s, operation{method: http.MethodGet, path: "/meetings/{id}/audio/peaks", id: "get-audio-peaks", tag: "results", needs: access.ReadContent, summary: "How loud the sound is, to draw it",
		text: "At most 8,000 points over the whole recording. The first look at a recording takes as long as reading all of it; what was found is kept with the sound, and deleted with it."},
		func(ctx context.Context, in *MeetingPath) (*struct{ Body pipeline.Peaks }, error) {
			if _, err := s.meeting(ctx, in.ID); err != nil {
				return nil, err
			}
			p, err := s.pipe.Peaks(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return &struct{ Body pipeline.Peaks }{*p}, nil
		})
}

// edited does edits of a transcript and tells what came of them.
func (s *Server) edited(ctx context.Context, id string, since int, do func(by string) (pipeline.Corrected, error)) (*editedAnswer, error) {
	if _, err := s.meeting(ctx, id); err != nil {
		return nil, err
	}
	c, err := do(whoAsks(ctx).user.ID)
	if err != nil {
		return nil, err
	}
	own := correct.Between(c.Before.Transcript, c.After.Transcript)
	answer := TranscriptEdited{From: c.Before.Version, Version: c.After.Version, Edited: own.Edited(),
		Changes: TranscriptChanges{c.Before.Version, c.After.Version, own}}
	if since != 0 && since != c.Before.Version {
		if answer.Changes, err = s.changesSince(ctx, id, since, c.After); err != nil {
			return nil, err
		}
	}
	return &editedAnswer{answer}, nil
}

func (s *Server) changesSince(ctx context.Context, id string, since int, now *pipeline.TranscriptVersion) (TranscriptChanges, error) {
	from := now
	if since != now.Version {
		var err error
		if from, err = s.pipe.TranscriptVersion(ctx, id, since); err != nil {
			return TranscriptChanges{}, err
		}
	}
	return TranscriptChanges{from.Version, now.Version, correct.Between(from.Transcript, now.Transcript)}, nil
}

// transcriptVersions lists versions with the names of those who made them.
func (s *Server) transcriptVersions(ctx context.Context, id string, before, limit int) ([]TranscriptInfo, error) {
	versions, err := s.pipe.TranscriptVersions(ctx, id, before, limit)
	if err != nil {
		return nil, err
	}
	names, out := s.names(ctx), make([]TranscriptInfo, len(versions))
	for i, v := range versions {
		out[i] = TranscriptInfo(v)
		if out[i].By, err = names.of(v.By); err != nil {
			return nil, err
		}
	}
	return out, nil
}
