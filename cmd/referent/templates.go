package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/referent/referent"
	"github.com/referent/referent/templates"
)

func (a *app) templatesCommand() *cobra.Command {
	c := &cobra.Command{Use: "templates", Short: a.t("templates.short"), Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	c.AddCommand(
		&cobra.Command{Use: "list", Short: a.t("templates.list.short"), Args: cobra.NoArgs,
			RunE: func(c *cobra.Command, _ []string) error {
				cfg, err := a.loadConfig(c.Flags())
				if err != nil {
					return err
				}
				all, err := templates.Load(cfg.TemplatesDir)
				if err != nil {
					return err
				}
				return a.listTemplates(all.All())
			}},
		&cobra.Command{Use: "check FILE...", Short: a.t("templates.check.short"), Args: cobra.MinimumNArgs(1),
			RunE: func(_ *cobra.Command, files []string) error {
				var read []*referent.Template
				for _, file := range files {
					t, err := templates.ReadFile(file)
					if err != nil {
						return err
					}
					read = append(read, t)
				}
				return a.listTemplates(read)
			}},
		&cobra.Command{Use: "example", Short: a.t("templates.example.short"), Args: cobra.NoArgs,
			RunE: func(*cobra.Command, []string) error {
				_, err := a.out.Write(templates.Example)
				return err
			}},
	)
	return c
}

// listTemplates shows templates, a line each.
func (a *app) listTemplates(list []*referent.Template) error {
	if a.json {
		return json.NewEncoder(a.out).Encode(list)
	}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, a.t("templates.col"))
	for _, t := range list {
		var forms, name []string
		for _, l := range []referent.Language{referent.Bokmal, referent.Nynorsk} {
			if t.Has(l) {
				forms, name = append(forms, string(l)), append(name, t.Name.In(l))
			}
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", t.ID, t.Base, strings.Join(forms, ", "), name[0])
	}
	return w.Flush()
}
