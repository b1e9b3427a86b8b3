package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/referent/referent"
	"github.com/referent/referent/eval"
	"github.com/referent/referent/eval/report"
)

// sessionsOf pairs what two files say of each session. A transcript.json, which knows of one recording
// only, names none and goes with the reference's only session.
func sessionsOf[T eval.Turn | eval.Utterance | eval.Word](reference, hypothesis []T) (names []string, theirs, ours map[string][]T) {
	theirs, ours = eval.Sessions(reference), eval.Sessions(hypothesis)
	if one, unnamed := ours[""]; unnamed && len(ours) == 1 && len(theirs) == 1 {
		for name := range theirs {
			ours = map[string][]T{name: one}
		}
	}
	all := maps.Clone(theirs)
	maps.Copy(all, ours)
	return slices.Sorted(maps.Keys(all)), theirs, ours
}

// labelOf names a file, and the session where the file has several.
func labelOf(file, session string, sessions int) string {
	if sessions > 1 {
		return file + " " + session
	}
	return file
}

func (a *app) evalDERCommand() *cobra.Command {
	var uem string
	var collar float64
	c := a.pairCommand("der"+pairsUse, "der", func(pairs [][2]string) (float64, error) {
		regions := map[string][]eval.Region{}
		if uem != "" {
			data, err := a.readInput(uem)
			if err != nil {
				return 0, err
			}
			if regions, err = eval.ReadUEM(bytes.NewReader(data)); err != nil {
				return 0, err
			}
		}
		var plain, collared eval.SpeakerErrors
		lines := 0
		for _, pair := range pairs {
			reference, err := a.readTurns(pair[0])
			if err != nil {
				return 0, err
			}
			hypothesis, err := a.readTurns(pair[1])
			if err != nil {
				return 0, err
			}
			names, theirs, ours := sessionsOf(reference, hypothesis)
			for _, name := range names {
				p := eval.DER(theirs[name], ours[name], eval.Scoring{Regions: regions[name]})
				q := eval.DER(theirs[name], ours[name], eval.Scoring{Regions: regions[name], Collar: collar})
				plain, collared = plain.Add(p), collared.Add(q)
				lines++
				if err := a.printSpeakerErrors(labelOf(pair[1], name, len(names)), p, q); err != nil {
					return 0, err
				}
			}
		}
		if lines > 1 {
			if err := a.printSpeakerErrors(a.t("eval.total"), plain, collared); err != nil {
				return 0, err
			}
		}
		return plain.Rate(), nil
	})
	c.Flags().StringVar(&uem, "uem", "", a.t("eval.der.flag.uem"))
	c.Flags().Float64Var(&collar, "collar", eval.Collar, a.t("eval.der.flag.collar"))
	return c
}

func (a *app) printSpeakerErrors(name string, plain, collared eval.SpeakerErrors) error {
	if a.json {
		return json.NewEncoder(a.out).Encode(map[string]any{"file": name, "der": plain.Rate(), "errors": plain, "der_collar": collared.Rate(), "errors_collar": collared})
	}
	seconds := func(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }
	a.printf("%9s  %s", a.figure(report.DER, plain.Rate()), a.t("eval.der.counts", "collar", a.figure(report.DERCollar, collared.Rate()),
		"confusion", seconds(plain.Confusion), "missed", seconds(plain.Missed), "false_alarm", seconds(plain.FalseAlarm), "reference", seconds(plain.Reference), "file", name))
	return nil
}

func (a *app) evalCPWERCommand() *cobra.Command {
	var raw bool
	c := a.pairCommand("cpwer"+pairsUse, "cpwer", func(pairs [][2]string) (float64, error) {
		words := eval.Words
		if raw {
			words = strings.Fields
		}
		var total eval.Errors
		lines := 0
		// Several hypotheses for one reference are its speakers, one a file: they are joined.
		var references []string
		hypotheses := map[string][]eval.Utterance{}
		for _, pair := range pairs {
			said, err := a.readUtterances(pair[1])
			if err != nil {
				return 0, err
			}
			if !slices.Contains(references, pair[0]) {
				references = append(references, pair[0])
			}
			hypotheses[pair[0]] = append(hypotheses[pair[0]], said...)
		}
		for _, file := range references {
			reference, err := a.readUtterances(file)
			if err != nil {
				return 0, err
			}
			names, theirs, ours := sessionsOf(reference, hypotheses[file])
			for _, name := range names {
				e, speakers := eval.CPWER(theirs[name], ours[name], words)
				total = total.Add(e)
				lines++
				if err := a.printCPWER(labelOf(file, name, len(names)), e, speakers); err != nil {
					return 0, err
				}
			}
		}
		if lines > 1 {
			if err := a.printCPWER(a.t("eval.total"), total, nil); err != nil {
				return 0, err
			}
		}
		return total.Rate(), nil
	})
	c.Flags().BoolVar(&raw, "raw", false, a.t("eval.cpwer.flag.raw"))
	return c
}

