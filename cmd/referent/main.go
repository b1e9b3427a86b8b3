// Command referent is the whole product as one binary: the server, its workers, and the tools that a
// secretary or a technician runs by hand. One file for each subcommand; what they do lives elsewhere,
// here it is wired together.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/referent/referent"
	"github.com/referent/referent/locale"
)

// version is set by the Makefile to what git describes.
var version = "unknown"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	app := &app{
		lang: locale.FromEnvironment(),
		in:   os.Stdin, out: os.Stdout, err: os.Stderr,
		environ: os.Environ(),
	}
	code := app.run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// app is one run of the program: its surroundings and what all commands share.
type app struct {
	lang    string
	in      io.Reader
	out     io.Writer
	err     io.Writer
	environ []string

	json       bool   // --json: machine-readable output
	configFile string // --config
}

// t returns a text of the command line's catalogue.
func (a *app) t(key string, args ...any) string { return locale.T(a.lang, "cli."+key, args...) }

// run executes the command line and returns the exit code.
func (a *app) run(ctx context.Context, args []string) int {
	root := a.rootCommand()
	root.SetArgs(args)
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	err = stopped(ctx, err)
	a.report(err)
	return exitCode(err)
}

// stopped makes an error of a command that was told to stop one that says so.
func stopped(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil && referent.CodeOf(err) != referent.CodeConfig {
		return referent.E(referent.CodeCancelled, "referent", err)
	}
	return err
}

// report tells a person what went wrong, as a sentence and a hint, or a program as JSON.
func (a *app) report(err error) {
	var quiet *reported
	if errors.As(err, &quiet) {
		return
	}
	if a.json {
		_ = json.NewEncoder(a.out).Encode(map[string]any{"error": a.failure(err)})
		return
	}
	fmt.Fprintln(a.err, a.t("error", "message", a.sentence(err)))
	var use *usageError
	if !errors.As(err, &use) {
		fmt.Fprintln(a.err, "  "+a.t("detail", "detail", err.Error()))
	}
}

func (a *app) sentence(err error) string {
	var use *usageError
	if errors.As(err, &use) {
		return a.t("usage_error", "detail", use.Error())
	}
	return locale.Error(a.lang, err)
}

// failure is an error as a program reads it.
type failure struct {
	Code    referent.Code `json:"code"`
	Message string        `json:"message"`
	Detail  string        `json:"detail"`
	Hint    string        `json:"hint"`
	Exit    int           `json:"exit"`
}

func (a *app) failure(err error) *failure {
	return &failure{Code: referent.CodeOf(err), Message: a.sentence(err), Detail: err.Error(), Hint: referent.HintOf(err), Exit: exitCode(err)}
}

// reported marks a failure that the command has told of already; only the exit code remains.
type reported struct{ error }

func (r *reported) Unwrap() error { return r.error }

// usageError is a wrong command line.
type usageError struct{ error }

func (u *usageError) Unwrap() error { return u.error }
