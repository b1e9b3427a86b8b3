package main

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/referent/referent"
	"github.com/referent/referent/roster"
	"github.com/referent/referent/templates"
)

// meetingFlags are what a person says of a meeting on the command line, for process and submit alike.
type meetingFlags struct {
	title, kind, language, date, place, body string
	participants, agenda                     string // files
	mode, spoken, speakers                   string
}

func (a *app) meetingFlags(flags *pflag.FlagSet) *meetingFlags {
	m := &meetingFlags{}
	flags.StringVar(&m.title, "title", "", a.t("meeting.flag.title"))
	flags.StringVar(&m.kind, "kind", string(referent.KindReferat), a.t("meeting.flag.kind"))
	flags.StringVar(&m.language, "language", "", a.t("setting.language"))
	flags.StringVar(&m.date, "date", "", a.t("meeting.flag.date"))
	flags.StringVar(&m.place, "place", "", a.t("meeting.flag.place"))
	flags.StringVar(&m.body, "body", "", a.t("meeting.flag.body"))
	flags.StringVar(&m.participants, "participants", "", a.t("meeting.flag.participants"))
	flags.StringVar(&m.agenda, "agenda", "", a.t("meeting.flag.agenda"))
	flags.StringVar(&m.mode, "mode", string(referent.ModeFast), a.t("meeting.flag.mode"))
	flags.StringVar(&m.spoken, "spoken", "", a.t("setting.spoken"))
	flags.StringVar(&m.speakers, "speakers", "auto", a.t("meeting.flag.speakers"))
	return m
}

// meeting makes the meeting for one file. Without a title the file's name, less its extension, is it.
func (f *meetingFlags) meeting(file string) (*referent.Meeting, error) {
	const op = "referent: read meeting options"
	m := &referent.Meeting{
		Title: f.title, Place: f.place, Body: f.body,
		Kind: referent.Kind(f.kind), Language: referent.Language(f.language),
		Options: referent.Options{Mode: referent.Mode(f.mode), Spoken: f.spoken, Speakers: f.speakers},
	}
	if m.Title == "" {
		m.Title = baseName(file)
	}
	if !templates.ValidID(f.kind) { // whether there is such a template is for the server to say
		return nil, referent.E(referent.CodeInvalid, op, nil).WithHint("--kind is one of %v or the id of a template of your own", referent.Kinds)
	}
	if m.Language != "" && m.Language != referent.Bokmal && m.Language != referent.Nynorsk {
		return nil, referent.E(referent.CodeInvalid, op, nil).WithHint("--language is nb or nn")
	}
	if !slices.Contains(referent.Modes, m.Options.Mode) {
		return nil, referent.E(referent.CodeInvalid, op, nil).WithHint("--mode is one of %v", referent.Modes)
	}
	if f.date != "" {
		start, err := parseDate(f.date)
		if err != nil {
			return nil, referent.E(referent.CodeInvalid, op, err).WithHint("--date is like 2026-11-21 or 2026-11-21T10:30")
		}
		m.Start = start
	}
	var err error
	if m.Participants, err = readList(f.participants, roster.Participants); err != nil {
		return nil, err
	}
	m.Agenda, err = readList(f.agenda, roster.Agenda)
	return m, err
}

func baseName(file string) string {
	name := filepath.Base(file)
	return strings.TrimSuffix(name, filepath.Ext(name))
}

func parseDate(s string) (t time.Time, err error) {
	for _, layout := range []string{time.DateOnly, "2006-01-02T15:04", "2006-01-02 15:04", time.RFC3339} {
		if t, err = time.ParseInLocation(layout, s, time.Local); err == nil {
			return t, nil
		}
	}
	return t, err
}

func readList[T any](path string, parse func(io.Reader) ([]T, error)) ([]T, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, referent.E(referent.CodeNotFound, "referent: read list", err)
	}
	defer f.Close()
	return parse(f)
}