func (a *app) printCPWER(name string, e eval.Errors, speakers []eval.Pair) error {
	if a.json {
		return json.NewEncoder(a.out).Encode(map[string]any{"file": name, "cpwer": e.Rate(), "errors": e, "speakers": speakers})
	}
	a.printf("%9s  %s", a.figure(report.CPWER, e.Rate()),
		a.t("eval.wer.counts", "s", e.Substitutions, "d", e.Deletions, "i", e.Insertions, "n", e.Reference, "file", name))
	return nil
}

func (a *app) evalWordsCommand() *cobra.Command {
	return a.pairCommand("words"+pairsUse, "words", func(pairs [][2]string) (float64, error) {
		var total eval.TimeErrors
		for _, pair := range pairs {
			reference, _, _, err := a.readWords(pair[0])
			if err != nil {
				return 0, err
			}
			hypothesis, _, _, err := a.readWords(pair[1])
			if err != nil {
				return 0, err
			}
			names, theirs, ours := sessionsOf(reference, hypothesis)
			var all eval.TimeErrors
			for _, name := range names {
				all = all.Add(eval.WordTimes(theirs[name], ours[name], eval.Words))
			}
			total = total.Add(all)
			if err := a.printTimes(pair[1], all); err != nil {
				return 0, err
			}
		}
		if len(pairs) > 1 {
			if err := a.printTimes(a.t("eval.total"), total); err != nil {
				return 0, err
			}
		}
		return eval.TimeStatsOf(total.All()).P95, nil
	})
}

func (a *app) printTimes(name string, e eval.TimeErrors) error {
	s := eval.TimeStatsOf(e.All())
	if a.json {
		return json.NewEncoder(a.out).Encode(map[string]any{"file": name, "reference": e.Reference, "matched": len(e.Start),
			"all": s, "start": eval.TimeStatsOf(e.Start), "end": eval.TimeStatsOf(e.End)})
	}
	a.printf("%s", a.t("eval.words.result", "near", a.figure(report.TimeNear, s.Near), "mean", a.figure(report.TimeMean, s.Mean), "median", a.figure(report.TimeMedian, s.Median),
		"p95", a.figure(report.TimeP95, s.P95), "bias", a.figure(report.TimeBias, s.Bias), "matched", len(e.Start), "reference", e.Reference, "file", name))
	return nil
}

func (a *app) evalNoiseCommand() *cobra.Command {
	var speechFile string
	var length float64
	c := &cobra.Command{Use: "noise HYPOTHESIS", Short: a.t("eval.noise.short"), Long: a.t("eval.noise.long"), Args: cobra.ExactArgs(1)}
	c.Flags().StringVar(&speechFile, "speech", "", a.t("eval.noise.flag.speech"))
	c.Flags().Float64Var(&length, "length", 0, a.t("eval.noise.flag.length"))
	c.RunE = func(_ *cobra.Command, args []string) error {
		words, text, said, err := a.readWords(args[0])
		if err != nil {
			return err
		}
		if length == 0 {
			length = said
		}
		if length <= 0 {
			return &usageError{referent.E(referent.CodeInvalid, "eval noise: --length is needed", nil)}
		}
		var speech []eval.Region
		if speechFile != "" {
			turns, err := a.readTurns(speechFile)
			if err != nil {
				return err
			}
			speech = eval.Spoken(turns)
		}
		i, coverage := eval.Hallucination(words, speech, length, eval.Words), eval.Coverage(speech, text)
		if a.json {
			return json.NewEncoder(a.out).Encode(map[string]any{"file": args[0], "words": i.Words, "seconds": i.Seconds, "per_minute": i.PerMinute(), "coverage": coverage})
		}
		a.printf("%s", a.t("eval.noise.result", "n", i.Words, "rate", a.figure(report.PerMinute, i.PerMinute()),
			"seconds", strconv.FormatFloat(i.Seconds, 'f', 1, 64), "coverage", a.figure(report.Coverage, coverage), "file", args[0]))
		return nil
	}
	return c
}
