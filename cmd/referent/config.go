package main

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/referent/referent/configs"
)

func (a *app) configCommand() *cobra.Command {
	var example bool
	c := &cobra.Command{
		Use:   "config",
		Short: a.t("config.short"),
		Long:  a.t("config.long"),
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if example {
				_, err := a.out.Write(configs.Example)
				return err
			}
			// Loading and validating are apart here: a configuration that is not valid is shown too,
			// since that is when one most needs to see it.
			eff, err := configs.Load(a.configFile, a.environ, nil)
			if err != nil {
				return err
			}
			if err := a.showConfig(eff); err != nil {
				return err
			}
			return eff.Validate()
		},
	}
	c.Flags().BoolVar(&example, "example", false, a.t("config.flag.example"))
	return c
}

func (a *app) showConfig(eff *configs.Effective) error {
	if a.json {
		return json.NewEncoder(a.out).Encode(map[string]any{"file": eff.File, "settings": eff.Values})
	}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s\t%s\t%s\n", a.t("config.col.key"), a.t("config.col.value"), a.t("config.col.source"))
	for _, v := range eff.Values {
		fmt.Fprintf(w, "%s\t%v\t%s\n", v.Key, v.Value, a.t("config.source."+v.Source))
	}
	return w.Flush()
}
