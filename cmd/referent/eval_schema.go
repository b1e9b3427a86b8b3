package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/referent/referent"
	"github.com/referent/referent/export/schema"
)

func (a *app) evalSchemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema FILE …",
		Short: a.t("eval.schema.short"),
		Args:  cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, files []string) error {
			failed := false
			for _, file := range files {
				data, err := os.ReadFile(file)
				if err != nil {
					return referent.E(referent.CodeNotFound, "eval schema: read result", err)
				}
				key, detail := "eval.schema.good", ""
				if err := schema.Validate(data); err != nil {
					failed, key, detail = true, "eval.schema.bad", err.Error()
				}
				if err := a.say(map[string]any{"file": file, "valid": detail == "", "detail": detail}, key, "file", file, "detail", detail); err != nil {
					return err
				}
			}
			if failed {
				return &reported{errFailedCheck}
			}
			return nil
		},
	}
}
