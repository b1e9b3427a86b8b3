package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/referent/referent"
	"github.com/referent/referent/client"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/store"
)

// remoteFlags say which server a command talks to.
type remoteFlags struct{ server, token string }

// remoteCommand makes a command that talks to a running server.
func (a *app) remoteCommand(use, short string, args cobra.PositionalArgs, run func(c *cobra.Command, api *client.Client, args []string) error) *cobra.Command {
	f := &remoteFlags{}
	c := &cobra.Command{Use: use, Short: a.t(short), Args: args}
	a.addRemoteFlags(c, f)
	c.RunE = func(c *cobra.Command, args []string) error {
		api, err := a.connect(c, f)
		if err != nil {
			return err
		}
		return run(c, api, args)
	}
	return c
}

func (a *app) addRemoteFlags(c *cobra.Command, f *remoteFlags) {
	c.Flags().StringVar(&f.server, "server", "", a.t("remote.flag.server"))
	c.Flags().StringVar(&f.token, "token", "", a.t("remote.flag.token"))
	a.settingFlags(c.Flags(), "data_dir")
}

// connect finds the server: from flags, REFERENT_SERVER and REFERENT_TOKEN, else the one that runs on
// this user's data folder.
func (a *app) connect(c *cobra.Command, f *remoteFlags) (*client.Client, error) {
	for _, kv := range a.environ {
		name, value, _ := strings.Cut(kv, "=")
		switch {
		case name == "REFERENT_SERVER" && f.server == "":
			f.server = value
		case name == "REFERENT_TOKEN" && f.token == "":
			f.token = value
		}
	}
	if f.server == "" {
		eff, err := a.loadConfig(c.Flags(), "data_dir")
		if err != nil {
			return nil, err
		}
		access, ok := dataDir(eff.DataDir).readLocal()
		if !ok {
			return nil, referent.E(referent.CodeUnavailable, "referent: find server", nil).
				WithHint("start one with referent serve, or name one with --server and --token")
		}
		f.server = access.URL
		if f.token == "" {
			f.token = access.Token
		}
	}
	return client.New(f.server, f.token, client.WithLanguage(a.lang)), nil
}

func (a *app) submitCommand() *cobra.Command {
	var wait bool
	var meeting *meetingFlags
	c := a.remoteCommand("submit FILE …", "submit.short", cobra.MinimumNArgs(1), func(c *cobra.Command, api *client.Client, files []string) error {
		for _, file := range files {
			m, err := meeting.meeting(file)
			if err != nil {
				return err
			}
			if m, err = api.Create(c.Context(), m); err != nil {
				return err
			}
			bar := a.newProgress(a.t("progress.upload"))
			err = api.UploadFile(c.Context(), m.ID, file, func(sent, total int64) {
				if total > 0 {
					bar.set(float64(sent)/float64(total), "upload")
				}
			})
			bar.done(err == nil)
			if err != nil {
				return err
			}
			if err := a.say(map[string]any{"event": "received", "meeting": m.ID}, "submit.done", "id", m.ID); err != nil {
				return err
			}
			if wait {
				if err := a.watch(c.Context(), api, m.ID); err != nil {
					return err
				}
			}
		}
		return nil
	})
	meeting = a.meetingFlags(c.Flags())
	c.Flags().BoolVar(&wait, "wait", false, a.t("submit.flag.wait"))
	return c
}

func (a *app) listCommand() *cobra.Command {
	var state string
	var limit int
	c := a.remoteCommand("list", "list.short", cobra.NoArgs, func(c *cobra.Command, api *client.Client, _ []string) error {
		filter := client.Filter{Limit: limit}
		if state != "" {
			filter.States = []referent.State{referent.State(state)}
		}
		meetings, _, err := api.List(c.Context(), filter)
		if err != nil {
			return err
		}
		if a.json {
			return json.NewEncoder(a.out).Encode(meetings)
		}
		if len(meetings) == 0 {
			a.printf("%s", a.t("list.none"))
		}
		for i := range meetings {
			a.printMeeting(&meetings[i])
		}
		return nil
	})
	c.Flags().StringVar(&state, "state", "", a.t("list.flag.state"))
	c.Flags().IntVar(&limit, "limit", 50, a.t("list.flag.limit"))
	return c
}

func (a *app) printMeeting(m *referent.Meeting) {
	a.printf("%s", a.t("meeting.state", "id", m.ID, "state", fmt.Sprintf("%-11s", m.State),
		"percent", fmt.Sprintf("%3.0f", 100*m.Progress), "title", m.Title))
	if m.Failure != nil {
		a.printf("%s", a.t("meeting.cause", "message", locale.ErrorCode(a.lang, m.Failure.Code)))
	}
}

func (a *app) showCommand() *cobra.Command {
	var result string
	c := a.remoteCommand("show ID", "show.short", cobra.ExactArgs(1), func(c *cobra.Command, api *client.Client, args []string) error {
		if result != "" {
			return api.Result(c.Context(), args[0], result, a.out)
		}
		m, err := api.Get(c.Context(), args[0])
		if err != nil {
			return err
		}
		return a.tellMeeting(m)
	})
	c.Flags().StringVar(&result, "result", "", a.t("show.flag.result"))
	return c
}

