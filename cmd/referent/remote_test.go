package main

import (
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/client"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web/webtest"
)

// commands runs the program's commands in bokmål as kari, against a real server with a worker.
type commands struct {
	api           *client.Client
	rig           *webtest.Rig
	server, token string
}

func startCommands(t *testing.T) *commands {
	t.Helper()
	r := webtest.Start(t, nil)
	r.StartWorker()
	r.User("kari", false)
	token := r.Token("kari", store.ScopeRead, store.ScopeWrite)
	return &commands{api: client.New(r.URL, token), rig: r, server: r.URL, token: token}
}

// draft makes the meeting of a transcript in a file, and waits for its minutes.
func (c *commands) draft(t *testing.T, of *referent.Meeting, file string) *referent.Meeting {
	t.Helper()
	m, err := c.api.Create(t.Context(), of)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.api.UploadFile(t.Context(), m.ID, file, nil); err != nil {
		t.Fatal(err)
	}
	c.rig.Eventually("minutes", func() bool {
		now, err := c.api.Get(t.Context(), m.ID)
		return err == nil && now.State == referent.StateDraft
	})
	return m
}

// call runs a command that exits with want, and returns all that it says.
func (c *commands) call(t *testing.T, want int, args ...string) string {
	t.Helper()
	a, out, errs := newApp(locale.Bokmal, "REFERENT_SERVER="+c.server, "REFERENT_TOKEN="+c.token)
	if code := a.run(t.Context(), args); code != want {
		t.Fatalf("%v exits with %d, want %d: %s%s", args, code, want, out, errs)
	}
	return out.String() + errs.String()
}
