package configs

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/retention"
)

// Retention is how many days what a meeting holds is kept; -1: until somebody erases it.
type Retention struct {
	AudioDays      int             `koanf:"audio_days"`      // after the approval of the minutes
	TranscriptDays int             `koanf:"transcript_days"` // after the approval of the minutes
	MinutesDays    int             `koanf:"minutes_days"`    // all of the meeting, after the approval of the minutes
	UnapprovedDays int             `koanf:"unapproved_days"` // all of a meeting without approved minutes, after its last change
	Kinds          []RetentionKind `koanf:"kinds"`           // where kinds of documents differ
	AccessLogDays  int             `koanf:"access_log_days"` // the log of who read what, after the reading
}

// RetentionKind is what differs for a kind of document; what is left out is as for the others.
type RetentionKind struct {
	Kind           string `koanf:"kind"`
	AudioDays      *int   `koanf:"audio_days"`
	TranscriptDays *int   `koanf:"transcript_days"`
	MinutesDays    *int   `koanf:"minutes_days"`
	UnapprovedDays *int   `koanf:"unapproved_days"`
}

// accessLogDays is two years: as long as a breach of confidentiality can be prosecuted (straffeloven §§ 209 and 86).
const accessLogDays = 730

// maxDays bounds a clock: a hundred years.
const maxDays = 36525

func defaultRetention() Retention {
	soon := 1
	return Retention{AudioDays: 30, TranscriptDays: -1, MinutesDays: -1, UnapprovedDays: -1, AccessLogDays: accessLogDays,
		Kinds: []RetentionKind{{Kind: string(referent.KindCareNote), AudioDays: &soon}}}
}

// given is what Kinds say, without what they leave out: to be printed.
func (r Retention) given() []map[string]any {
	out := []map[string]any{}
	for _, k := range r.Kinds {
		said := map[string]any{"kind": k.Kind}
		for name, v := range map[string]*int{"audio_days": k.AudioDays, "transcript_days": k.TranscriptDays, "minutes_days": k.MinutesDays, "unapproved_days": k.UnapprovedDays} {
			if v != nil {
				said[name] = *v
			}
		}
		out = append(out, said)
	}
	return out
}

// AccessLog is how long the log of who read what is kept; negative: for ever.
func (r Retention) AccessLog() time.Duration { return time.Duration(r.AccessLogDays) * 24 * time.Hour }

// Rules are the settings as the calendar reads them. A kind that has a rule from the start keeps it until it is named.
func (r Retention) Rules() retention.Rules {
	out := retention.Rules{Kinds: map[referent.Kind]retention.Rule{}, Default: retention.Rule{Audio: retention.Days(r.AudioDays),
		Transcript: retention.Days(r.TranscriptDays), Minutes: retention.Days(r.MinutesDays), Unapproved: retention.Days(r.UnapprovedDays)}}
	for _, k := range slices.Concat(defaultRetention().Kinds, r.Kinds) {
		rule := out.Default
		for days, v := range map[*retention.Days]*int{&rule.Audio: k.AudioDays, &rule.Transcript: k.TranscriptDays, &rule.Minutes: k.MinutesDays, &rule.Unapproved: k.UnapprovedDays} {
			if v != nil {
				*days = retention.Days(*v)
			}
		}
		out.Kinds[referent.Kind(k.Kind)] = rule
	}
	return out
}

func (r Retention) validate() (wrong []error) {
	check := func(where string, days int) {
		if days < -1 || days > maxDays {
			wrong = append(wrong, fmt.Errorf("retention: %s must be -1 (never) or 0 to %d days, not %d", where, maxDays, days))
		}
	}
	check("audio_days", r.AudioDays)
	check("transcript_days", r.TranscriptDays)
	check("minutes_days", r.MinutesDays)
	check("unapproved_days", r.UnapprovedDays)
	if check("access_log_days", r.AccessLogDays); r.AccessLogDays == 0 {
		wrong = append(wrong, errors.New("retention: access_log_days must be -1 (never) or at least one day: what is read is always logged"))
	}
	seen := map[string]bool{}
	for _, k := range r.Kinds {
		if k.Kind == "" || seen[k.Kind] {
			wrong = append(wrong, errors.New("retention.kinds must name each kind once"))
		}
		seen[k.Kind] = true
		for _, days := range []*int{k.AudioDays, k.TranscriptDays, k.MinutesDays, k.UnapprovedDays} {
			if days != nil {
				check("the days of kind "+k.Kind, *days)
			}
		}
	}
	return wrong
}