func (a *app) watchCommand() *cobra.Command {
	var live bool
	c := a.remoteCommand("watch ID", "watch.short", cobra.ExactArgs(1), func(c *cobra.Command, api *client.Client, args []string) error {
		if live {
			return a.watchLive(c.Context(), api, args[0])
		}
		return a.watch(c.Context(), api, args[0])
	})
	c.Flags().BoolVar(&live, "live", false, a.t("watch.flag.live"))
	return c
}

// watch shows a meeting's progress until it ends; one that fails is an error.
func (a *app) watch(ctx context.Context, api *client.Client, id string) error {
	bar := a.newProgress(id)
	m, err := follow(ctx, api, id, func(m *referent.Meeting) { bar.set(m.Progress, string(m.State)) })
	ended := err == nil && m.State != referent.StateFailed && m.State != referent.StateCancelled
	bar.done(ended)
	if err != nil {
		return err
	}
	if !ended {
		return meetingError(m)
	}
	return a.tellMeeting(m)
}

// tellMeeting prints a meeting for a person, or as JSON.
func (a *app) tellMeeting(m *referent.Meeting) error {
	if a.json {
		return json.NewEncoder(a.out).Encode(m)
	}
	a.printMeeting(m)
	return nil
}

// follow calls seen for each change of the meeting until nothing more happens by itself.
func follow(ctx context.Context, api *client.Client, id string, seen func(*referent.Meeting)) (*referent.Meeting, error) {
	return followEach(ctx, api, id, seen, func(store.Event) error { return nil })
}

// followEach is follow, with each event too.
func followEach(ctx context.Context, api *client.Client, id string, seen func(*referent.Meeting), each func(store.Event) error) (*referent.Meeting, error) {
	var last *referent.Meeting
	look := func() (ended bool, err error) {
		m, err := api.Get(ctx, id)
		if err != nil {
			return false, err
		}
		last = m
		seen(m)
		return m.State.Final(), nil
	}
	// Looked at first: an old meeting's events may be forgotten.
	if ended, err := look(); ended || err != nil {
		return last, err
	}
	err := api.Watch(ctx, id, func(e store.Event) error {
		if err := each(e); err != nil {
			return err
		}
		if e.Type == "progress" || e.Type == "partial" {
			last.State, last.Progress = e.State, e.Progress
			seen(last)
			return nil
		}
		if ended, err := look(); err != nil {
			return err
		} else if ended {
			return client.ErrStop
		}
		return nil
	})
	return last, err
}

func (a *app) cancelCommand() *cobra.Command {
	return a.remoteCommand("cancel ID …", "cancel.short", cobra.MinimumNArgs(1), func(c *cobra.Command, api *client.Client, args []string) error {
		for _, id := range args {
			m, err := api.Cancel(c.Context(), id)
			if err != nil {
				return err
			}
			if err := a.tellMeeting(m); err != nil {
				return err
			}
		}
		return nil
	})
}

func (a *app) retryCommand() *cobra.Command {
	var writer string
	c := a.remoteCommand("retry ID …", "retry.short", cobra.MinimumNArgs(1), func(c *cobra.Command, api *client.Client, args []string) error {
		for _, id := range args {
			m, err := api.Retry(c.Context(), id, writer)
			if err != nil {
				return err
			}
			if err := a.tellMeeting(m); err != nil {
				return err
			}
		}
		return nil
	})
	c.Flags().StringVar(&writer, "writer", "", a.t("retry.flag.writer"))
	return c
}

func (a *app) deleteCommand() *cobra.Command {
	var yes, audio bool
	c := a.remoteCommand("delete ID …", "delete.short", cobra.MinimumNArgs(1), func(c *cobra.Command, api *client.Client, args []string) error {
		answers := bufio.NewReader(a.in)
		question, done, erase := "delete.ask", "delete.done", api.Delete
		if audio {
			question, done, erase = "delete.ask_audio", "delete.done_audio", api.DeleteAudio
		}
		for _, id := range args {
			if !yes && !a.agree(answers, question, id) {
				fmt.Fprintln(a.err, a.t("delete.kept"))
				continue
			}
			receipt, err := erase(c.Context(), id)
			if err != nil {
				return err
			}
			if err := a.say(receipt, done, "blobs", receipt.Blobs, "bytes", receipt.Bytes); err != nil {
				return err
			}
		}
		return nil
	})
	c.Flags().BoolVar(&yes, "yes", false, a.t("delete.flag.yes"))
	c.Flags().BoolVar(&audio, "audio", false, a.t("delete.flag.audio"))
	return c
}

func (a *app) agree(answers *bufio.Reader, question, id string) bool {
	fmt.Fprint(a.err, a.t(question, "id", id))
	line, err := answers.ReadString('\n')
	if err != nil && line == "" {
		return false
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "ja", "j", "yes", "y":
		return true
	}
	return false
}

// ready asks a server whether it is up.
func ready(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/readyz", nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return referent.E(referent.CodeUnavailable, "referent: ask server", fmt.Errorf("status %d", res.StatusCode))
	}
	return nil
}
