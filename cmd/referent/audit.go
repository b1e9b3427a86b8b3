package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/referent/referent"
	"github.com/referent/referent/audit"
	"github.com/referent/referent/client"
)

// auditCommand is about the chain that proves the logs.
func (a *app) auditCommand() *cobra.Command {
	c := &cobra.Command{Use: "audit", Short: a.t("audit.short"), Long: a.t("audit.long"), Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	c.AddCommand(a.auditHead(), a.auditExport(), a.auditVerify())
	return c
}

func (a *app) auditHead() *cobra.Command {
	return a.remoteCommand("head", "audit.head.short", cobra.NoArgs, func(c *cobra.Command, api *client.Client, _ []string) error {
		h, err := api.AuditHead(c.Context())
		if err != nil {
			return err
		}
		return a.say(h, "audit.head", "head", h.String())
	})
}

func (a *app) auditExport() *cobra.Command {
	var from, to string
	c := a.remoteCommand("export", "audit.export.short", cobra.NoArgs, func(c *cobra.Command, api *client.Client, _ []string) error {
		return api.ExportAudit(c.Context(), from, to, a.out)
	})
	c.Flags().StringVar(&from, "from", "", a.t("audit.flag.from"))
	c.Flags().StringVar(&to, "to", "", a.t("audit.flag.to"))
	return c
}

// auditVerify checks an exported file, or has the server check its database. A chain that is not whole is errFailedCheck.
func (a *app) auditVerify() *cobra.Command {
	var head string
	f := &remoteFlags{}
	c := &cobra.Command{Use: "verify [FILE]", Short: a.t("audit.verify.short"), Long: a.t("audit.verify.long"), Args: cobra.MaximumNArgs(1)}
	a.addRemoteFlags(c, f)
	c.Flags().StringVar(&head, "head", "", a.t("audit.flag.head"))
	c.RunE = func(c *cobra.Command, files []string) error {
		var noted *audit.Head
		if head != "" {
			h, err := audit.ParseHead(head)
			if err != nil {
				return err
			}
			noted = &h
		}
		var report *audit.Report
		if len(files) == 1 {
			in, done, err := a.openInput(files[0])
			if err != nil {
				return err
			}
			defer done()
			if report, err = audit.VerifyFile(in, noted); err != nil {
				return err
			}
		} else {
			api, err := a.connect(c, f)
			if err != nil {
				return err
			}
			if report, err = api.VerifyAudit(c.Context(), noted); err != nil {
				return err
			}
		}
		return a.tellReport(report, noted != nil)
	}
	return c
}

// openInput opens a file, or with "-" what comes in.
func (a *app) openInput(name string) (io.Reader, func() error, error) {
	if name == "-" {
		return a.in, func() error { return nil }, nil
	}
	f, err := os.Open(name)
	if err != nil {
		code := referent.CodeInvalid
		if os.IsNotExist(err) {
			code = referent.CodeNotFound
		}
		return nil, nil, referent.E(code, "referent: open file", err)
	}
	return f, f.Close, nil
}

func (a *app) tellReport(r *audit.Report, noted bool) error {
	if a.json {
		if err := json.NewEncoder(a.out).Encode(r); err != nil {
			return err
		}
	} else {
		for _, p := range r.Findings {
			table := ""
			if p.Table != "" {
				table = a.t("audit.table." + p.Table)
			}
			a.printf("%s", a.t("audit.fault."+string(p.Fault), "seq", p.Seq, "table", table, "row", p.Row))
		}
		if r.Links > 0 {
			a.printf("%s", a.t("audit.links", "n", r.Links, "first", r.First, "last", r.Head.Seq, "from", r.From.Local().Format(time.DateOnly),
				"to", r.To.Local().Format(time.DateOnly)))
		}
		if r.Rows > 0 {
			a.printf("%s", a.t("audit.rows", "n", r.Rows))
		}
		if n := len(r.Prunings); n > 0 {
			last := r.Prunings[n-1]
			a.printf("%s", a.t("audit.pruned", "n", n, "day", last.At.Local().Format(time.DateOnly), "through", last.Through, "last", last.Last.Local().Format(time.DateOnly)))
		}
		if r.Back > 0 {
			a.printf("%s", a.t("audit.back", "n", r.Back))
		}
		switch {
		case len(r.Findings) == 1 && r.Findings[0].Fault == audit.Unproved:
			a.printf("%s", a.t("audit.expired"))
		case !r.OK():
			a.printf("%s", a.t("audit.broken"))
		case !r.Whole:
			a.printf("%s", a.t("audit.part"))
		default:
			a.printf("%s", a.t("audit.whole"))
		}
		if r.OK() && !noted {
			a.printf("%s", a.t("audit.unnoted"))
		}
		if r.OK() {
			a.printf("%s", a.t("audit.head", "head", r.Head.String()))
		}
	}
	if !r.OK() {
		return fmt.Errorf("%w: audit chain", errFailedCheck)
	}
	return nil
}
