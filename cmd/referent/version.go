package main

import (
	"encoding/json"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/referent/referent/models"
	"github.com/referent/referent/transcribe/whispercpp"
)

func (a *app) versionCommand() *cobra.Command {
	var licences bool
	c := &cobra.Command{Use: "version", Short: a.t("version.short"), Args: cobra.NoArgs}
	c.Flags().BoolVar(&licences, "licences", false, a.t("version.flag.licences"))
	c.RunE = func(*cobra.Command, []string) error {
		if licences {
			return a.printLicences()
		}
		if a.json {
			return json.NewEncoder(a.out).Encode(map[string]any{
				"version": version, "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH,
				"native": whispercpp.BuildStamp(), "system": whispercpp.SystemInfo(),
			})
		}
		a.printf("referent %s (%s, %s/%s)", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
		a.printf("whisper.cpp %s", whispercpp.BuildStamp())
		a.printf("%s", whispercpp.SystemInfo())
		return nil
	}
	return c
}

// printLicences lists the licence of every part and of all weights, then their texts.
func (a *app) printLicences() error {
	all := append(models.Licences(), models.GoModules()...)
	if a.json {
		return json.NewEncoder(a.out).Encode(all)
	}
	for _, l := range all {
		a.printf("%-50s %-28s %s", l.Name, l.Version, l.SPDX)
	}
	seen := map[string]bool{}
	for _, l := range all {
		if l.Text != "" && !seen[l.Text] {
			seen[l.Text] = true
			a.printf("\n== %s (%s)\n\n%s", l.Name, l.SPDX, l.Text)
		}
	}
	return nil
}
