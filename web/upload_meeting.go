package web

import (
	"context"
	"path"
	"strings"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/roster"
)

// uploadMeeting finds the meeting that the metadata names, or makes one of what they say. made tells which.
func (s *Server) uploadMeeting(ctx context.Context, meta map[string]string) (id string, made bool, err error) {
	if id := meta["meeting"]; id != "" {
		_, err := s.meeting(ctx, id)
		return id, false, err
	}
	in, err := meetingOf(meta)
	if err != nil {
		return "", false, err
	}
	if err := s.mayMakeIn(ctx, in.Department); err != nil {
		return "", false, err
	}
	m := in.meeting(whoAsks(ctx).user.ID)
	if err := s.pipe.Create(ctx, m); err != nil {
		return "", false, err
	}
	return m.ID, true, nil
}

// meetingOf reads a meeting from metadata. Whether its choices exist is for the pipeline to say.
func meetingOf(meta map[string]string) (*MeetingInput, error) {
	const op = "web: read upload metadata"
	in := &MeetingInput{
		Department: meta["department"], Title: meta["title"], Place: meta["place"], Body: meta["body"],
		Purpose: meta["purpose"], LegalBasis: meta["legal_basis"], Told: meta["told"] == "yes",
		Kind: referent.Kind(meta["kind"]), Language: referent.Language(meta["language"]),
		Options: OptionsInput{Mode: referent.Mode(meta["mode"]), Spoken: meta["spoken"], Speakers: meta["speakers"], Writer: meta["writer"]},
	}
	if in.Title == "" {
		in.Title = titleOf(meta["filename"])
	}
	if d := meta["date"]; d != "" {
		t, err := parseDate(d)
		if err != nil {
			return nil, referent.E(referent.CodeInvalid, op, nil).WithHint("date must be like 2026-11-22, 2026-11-22T10:30 or RFC 3339")
		}
		in.Start = t
	}
	var err error
	if in.Participants, err = roster.Participants(strings.NewReader(meta["participants"])); err != nil {
		return nil, err
	}
	if in.Agenda, err = roster.Agenda(strings.NewReader(meta["agenda"])); err != nil {
		return nil, err
	}
	return in, nil
}

// parseDate reads a day, or a day and time, on this machine's clock unless it names a zone.
func parseDate(d string) (time.Time, error) {
	for _, layout := range []string{time.DateOnly, "2006-01-02T15:04"} {
		if t, err := time.ParseInLocation(layout, d, time.Local); err == nil {
			return t, nil
		}
	}
	return time.Parse(time.RFC3339, d)
}

// titleOf makes a title of a file's name: without folders and extension.
func titleOf(filename string) string {
	name := filename[strings.LastIndexAny(filename, `/\`)+1:]
	name = strings.TrimSpace(strings.TrimSuffix(name, path.Ext(name)))
	if r := []rune(name); len(r) > 300 {
		name = string(r[:300])
	}
	return name
}
