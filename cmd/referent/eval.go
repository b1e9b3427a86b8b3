package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/referent/referent"
	"github.com/referent/referent/eval"
)

func (a *app) evalCommand() *cobra.Command {
	c := &cobra.Command{Use: "eval", Short: a.t("eval.short"), Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	c.AddCommand(a.evalWERCommand(), a.evalSchemaCommand())
	return c
}

func (a *app) evalWERCommand() *cobra.Command {
	var limit float64
	c := &cobra.Command{
		Use:   "wer REFERENCE HYPOTHESIS [REFERENCE HYPOTHESIS …]",
		Short: a.t("eval.wer.short"),
		Long:  a.t("eval.wer.long"),
		Args:  cobra.MinimumNArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args)%2 != 0 {
				return &usageError{referent.E(referent.CodeInvalid, "eval wer: files come in pairs", nil)}
			}
			var total eval.Errors
			for i := 0; i < len(args); i += 2 {
				reference, err := plainText(args[i])
				if err != nil {
					return err
				}
				hypothesis, err := plainText(args[i+1])
				if err != nil {
					return err
				}
				e := eval.WER(reference, hypothesis)
				total = total.Add(e)
				if err := a.printErrors(args[i+1], e); err != nil {
					return err
				}
			}
			if len(args) > 2 {
				if err := a.printErrors(a.t("eval.total"), total); err != nil {
					return err
				}
			}
			if limit > 0 && total.Rate() > limit {
				return &reported{errFailedCheck}
			}
			return nil
		},
	}
	c.Flags().Float64Var(&limit, "limit", 0, a.t("eval.wer.flag.limit"))
	return c
}

func (a *app) printErrors(name string, e eval.Errors) error {
	if a.json {
		return json.NewEncoder(a.out).Encode(map[string]any{"file": name, "wer": e.Rate(), "errors": e})
	}
	a.printf("%6.2f %%  %s", 100*e.Rate(), a.t("eval.wer.counts", "s", e.Substitutions, "d", e.Deletions, "i", e.Insertions, "n", e.Reference, "file", name))
	return nil
}

// plainText returns the words of a file: of a transcript.json its segments' texts, of anything else its
// bytes. "-" is standard input.
func plainText(path string) (string, error) {
	const op = "eval: read text"
	var data []byte
	var err error
	if path == "-" {
		data, err = io.ReadAll(os.Stdin)
	} else {
		data, err = os.ReadFile(path)
	}
	if err != nil {
		return "", referent.E(referent.CodeNotFound, op, err)
	}
	if filepath.Ext(path) != ".json" {
		return string(data), nil
	}
	var t referent.Transcript
	if err := json.Unmarshal(data, &t); err != nil {
		return "", referent.E(referent.CodeInvalid, op, err).WithHint("a .json file must be a transcript.json")
	}
	var b strings.Builder
	for _, s := range t.Segments {
		b.WriteString(s.Text)
		b.WriteByte('\n')
	}
	return b.String(), nil
}
