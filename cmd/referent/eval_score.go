package main

import (
	"cmp"
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/eval"
	"github.com/referent/referent/eval/corpus"
	"github.com/referent/referent/eval/report"
)

const (
	// stretchWords is how many words of a reference are taken for one utterance when there are too few
	// recordings to draw an interval from.
	stretchWords = 20
	// stretchSeconds is the same for speakers.
	stretchSeconds = 10.0
	// fewest is the number of recordings from which on they are what is drawn.
	fewest = 5
)

// scored is one recording, its reference and what was heard.
type scored struct {
	corpus.Recording
	heard
	file report.File

	words      eval.Errors
	characters eval.Errors
	who        eval.Errors // wrong words when the speaker matters
	turns      eval.SpeakerErrors
	collared   eval.SpeakerErrors
	times      eval.TimeErrors
	invented   eval.Invented
	speech     float64 // seconds of speech in the reference
	covered    float64 // of them, have text
	detected   referent.QualitySummary

	said, written []string // normalised words, and how they are aligned
	edits         []eval.Edit

	pieces []eval.Errors        // words, stretch by stretch
	parts  []eval.SpeakerErrors // turns, stretch by stretch
}

func (s *scored) add(measure string, value float64) {
	s.file.Measures = append(s.file.Measures, report.Measure{Name: measure, Value: value})
}

// within adds a measure with an interval drawn over the recording's own stretches.
func within[T any](s *scored, measure string, value float64, units []T, rate func([]T) float64) {
	m := report.Measure{Name: measure, Value: value}
	if interval, ok := eval.Bootstrap(units, rate); ok {
		m.Interval = &interval
	}
	s.file.Measures = append(s.file.Measures, m)
}

func wordRate(all []eval.Errors) float64           { return eval.Sum(all).Rate() }
func speakerRate(all []eval.SpeakerErrors) float64 { return eval.Sum(all).Rate() }

// score measures one recording against all that is known of it. A recording that gave no transcript is
// measured as one in which nothing was heard.
func score(rec corpus.Recording, h heard) *scored {
	s := &scored{Recording: rec, heard: h}
	s.file = report.File{Name: rec.Name, Spoken: rec.Spoken, Seconds: h.seconds, Beside: rec.Beside, Failed: string(h.code), Measures: []report.Measure{}}
	t := h.transcript
	if t == nil {
		t = &referent.Transcript{}
	}
	text := rec.Text
	if text == "" {
		text = joined(rec.Utterances)
	}
	if text != "" {
		s.said, s.written = eval.Words(text), eval.Words(transcriptText(t))
		s.edits = eval.Align(s.said, s.written)
		s.words, s.pieces = eval.Count(s.edits), eval.Pieces(s.edits, stretchWords)
		s.characters = eval.CER(text, transcriptText(t))
		s.file.Words = &s.words
		within(s, report.WER, s.words.Rate(), s.pieces, wordRate)
		s.add(report.CER, s.characters.Rate())
	}
	if rec.Utterances != nil {
		s.who, _ = eval.CPWER(rec.Utterances, transcriptUtterances(t), eval.Words)
		s.add(report.CPWER, s.who.Rate())
		s.add(report.Attribution, s.who.Rate()-s.words.Rate())
	}
	if rec.Turns != nil {
		s.scoreTurns(t)
	}
	if rec.Speakers > 0 {
		s.add(report.Found, float64(len(eval.Speakers(transcriptTurns(t)))))
	}
	if rec.Words != nil {
		s.times = eval.WordTimes(rec.Words, transcriptWords(t), eval.Words)
		stats := eval.TimeStatsOf(s.times.All())
		s.add(report.TimeNear, stats.Near)
		s.add(report.TimeMean, stats.Mean)
		s.add(report.TimeP95, stats.P95)
		s.add(report.TimeBias, stats.Bias)
	}
	if rec.Known {
		s.invented = eval.Hallucination(transcriptWords(t), rec.Speech, h.seconds, eval.Words)
		s.add(report.Invented, float64(s.invented.Words))
		if s.speech = eval.Seconds(rec.Speech); s.speech > 0 {
			s.covered = eval.Coverage(rec.Speech, transcriptRegions(t)) * s.speech
			s.add(report.Coverage, s.covered/s.speech)
		}
	}
	s.detected = t.Quality
	if s.detected.Speech > 0 {
		s.add(report.SelfCovered, s.detected.Covered/s.detected.Speech)
		s.add(report.Doubtful, s.detected.Doubtful/s.detected.Speech)
	}
	return s
}

