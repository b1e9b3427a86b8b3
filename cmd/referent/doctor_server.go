package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"time"

	"github.com/referent/referent/client"
	"github.com/referent/referent/configs"
	"github.com/referent/referent/locale"
)

// server checks a running server of this data folder, and with it its NATS.
func (d *doctor) server(ctx context.Context) {
	access, ok := dataDir(d.cfg.DataDir).readLocal()
	if !ok {
		d.add("server", good, "-", "server_stopped")
		return
	}
	switch err := ready(ctx, access.URL); {
	case untrusted(err):
		d.add("server", bad, access.URL, "server_untrusted")
		return
	case err != nil:
		d.add("server", good, "-", "server_stopped")
		return
	}
	d.add("server", good, access.URL, "")
	d.work(ctx, client.New(access.URL, access.Token, client.WithLanguage(d.app.lang)))
	for _, address := range configs.Addresses(access.NATS) { // one server of a cluster is enough
		if err := greeted(ctx, address); err == nil {
			d.add("nats", good, address, "")
			return
		}
	}
	d.add("nats", bad, access.NATS, "nats_down")
}

// work tells of stages that work waits for and no worker takes. Who is there is known to a running server alone.
func (d *doctor) work(ctx context.Context, api *client.Client) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	switch idle, err := api.Idle(ctx); {
	case err != nil:
		d.add("work", warning, locale.Error(d.app.lang, err), "work_unknown")
	case len(idle) > 0:
		d.add("work", warning, stageNames(idle, "-"), "work_idle", "stages", stageNames(idle, "-"))
	default:
		d.add("work", good, "-", "")
	}
}

// greeted connects to a NATS address and waits for the greeting that every nats-server sends first.
func greeted(ctx context.Context, address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return err
	}
	defer conn.Close()
	deadline, _ := ctx.Deadline()
	if err := conn.SetReadDeadline(deadline); err != nil {
		return err
	}
	greeting := make([]byte, 5)
	if _, err := io.ReadFull(conn, greeting); err != nil {
		return err
	}
	if string(greeting) != "INFO " {
		return errors.New("not a nats-server")
	}
	return nil
}
