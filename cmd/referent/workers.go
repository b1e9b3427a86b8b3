package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/referent/referent"
	"github.com/referent/referent/client"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/pipeline"
)

// workersCommand shows who does what, and says who may.
func (a *app) workersCommand() *cobra.Command {
	c := a.remoteCommand("workers", "workers.short", cobra.NoArgs, a.listWorkers)
	var label string
	var stages []string
	token := a.remoteCommand("enrol-token --label TEXT", "workers.token.short", cobra.NoArgs, func(c *cobra.Command, api *client.Client, _ []string) error {
		if label == "" {
			return &usageError{errors.New("--label must be given")}
		}
		take, err := parseStages(stages)
		if err != nil {
			return &usageError{err}
		}
		e, err := api.MakeEnrolment(c.Context(), label, take)
		if err != nil {
			return err
		}
		return a.say(e, "workers.token.done", "token", e.Token, "time", e.Expires.Local().Format("15.04"))
	})
	token.Flags().StringVar(&label, "label", "", a.t("workers.token.flag.label"))
	token.Flags().StringSliceVar(&stages, "stages", nil, a.t("workers.token.flag.stages"))
	c.AddCommand(
		a.remoteCommand("list", "workers.list.short", cobra.NoArgs, a.listWorkers),
		token,
		a.remoteCommand("revoke ID …", "workers.revoke.short", cobra.MinimumNArgs(1), func(c *cobra.Command, api *client.Client, ids []string) error {
			for _, id := range ids {
				w, err := api.RevokeWorker(c.Context(), id)
				if err != nil {
					return err
				}
				if err := a.say(w, "workers.revoke.done", "label", w.Label, "id", w.ID); err != nil {
					return err
				}
			}
			return nil
		}),
	)
	return c
}

func (a *app) listWorkers(c *cobra.Command, api *client.Client, _ []string) error {
	all, err := api.EnrolledWorkers(c.Context())
	if err != nil {
		return err
	}
	if a.json {
		return json.NewEncoder(a.out).Encode(all)
	}
	idle, err := api.Idle(c.Context())
	if err != nil {
		return err
	}
	for _, w := range all {
		label := w.Label
		if w.Own {
			label = a.t("workers.own")
		}
		state := "workers.silent"
		switch {
		case !w.Revoked.IsZero():
			state = "workers.revoked"
		case len(w.Now) > 0:
			state = "workers.connected"
		}
		a.printf("%s", a.t("workers.row", "id", w.ID, "label", label, "state", a.t(state), "seen", stamp(w.Seen), "stages", stageNames(w.Stages, "*")))
		for _, p := range w.Now {
			a.printWorker(p)
		}
	}
	if len(idle) > 0 {
		a.printf("%s", a.t("workers.idle", "stages", stageNames(idle, "-")))
	}
	return nil
}

// printWorker tells of one process: which machine, what it does, and what its machine lacks.
func (a *app) printWorker(p pipeline.WorkerInfo) {
	a.printf("  %s", a.t("workers.process", "name", p.Worker, "version", p.Version, "device", p.Device, "threads", p.Threads,
		"stages", stageNames(p.Stages, "-"), "jobs", len(p.Jobs)))
	if p.Class != "" { // of this release
		a.printf("    %s", a.t("workers.able", "class", locale.T(a.lang, "operations.class."+string(p.Class)), "model", cmp.Or(p.Model, "-"),
			"models", cmp.Or(strings.Join(p.Models, ","), "-")))
	}
	if p.LLM != "" {
		a.printf("    %s", locale.T(a.lang, "operations.llm."+string(p.LLM)))
	}
	for _, f := range p.Faults {
		a.printf("    %s: %s", f.Stage, locale.ErrorCode(a.lang, f.Code))
	}
}

func stageNames(stages []referent.Stage, none string) string {
	if len(stages) == 0 {
		return none
	}
	names := make([]string, len(stages))
	for i, s := range stages {
		names[i] = string(s)
	}
	return strings.Join(names, ",")
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format(time.DateTime)
}
