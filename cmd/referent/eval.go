package main

import (
	"encoding/json"
	"strings"

	"github.com/spf13/cobra"

	"github.com/referent/referent"
	"github.com/referent/referent/eval"
	"github.com/referent/referent/eval/report"
)

func (a *app) evalCommand() *cobra.Command {
	c := &cobra.Command{Use: "eval", Short: a.t("eval.short"), Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	c.AddCommand(a.evalAllCommand(), a.evalMinutesCommand(), a.evalWERCommand(), a.evalDERCommand(), a.evalCPWERCommand(),
		a.evalWordsCommand(), a.evalNoiseCommand(), a.evalSchemaCommand())
	return c
}

// pairCommand makes a command that compares files two by two. compare returns the total to hold against
// --limit after it has printed what it found.
func (a *app) pairCommand(use, text string, compare func(pairs [][2]string) (total float64, err error)) *cobra.Command {
	var limit float64
	c := &cobra.Command{
		Use:   use,
		Short: a.t("eval." + text + ".short"),
		Long:  a.t("eval." + text + ".long"),
		Args:  cobra.MinimumNArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args)%2 != 0 {
				return &usageError{referent.E(referent.CodeInvalid, c.CommandPath()+": files come in pairs", nil)}
			}
			var pairs [][2]string
			for i := 0; i < len(args); i += 2 {
				pairs = append(pairs, [2]string{args[i], args[i+1]})
			}
			total, err := compare(pairs)
			if err == nil && limit > 0 && total > limit {
				return &reported{errFailedCheck}
			}
			return err
		},
	}
	c.Flags().Float64Var(&limit, "limit", 0, a.t("eval.wer.flag.limit"))
	return c
}

const pairsUse = " REFERENCE HYPOTHESIS [REFERENCE HYPOTHESIS …]"

func (a *app) evalWERCommand() *cobra.Command {
	return a.pairCommand("wer"+pairsUse, "wer", func(pairs [][2]string) (float64, error) {
		var words, characters eval.Errors
		var units []eval.Errors
		for _, pair := range pairs {
			reference, err := a.plainText(pair[0])
			if err != nil {
				return 0, err
			}
			hypothesis, err := a.plainText(pair[1])
			if err != nil {
				return 0, err
			}
			edits := eval.Align(eval.Words(reference), eval.Words(hypothesis))
			w, c := eval.Count(edits), eval.CER(reference, hypothesis)
			words, characters = words.Add(w), characters.Add(c)
			pieces := eval.Pieces(edits, stretchWords)
			units = append(units, pieces...)
			if err := a.printErrors(pair[1], w, c, pieces); err != nil {
				return 0, err
			}
		}
		if len(pairs) > 1 {
			if err := a.printErrors(a.t("eval.total"), words, characters, units); err != nil {
				return 0, err
			}
		}
		return words.Rate(), nil
	})
}

// printErrors tells of one file, or of all. The interval is drawn over stretches of the files.
func (a *app) printErrors(name string, words, characters eval.Errors, pieces []eval.Errors) error {
	interval, known := eval.Bootstrap(pieces, func(s []eval.Errors) float64 { return eval.Sum(s).Rate() })
	if a.json {
		line := map[string]any{"file": name, "wer": words.Rate(), "cer": characters.Rate(), "errors": words}
		if known {
			line["interval"] = interval
		}
		return json.NewEncoder(a.out).Encode(line)
	}
	detail := []string{a.t("eval.cer", "rate", a.figure(report.CER, characters.Rate()))}
	if known {
		detail = append(detail, a.t("eval.interval", "low", a.figure(report.WER, interval.Low), "high", a.figure(report.WER, interval.High)))
	}
	a.printf("%9s  %s  (%s)", a.figure(report.WER, words.Rate()),
		a.t("eval.wer.counts", "s", words.Substitutions, "d", words.Deletions, "i", words.Insertions, "n", words.Reference, "file", name),
		strings.Join(detail, ", "))
	return nil
}

// figure writes a measure's value for a person.
func (a *app) figure(measure string, value float64) string {
	return report.Format(a.lang, measure, value)
}
