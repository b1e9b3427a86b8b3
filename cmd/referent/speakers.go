package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/referent/referent"
	"github.com/referent/referent/client"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/speakers"
)

// speakersCommand shows who speaks in a meeting; its subcommands put it right.
func (a *app) speakersCommand() *cobra.Command {
	c := a.remoteCommand("speakers MEETING", "speakers.short", cobra.ExactArgs(1), func(c *cobra.Command, api *client.Client, args []string) error {
		l, err := api.Speakers(c.Context(), args[0])
		if err != nil {
			return err
		}
		return a.tellSpeakers(l, l)
	})
	c.Long = a.t("speakers.long")
	c.AddCommand(
		a.speakersEdit("rename MEETING SPEAKER NAME", "speakers.rename.short", 3, func(c *cobra.Command, api *client.Client, args []string, version int) (*speakers.Change, error) {
			return api.RenameSpeaker(c.Context(), args[0], args[1], args[2], version)
		}),
		a.speakersEdit("merge MEETING FROM INTO", "speakers.merge.short", 3, func(c *cobra.Command, api *client.Client, args []string, version int) (*speakers.Change, error) {
			return api.MergeSpeakers(c.Context(), args[0], args[1], args[2], version)
		}),
		a.speakersEdit("split MEETING SPEAKER", "speakers.split.short", 2, func(c *cobra.Command, api *client.Client, args []string, version int) (*speakers.Change, error) {
			return api.SplitSpeaker(c.Context(), args[0], args[1], version)
		}),
		a.speakersMove(), a.speakersSuggest(),
	)
	return c
}

// speakersEdit makes a command that changes the speakers and shows them as they are then.
func (a *app) speakersEdit(use, short string, args int, edit func(*cobra.Command, *client.Client, []string, int) (*speakers.Change, error)) *cobra.Command {
	var version int
	c := a.remoteCommand(use, short, cobra.ExactArgs(args), func(c *cobra.Command, api *client.Client, args []string) error {
		change, err := edit(c, api, args, version)
		if err != nil {
			return err
		}
		return a.tellChange(change)
	})
	c.Flags().IntVar(&version, "version", 0, a.t("speakers.flag.version"))
	return c
}

func (a *app) speakersMove() *cobra.Command {
	var move client.Move
	c := a.remoteCommand("move MEETING SEGMENT SPEAKER", "speakers.move.short", cobra.ExactArgs(3), func(c *cobra.Command, api *client.Client, args []string) error {
		move.To = args[2]
		change, err := api.MoveSegment(c.Context(), args[0], args[1], move)
		if err != nil {
			return err
		}
		if move.DryRun && !a.json {
			a.printf("%s", a.t("speakers.move.would", "segments", strings.Join(change.Moved, " ")))
			return nil
		}
		return a.tellChange(change)
	})
	c.Flags().BoolVar(&move.Alike, "alike", false, a.t("speakers.move.flag.alike"))
	c.Flags().BoolVar(&move.DryRun, "dry-run", false, a.t("speakers.move.flag.dry_run"))
	c.Flags().IntVar(&move.Version, "version", 0, a.t("speakers.flag.version"))
	return c
}

func (a *app) tellChange(change *speakers.Change) error {
	if len(change.Moved) > 0 && !a.json {
		a.printf("%s", a.t("speakers.moved", "segments", strings.Join(change.Moved, " ")))
	}
	return a.tellSpeakers(&change.Listing, change)
}

// tellSpeakers prints the speakers for a person, or whole as JSON.
func (a *app) tellSpeakers(l *speakers.Listing, whole any) error {
	if a.json {
		return json.NewEncoder(a.out).Encode(whole)
	}
	method := ""
	if l.Method != "" {
		method = locale.T(a.lang, "speakers.method."+string(l.Method))
	}
	a.printf("%s", strings.TrimSpace(a.t("speakers.head", "version", l.Version, "method", method)))
	if len(l.Speakers) == 0 {
		a.printf("%s", a.t("speakers.none"))
	}
	for _, s := range l.Speakers {
		name := s.Name
		if name == "" {
			name = a.t("speakers.unnamed")
		}
		a.printf("%s", a.t("speakers.line", "id", fmt.Sprintf("%-4s", s.ID), "time", clock(s.Seconds), "segments", fmt.Sprintf("%4d", s.Segments),
			"name", name, "samples", strings.Join(s.Samples, " ")))
	}
	return nil
}

// clock writes seconds as h:mm:ss.
func clock(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second)).Truncate(time.Second)
	return fmt.Sprintf("%d:%02d:%02d", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60)
}

func (a *app) speakersSuggest() *cobra.Command {
	return a.remoteCommand("suggest MEETING", "speakers.suggest.short", cobra.ExactArgs(1), func(c *cobra.Command, api *client.Client, args []string) error {
		found, err := api.SuggestSpeakers(c.Context(), args[0])
		if err != nil {
			return err
		}
		if a.json {
			return json.NewEncoder(a.out).Encode(found)
		}
		if len(found.Suggestions) == 0 {
			a.printf("%s", a.t("speakers.suggest.none"))
		}
		for _, s := range found.Suggestions {
			unlisted := ""
			if !s.Expected {
				unlisted = ", " + locale.T(a.lang, "speakers.unlisted")
			}
			a.printf("%s", a.t("speakers.suggest.line", "id", s.Speaker, "name", s.Name, "percent", fmt.Sprintf("%.0f", 100*s.Confidence), "unlisted", unlisted))
			for _, e := range s.Evidence {
				reason := locale.T(a.lang, "speakers.reason."+string(e.Reason), "words", e.Quote, "time", e.Segment+" "+clock(e.Start))
				a.printf("    %s", reason)
			}
		}
		return nil
	})
}

// correctionsCommand lists the names that recognition put in the place of others, numbered from 1, and
// takes one back.
func (a *app) correctionsCommand() *cobra.Command {
	var revert int
	c := a.remoteCommand("corrections MEETING", "corrections.short", cobra.ExactArgs(1), func(c *cobra.Command, api *client.Client, args []string) error {
		list, err := api.Corrections(c.Context(), args[0])
		if err == nil && c.Flags().Changed("revert") {
			if revert < 1 || revert > len(list.Corrections) {
				return referent.E(referent.CodeNotFound, "referent: find correction", nil)
			}
			list, err = api.RevertCorrection(c.Context(), args[0], revert-1, list.Version)
		}
		if err != nil {
			return err
		}
		if a.json {
			return json.NewEncoder(a.out).Encode(list)
		}
		if len(list.Corrections) == 0 {
			a.printf("%s", a.t("corrections.none"))
		}
		for i, x := range list.Corrections {
			a.printf("%s", a.t("corrections.line", "number", i+1, "segment", x.Segment, "from", x.From, "to", x.To))
		}
		return nil
	})
	c.Flags().IntVar(&revert, "revert", 0, a.t("corrections.flag.revert"))
	return c
}
