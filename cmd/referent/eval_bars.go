package main

import (
	"github.com/referent/referent"
	"github.com/referent/referent/eval/corpus"
	"github.com/referent/referent/eval/report"
)

// What must be reached. Those on words hold for Whisper base, whose peers' figures are known: the limit for
// Norwegian is what faster-whisper with beam 5 gives on the same kind of clips; `referent bench` holds
// the two against each other in one run.
const (
	limitNorwegian = 0.288 // WER, thorough mode
	limitFormats   = 0.03  // WER of a format against the first
	limitSpeakers  = 0.23  // DER, no collar, overlap counted
	limitWho       = 0.12  // cpWER less WER
	limitMeeting   = 0.10  // DER of the made meeting
	limitTimes     = 0.95  // share of the starts and ends of words that are within 200 ms of the reference
)

// bars holds a set's figures against what must be reached.
func bars(set *report.Set, settings report.Settings) (all []report.Bar) {
	hold := func(bar report.Bar) {
		if m, ok := set.Total(bar.Measure); ok {
			bar.Set, bar.Value = set.Name, m.Value
			all = append(all, bar.Check())
		}
	}
	// What was not heard has no invented words and no wrong times: it must not pass for good.
	hold(report.Bar{Measure: report.Failures})
	switch set.Name {
	case corpus.SpeechNB:
		if settings.Model == "base" && settings.Mode == referent.ModeThorough {
			hold(report.Bar{Measure: report.WER, Limit: limitNorwegian})
		}
	case corpus.SpeechEN:
		hold(report.Bar{Measure: report.TimeNear, Limit: limitTimes, Floor: true})
	case corpus.Formats:
		for _, f := range set.Files {
			if m, ok := f.Measure(report.WER); ok {
				all = append(all, report.Bar{Set: set.Name, File: f.Name, Measure: report.WER, Limit: limitFormats, Value: m.Value}.Check())
			}
		}
	case corpus.Speakers:
		hold(report.Bar{Measure: report.DER, Limit: limitSpeakers, Below: true})
		hold(report.Bar{Measure: report.Attribution, Limit: limitWho, Below: true})
	case meetingSet:
		hold(report.Bar{Measure: report.DER, Limit: limitMeeting, Below: true})
		hold(report.Bar{Measure: report.FoundExact, Limit: 1, Floor: true})
	case corpus.Noise:
		hold(report.Bar{Measure: report.Invented})
	}
	return all
}