// scoreTurns measures who speaks when over the whole recording.
func (s *scored) scoreTurns(t *referent.Transcript) {
	found := transcriptTurns(t)
	whole := []eval.Region{{Start: 0, End: s.seconds}}
	s.turns = eval.DER(s.Turns, found, eval.Scoring{Regions: whole})
	s.collared = eval.DER(s.Turns, found, eval.Scoring{Regions: whole, Collar: eval.Collar})
	mapping := eval.MapSpeakers(s.Turns, found, whole)
	for start := 0.0; start < s.seconds; start += stretchSeconds {
		s.parts = append(s.parts, eval.CompareTurns(s.Turns, found, mapping, []eval.Region{{Start: start, End: min(start+stretchSeconds, s.seconds)}}))
	}
	s.file.Speakers = &s.turns
	within(s, report.DER, s.turns.Rate(), s.parts, speakerRate)
	s.add(report.DERCollar, s.collared.Rate())
}

// joined is all that is said, in order of time.
func joined(said []eval.Utterance) string {
	sorted := slices.SortedStableFunc(slices.Values(said), func(a, b eval.Utterance) int { return cmp.Compare(a.Start, b.Start) })
	var b strings.Builder
	for _, u := range sorted {
		b.WriteString(u.Text)
		b.WriteByte('\n')
	}
	return b.String()
}

// total sums up a set. An interval is drawn over the recordings, or over their stretches where there are
// fewer than five.
func total(name, note string, all []*scored) report.Set {
	set := report.Set{Name: name, Note: note, Recordings: len(all), Measures: []report.Measure{}, Files: []report.File{}}
	var counted []*scored
	for _, s := range all {
		set.Seconds += s.seconds
		set.Files = append(set.Files, s.file)
		if !s.Beside {
			counted = append(counted, s)
		}
	}
	sum := summing{set: &set}
	sum.words(counted)
	sum.speakers(counted)
	sum.times(counted)
	sum.silence(counted)
	sum.plain(report.Failures, float64(len(chosen(all, func(s *scored) bool { return s.transcript == nil }))))
	set.Confusions = confusions(all)
	return set
}

// summing adds up the totals of a set.
type summing struct{ set *report.Set }

// figure adds a total whose interval is drawn over units, if there are any.
func figure[T any](s summing, measure string, units []T, statistic func([]T) float64) {
	if len(units) == 0 {
		return
	}
	m := report.Measure{Name: measure, Value: statistic(units)}
	if interval, ok := eval.Bootstrap(units, statistic); ok {
		m.Interval = &interval
	}
	s.set.Measures = append(s.set.Measures, m)
}

// plain adds a total without an interval.
func (s summing) plain(measure string, value float64) {
	s.set.Measures = append(s.set.Measures, report.Measure{Name: measure, Value: value})
}

// chosen keeps the recordings that have something.
func chosen(all []*scored, has func(*scored) bool) []*scored {
	return slices.DeleteFunc(slices.Clone(all), func(s *scored) bool { return !has(s) })
}

// rateOf is the rate over several recordings, each weighed by its length, of the errors that pick takes of one.
func rateOf[E interface {
	eval.Adder[E]
	Rate() float64
}](pick func(*scored) E) func([]*scored) float64 {
	return func(all []*scored) float64 {
		errors := make([]E, len(all))
		for i, s := range all {
			errors[i] = pick(s)
		}
		return eval.Sum(errors).Rate()
	}
}

