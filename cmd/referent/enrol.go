package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/referent/referent"
	"github.com/referent/referent/client"
	"github.com/referent/referent/pipeline"
	"github.com/referent/referent/queue"
)

// enrolment is what an enrolled worker keeps on its machine: a file of its own, the seed and the authority beside it.
type enrolment struct {
	client.Enrolled
	seed, ca string // paths; ca may be ""
}

// The files of an enrolment.
const (
	enrolmentFile = "worker.json"
	authorityFile = "queue-ca.pem"
)

func (e *enrolment) url() string { return strings.Join(e.NATS, ",") }

func (e *enrolment) stages() (names []string) {
	for _, s := range e.Stages {
		names = append(names, string(s))
	}
	return names
}

// enrolmentDir is where a worker's enrolment lies on its machine.
func (a *app) enrolmentDir(c *cobra.Command, dir string) (string, error) {
	if dir != "" {
		return dir, nil
	}
	cfg, err := a.loadConfig(c.Flags(), "data_dir")
	if err != nil {
		return "", err
	}
	return filepath.Join(cfg.DataDir, "worker"), nil
}

// readEnrolment finds what referent worker enrol has left. CodeConfig: nothing.
func (a *app) readEnrolment(c *cobra.Command, dir string) (*enrolment, error) {
	const op = "referent: read enrolment"
	dir, err := a.enrolmentDir(c, dir)
	if err != nil {
		return nil, err
	}
	e := &enrolment{seed: filepath.Join(dir, queue.WorkerSeedFile)}
	data, err := os.ReadFile(filepath.Join(dir, enrolmentFile))
	if err == nil {
		err = json.Unmarshal(data, &e.Enrolled)
	}
	if err != nil {
		return nil, referent.E(referent.CodeConfig, op, err).WithHint("enrol this machine with referent worker enrol, or give --nats and --creds")
	}
	if e.CA != "" {
		e.ca = filepath.Join(dir, authorityFile)
	}
	return e, nil
}

func (a *app) enrolCommand() *cobra.Command {
	var server, token, ca, dir string
	c := &cobra.Command{Use: "enrol --server URL --token TOKEN", Short: a.t("enrol.short"), Long: a.t("enrol.long"), Args: cobra.NoArgs}
	c.Flags().StringVar(&server, "server", "", a.t("enrol.flag.server"))
	c.Flags().StringVar(&token, "token", "", a.t("enrol.flag.token"))
	c.Flags().StringVar(&ca, "ca", "", a.t("enrol.flag.ca"))
	c.Flags().StringVar(&dir, "dir", "", a.t("worker.flag.dir"))
	a.settingFlags(c.Flags(), "data_dir")
	c.RunE = func(c *cobra.Command, _ []string) error {
		for _, kv := range a.environ { // a token on the command line is seen by everybody on the machine
			if v, ok := strings.CutPrefix(kv, "REFERENT_ENROL_TOKEN="); ok && token == "" {
				token = v
			}
		}
		if server == "" || token == "" {
			return &usageError{errors.New("--server and --token must be given")}
		}
		trusting, err := trustingClient(server, ca)
		if err != nil {
			return err
		}
		if dir, err = a.enrolmentDir(c, dir); err != nil {
			return err
		}
		if _, err := os.Stat(filepath.Join(dir, enrolmentFile)); err == nil {
			return referent.E(referent.CodeConflict, "referent: enrol worker", errors.New("the machine is enrolled")).
				WithHint("remove %s to enrol it anew, with another key", dir)
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return referent.E(referent.CodeConfig, "referent: enrol worker", err)
		}
		// Each attempt has a seed of its own: the server does not let in twice the one whose reply was lost.
		attempt, err := os.MkdirTemp(dir, ".enrol-")
		if err != nil {
			return referent.E(referent.CodeConfig, "referent: enrol worker", err)
		}
		defer os.RemoveAll(attempt)
		seed := filepath.Join(attempt, queue.WorkerSeedFile)
		key, signature, err := queue.MakeSeed(seed, pipeline.EnrolmentMessage(token))
		if err != nil {
			return err
		}
		e, err := client.New(server, "", client.WithLanguage(a.lang), client.WithHTTPClient(trusting)).Enrol(c.Context(), token, key, signature)
		if err != nil {
			return err
		}
		if err := os.Rename(seed, filepath.Join(dir, queue.WorkerSeedFile)); err != nil {
			return referent.E(referent.CodeConfig, "referent: keep enrolment", err)
		}
		if err := writeEnrolment(dir, e); err != nil {
			return err
		}
		return a.say(map[string]any{"event": "enrolled", "worker": e.ID, "label": e.Label, "dir": dir, "nats": e.NATS}, "enrol.done", "label", e.Label, "dir", dir)
	}
	return c
}

// trustingClient speaks to a server whose certificate the system's authorities signed, or the one in the file. The
// token must not go over the network in plain.
func trustingClient(server, ca string) (*http.Client, error) {
	const op = "referent: enrol worker"
	u, err := url.Parse(server)
	if err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, &usageError{errors.New("--server must be an https:// address")}
	}
	if u.Scheme == "http" && !referent.Loopback(u.Hostname()) {
		return nil, referent.E(referent.CodeConfig, op, errors.New("the address is not https")).WithHint("off this machine the token goes over https:// alone")
	}
	// Redirects could lead to where the token goes in plain.
	c := &http.Client{Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if ca == "" {
		return c, nil
	}
	data, err := os.ReadFile(ca)
	pool := x509.NewCertPool()
	if err != nil || !pool.AppendCertsFromPEM(data) {
		return nil, referent.E(referent.CodeConfig, op, errors.Join(err, errors.New("no certificate in the file"))).WithHint("--ca is a PEM file")
	}
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	c.Transport = t
	return c, nil
}

// writeEnrolment keeps what the server said. The seed lies there already; the file that tells of it comes last.
func writeEnrolment(dir string, e *client.Enrolled) error {
	const op = "referent: keep enrolment"
	data, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return referent.E(referent.CodeInternal, op, err)
	}
	if e.CA != "" {
		if err := os.WriteFile(filepath.Join(dir, authorityFile), []byte(e.CA), 0o600); err != nil {
			return referent.E(referent.CodeConfig, op, err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, enrolmentFile), append(data, '\n'), 0o600); err != nil {
		return referent.E(referent.CodeConfig, op, err)
	}
	return nil
}
