package report

import (
	"strconv"

	"github.com/referent/referent/locale"
)

// The measures of a report.
const (
	WER         = "wer"           // wrong words over words
	CER         = "cer"           // wrong characters over characters
	CPWER       = "cpwer"         // wrong words over words when it matters who said them
	Attribution = "cpwer_wer"     // cpWER less WER: words that the wrong speaker has
	DER         = "der"           // no collar, overlap counted
	DERCollar   = "der_collar"    // 0.25 s around each boundary left out, overlap counted
	Found       = "speakers"      // number of speakers found
	FoundOff    = "speakers_off"  // how far that is from the truth, mean over recordings
	FoundExact  = "speakers_hit"  // share of recordings with exactly the right number
	TimeMean    = "time_mean"     // mean absolute error of the words' starts and ends
	TimeMedian  = "time_median"   // median of it
	TimeP95     = "time_p95"      // 95th percentile of it
	TimeNear    = "time_near"     // share within 200 ms
	TimeBias    = "time_bias"     // mean signed error: above zero is late
	Coverage    = "coverage"      // share of the reference's speech that has text
	SelfCovered = "self_coverage" // share of the detected speech that has text, as the transcript says
	Doubtful    = "doubtful"      // share of the detected speech whose text the transcript marks
	Invented    = "invented"      // words where nobody speaks
	Failures    = "failures"      // recordings that gave no transcript
	PerMinute   = "invented_rate" // the same for a minute in which nobody speaks
)

// The measures of minutes.
const (
	DecisionRecall    = "decision_recall"    // decisions of the gold that were written as fact
	DecisionPrecision = "decision_precision" // decisions written that the gold holds
	ActionRecall      = "action_recall"      // the same for tasks
	ActionPrecision   = "action_precision"
	Owners            = "owner_right" // tasks found, with the right person
	Dues              = "due_right"   // tasks found, with the right deadline
	VotesExact        = "votes_exact" // numbers, outcome and members
	VotesFlagged      = "votes_flagged"
	VotesWrong        = "votes_wrong"      // not exact, and nobody is told
	Attendance        = "attendance_exact" // meetings whose present and absent are exact
	NextMeeting       = "next_right"
	Cited             = "cited"       // statements with valid citations
	Unsupported       = "unsupported" // names, numbers and dates that the cited words do not hold
	NeverWords        = "never_words" // words that a trap offers
	MixedForms        = "mixed_forms" // words of the other form of Norwegian
	Tokens            = "tokens"
	WriteTime         = "write_time"
	Trials            = "trials"         // instructions that a speaker dictated
	TrialsChanged     = "trials_changed" // of them, changed the minutes
	Incomplete        = "incomplete"     // sittings without minutes, or of which something was not read
)

// MinutesMeasures are the measures of minutes that every set of meetings has, in the order in which they
// are told of.
var MinutesMeasures = []string{DecisionRecall, DecisionPrecision, ActionRecall, ActionPrecision, Owners, Dues, VotesExact, VotesFlagged,
	VotesWrong, Attendance, NextMeeting, Cited, Unsupported, NeverWords, MixedForms, Tokens, WriteTime}

// Unit is how a figure is read.
type Unit int

const (
	Percent Unit = iota // a share, shown times 100
	Points              // a difference of shares, shown times 100
	Millis              // seconds, shown times 1000
	Count
	Rate    // a plain number with decimals
	Seconds // with one decimal
)

var units = map[string]Unit{
	WER: Percent, CER: Percent, CPWER: Percent, Attribution: Points, DER: Percent, DERCollar: Percent,
	Found: Count, FoundOff: Rate, FoundExact: Percent,
	TimeMean: Millis, TimeMedian: Millis, TimeP95: Millis, TimeNear: Percent, TimeBias: Millis,
	Coverage: Percent, SelfCovered: Percent, Doubtful: Percent, Invented: Count, PerMinute: Rate, Failures: Count,
	DecisionRecall: Percent, DecisionPrecision: Percent, ActionRecall: Percent, ActionPrecision: Percent, Owners: Percent, Dues: Percent,
	VotesExact: Percent, Attendance: Percent, NextMeeting: Percent, Cited: Percent, WriteTime: Seconds,
}

// UnitOf is the unit of a measure; names it does not know are counts.
func UnitOf(measure string) Unit {
	u, ok := units[measure]
	if !ok {
		return Count
	}
	return u
}

// Format writes a figure with its unit, in a person's language.
func Format(lang, measure string, value float64) string {
	decimals, unit := 1, ""
	switch UnitOf(measure) {
	case Percent:
		value, unit = 100*value, "percent"
	case Points:
		value, unit = 100*value, "points"
	case Millis:
		value, decimals, unit = 1000*value, 0, "ms"
	case Count:
		decimals = 0
	case Rate:
		decimals = 2
	case Seconds:
		unit = "s"
	}
	s := number(lang, value, decimals)
	if unit == "" {
		return s
	}
	return locale.T(lang, "eval.unit."+unit, "n", s)
}

// number writes a figure with the decimal sign of the language.
func number(lang string, value float64, decimals int) string {
	s := []byte(strconv.FormatFloat(value, 'f', decimals, 64))
	for i, c := range s {
		if c == '.' && lang != locale.English {
			s[i] = ','
		}
	}
	return string(s)
}