func (s summing) words(all []*scored) {
	texts := chosen(all, func(s *scored) bool { return s.file.Words != nil })
	rate := rateOf(func(s *scored) eval.Errors { return s.words })
	if len(texts) >= fewest {
		figure(s, report.WER, texts, rate)
	} else {
		var pieces []eval.Errors
		for _, t := range texts {
			pieces = append(pieces, t.pieces...)
		}
		figure(s, report.WER, pieces, wordRate)
	}
	figure(s, report.CER, texts, rateOf(func(s *scored) eval.Errors { return s.characters }))
	people := chosen(all, func(s *scored) bool { return s.Utterances != nil })
	whoRate := rateOf(func(s *scored) eval.Errors { return s.who })
	figure(s, report.CPWER, people, whoRate)
	figure(s, report.Attribution, people, func(all []*scored) float64 { return whoRate(all) - rate(all) })
}

func (s summing) speakers(all []*scored) {
	turned := chosen(all, func(s *scored) bool { return s.Turns != nil })
	if len(turned) >= fewest {
		figure(s, report.DER, turned, rateOf(func(s *scored) eval.SpeakerErrors { return s.turns }))
	} else {
		var parts []eval.SpeakerErrors
		for _, t := range turned {
			parts = append(parts, t.parts...)
		}
		figure(s, report.DER, parts, speakerRate)
	}
	figure(s, report.DERCollar, turned, rateOf(func(s *scored) eval.SpeakerErrors { return s.collared }))
	known := chosen(all, func(s *scored) bool { return s.Speakers > 0 })
	off := func(s *scored) float64 {
		found, _ := s.file.Measure(report.Found)
		return max(found.Value-float64(s.Speakers), float64(s.Speakers)-found.Value)
	}
	figure(s, report.FoundExact, known, func(all []*scored) float64 {
		return float64(len(chosen(all, func(s *scored) bool { return off(s) == 0 }))) / float64(len(all))
	})
	figure(s, report.FoundOff, known, func(all []*scored) (mean float64) {
		for _, s := range all {
			mean += off(s) / float64(len(all))
		}
		return mean
	})
}

func (s summing) times(all []*scored) {
	timed := chosen(all, func(s *scored) bool { return s.Recording.Words != nil })
	stats := func(all []*scored) eval.TimeStats {
		var e eval.TimeErrors
		for _, s := range all {
			e = e.Add(s.times)
		}
		return eval.TimeStatsOf(e.All())
	}
	figure(s, report.TimeNear, timed, func(all []*scored) float64 { return stats(all).Near })
	figure(s, report.TimeMean, timed, func(all []*scored) float64 { return stats(all).Mean })
	figure(s, report.TimeMedian, timed, func(all []*scored) float64 { return stats(all).Median })
	figure(s, report.TimeP95, timed, func(all []*scored) float64 { return stats(all).P95 })
	figure(s, report.TimeBias, timed, func(all []*scored) float64 { return stats(all).Bias })
}

func (s summing) silence(all []*scored) {
	known := chosen(all, func(s *scored) bool { return s.Known })
	figure(s, report.Coverage, chosen(known, func(s *scored) bool { return s.speech > 0 }), func(all []*scored) float64 {
		var speech, covered float64
		for _, s := range all {
			speech, covered = speech+s.speech, covered+s.covered
		}
		return covered / speech
	})
	detected := chosen(all, func(s *scored) bool { return s.detected.Speech > 0 })
	share := func(part func(referent.QualitySummary) float64) func([]*scored) float64 {
		return func(all []*scored) float64 {
			var speech, sum float64
			for _, s := range all {
				speech, sum = speech+s.detected.Speech, sum+part(s.detected)
			}
			return sum / speech
		}
	}
	figure(s, report.SelfCovered, detected, share(func(q referent.QualitySummary) float64 { return q.Covered }))
	figure(s, report.Doubtful, detected, share(func(q referent.QualitySummary) float64 { return q.Doubtful }))
	if len(known) == 0 {
		return
	}
	var invented eval.Invented
	for _, k := range known {
		invented = invented.Add(k.invented)
	}
	s.plain(report.Invented, float64(invented.Words))
	figure(s, report.PerMinute, known, func(all []*scored) float64 {
		var sum eval.Invented
		for _, s := range all {
			sum = sum.Add(s.invented)
		}
		return sum.PerMinute()
	})
}
