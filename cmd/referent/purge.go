package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/referent/referent"
	"github.com/referent/referent/client"
	"github.com/referent/referent/pipeline"
)

// purgeCommand has the server go through the calendar of retention now.
func (a *app) purgeCommand() *cobra.Command {
	var dryRun, yes bool
	var days int
	c := a.remoteCommand("purge", "purge.short", cobra.NoArgs, func(c *cobra.Command, api *client.Client, _ []string) error {
		if dryRun {
			p, err := api.PreviewPurge(c.Context(), days)
			if err != nil {
				return err
			}
			return a.tellPurge(p, "purge.would", nil)
		}
		if !yes && !a.agree(bufio.NewReader(a.in), "purge.ask", "") {
			fmt.Fprintln(a.err, a.t("purge.kept"))
			return nil
		}
		all := &pipeline.Purge{Meetings: []pipeline.Purged{}, Counts: map[string]int{}}
		for {
			p, err := api.Purge(c.Context())
			if err != nil { // what was erased before it is erased
				return a.tellPurge(all, "purge.did", stopped(c.Context(), err))
			}
			all.At, all.Since, all.Readings, all.More = p.At, p.Since, p.Readings, p.More
			all.Meetings, all.Failed = append(all.Meetings, p.Meetings...), failedSince(all.Failed, p)
			all.Begun += p.Begun
			for what, n := range p.Counts {
				all.Counts[what] += n
			}
			if p.More == 0 || len(p.Meetings) == 0 {
				if len(all.Failed) > 0 {
					err = referent.E(all.Failed[0].Code, "referent: purge", nil)
				}
				return a.tellPurge(all, "purge.did", err)
			}
		}
	})
	c.Long = a.t("purge.long")
	c.Flags().BoolVar(&dryRun, "dry-run", false, a.t("purge.flag.dry_run"))
	c.Flags().IntVar(&days, "days", 0, a.t("purge.flag.days"))
	c.Flags().BoolVar(&yes, "yes", false, a.t("purge.flag.yes"))
	return c
}

// failedSince is what failed so far, when p comes on top of it: what failed again is told once, what went well since not.
func failedSince(before []pipeline.PurgeFailure, p *pipeline.Purge) []pipeline.PurgeFailure {
	since := map[string]bool{"": true} // the logs are gone through each time
	for _, f := range p.Failed {
		since[f.Meeting] = true
	}
	for _, m := range p.Meetings {
		since[m.Meeting] = true
	}
	before = slices.DeleteFunc(before, func(f pipeline.PurgeFailure) bool { return since[f.Meeting] })
	return append(before, p.Failed...)
}

// tellPurge tells what was done, or would be, and returns why not all of it was. A program reads both in one value.
func (a *app) tellPurge(p *pipeline.Purge, summary string, why error) error {
	if a.json {
		told := struct {
			*pipeline.Purge
			Error *failure `json:"error,omitempty"`
		}{Purge: p}
		if why != nil {
			told.Error, why = a.failure(why), &reported{why}
		}
		return errors.Join(json.NewEncoder(a.out).Encode(told), why)
	}
	for _, x := range p.Meetings {
		key := "purge.line"
		if x.Kind == "" {
			key = "purge.line.hidden"
		}
		line := a.t(key, "due", x.Due.Local().Format(time.DateOnly), "id", x.Meeting, "what", a.t("purge.what."+string(x.What)),
			"kind", x.Kind, "rule", x.Rule, "days", int(x.Days))
		if x.Held {
			line = strings.TrimRight(line, " ") + " " + a.t("purge.held")
		}
		a.printf("%s", line)
	}
	a.printf("%s", a.t(summary, "audio", p.Counts["audio"], "transcript", p.Counts["transcript"], "meeting", p.Counts["meeting"], "held", p.Counts["held"]))
	for _, f := range p.Failed {
		key := "purge.failed"
		if f.Meeting == "" {
			key = "purge.failed_logs"
		}
		a.printf("%s", a.t(key, "id", f.Meeting, "code", string(f.Code)))
	}
	if p.Begun > 0 {
		a.printf("%s", a.t("purge.begun", "n", p.Begun))
	}
	if p.More > 0 {
		a.printf("%s", a.t("purge.more", "n", p.More))
	}
	if !p.Readings.IsZero() {
		a.printf("%s", a.t(summary+"_readings", "day", p.Readings.Local().Format(time.DateOnly)))
	}
	if week := p.Since.AddDate(0, 0, 7); p.At.Before(week) {
		a.printf("%s", a.t("purge.notice", "day", week.Local().Format(time.DateOnly)))
	}
	return why
}
