package main

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/referent/referent/client"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/store"
)

// choiceFlags add what chooses the meetings that are looked through.
func (a *app) choiceFlags(f *pflag.FlagSet, c *client.Choice) {
	f.StringVar(&c.Body, "body", "", a.t("search.flag.body"))
	f.StringVar((*string)(&c.Kind), "kind", "", a.t("search.flag.kind"))
	f.StringVar(&c.Department, "department", "", a.t("search.flag.department"))
	f.StringVar(&c.From, "from", "", a.t("search.flag.from"))
	f.StringVar(&c.To, "to", "", a.t("search.flag.to"))
}

// searchCommand finds what was said and decided, in all meetings that one may read.
func (a *app) searchCommand() *cobra.Command {
	var search client.Search
	var what []string
	c := a.remoteCommand("search [WORD …]", "search.short", cobra.ArbitraryArgs, func(c *cobra.Command, api *client.Client, words []string) error {
		search.Text, search.What = strings.Join(words, " "), nil
		for _, w := range what {
			search.What = append(search.What, store.Found(w))
		}
		hits, more, err := api.Search(c.Context(), search)
		if err != nil {
			return err
		}
		if a.json {
			return json.NewEncoder(a.out).Encode(hits)
		}
		if len(hits) == 0 {
			a.printf("%s", a.t("search.none"))
		}
		for i, h := range hits {
			if i == 0 || h.Meeting != hits[i-1].Meeting {
				a.printf("%s", a.t("search.meeting", "id", h.Meeting, "date", h.Date, "title", h.Title, "state", string(h.State)))
			}
			a.printf("    %s", a.t("search.hit."+string(h.What), "time", clock(h.Start), "speaker", cmp.Or(h.Speaker, a.t("search.unknown")), "text", h.Text))
		}
		if slices.ContainsFunc(hits, func(h client.Hit) bool { return !h.State.Approved() }) {
			a.printf("%s", locale.T(a.lang, "search.draft"))
		}
		if more {
			a.printf("%s", a.t("search.more"))
		}
		return nil
	})
	a.choiceFlags(c.Flags(), &search.Choice)
	c.Flags().StringVar(&search.Speaker, "speaker", "", a.t("search.flag.speaker"))
	c.Flags().StringSliceVar(&what, "what", nil, a.t("search.flag.what"))
	c.Flags().IntVar(&search.Limit, "limit", 50, a.t("search.flag.limit"))
	return c
}

// tasksCommand lists action items of all minutes that one may read; its subcommands say what was done.
func (a *app) tasksCommand() *cobra.Command {
	var filter client.TaskFilter
	c := a.remoteCommand("tasks", "tasks.short", cobra.NoArgs, func(c *cobra.Command, api *client.Client, _ []string) error {
		tasks, next, err := api.Tasks(c.Context(), filter)
		if err != nil {
			return err
		}
		if a.json {
			return json.NewEncoder(a.out).Encode(tasks)
		}
		if len(tasks) == 0 {
			a.printf("%s", a.t("tasks.none"))
		}
		for i := range tasks {
			a.printTask(&tasks[i])
		}
		if slices.ContainsFunc(tasks, func(t client.Task) bool { return !t.State.Approved() }) {
			a.printf("%s", locale.T(a.lang, "search.draft"))
		}
		if next != "" {
			a.printf("%s", a.t("search.more"))
		}
		return nil
	})
	a.choiceFlags(c.Flags(), &filter.Choice)
	c.Flags().StringVar(&filter.Owner, "owner", "", a.t("tasks.flag.owner"))
	c.Flags().BoolVar(&filter.Overdue, "overdue", false, a.t("tasks.flag.overdue"))
	c.Flags().BoolVar(&filter.Done, "done", false, a.t("tasks.flag.done"))
	c.Flags().IntVar(&filter.Limit, "limit", 50, a.t("search.flag.limit"))
	c.AddCommand(a.settleCommand("done MEETING TASK", "tasks.settle.short", true), a.settleCommand("reopen MEETING TASK", "tasks.reopen.short", false))
	return c
}

// settleCommand makes a command that says whether a task is done.
func (a *app) settleCommand(use, short string, done bool) *cobra.Command {
	return a.remoteCommand(use, short, cobra.ExactArgs(2), func(c *cobra.Command, api *client.Client, args []string) error {
		t, err := api.SettleTask(c.Context(), args[0], args[1], done)
		if err != nil {
			return err
		}
		if a.json {
			return json.NewEncoder(a.out).Encode(t)
		}
		a.printTask(t)
		return nil
	})
}

func (a *app) printTask(t *client.Task) {
	mark := " "
	if t.Done {
		mark = "x"
	}
	a.printf("%s", a.t("tasks.line", "mark", mark, "due", cmp.Or(t.Due, a.t("tasks.without")), "owner", cmp.Or(t.Owner, a.t("tasks.unowned")), "text", t.Text, "meeting", t.Meeting, "task", t.ID, "title", t.Title))
}
