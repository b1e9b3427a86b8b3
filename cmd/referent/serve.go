package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/referent/referent/configs"
)

// serveSettings are the settings that serve takes as flags.
var serveSettings = []string{"data_dir", "models_dir", "listen", "public_url", "tls_cert", "tls_key", "workers", "threads", "encoder",
	"ffmpeg", "confine", "model", "spoken", "language", "nats.listen", "nats.tls_cert", "nats.tls_key",
	"llm.url", "llm.model", "log.level", "log.format"}

func (a *app) serveCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "serve",
		Short: a.t("serve.short"),
		Long:  a.t("serve.long"),
		Args:  cobra.NoArgs,
	}
	a.settingFlags(c.Flags(), serveSettings...)
	c.RunE = func(c *cobra.Command, _ []string) error {
		cfg, err := a.loadConfig(c.Flags(), serveSettings...)
		if err != nil {
			return err
		}
		s, err := openSystem(c.Context(), cfg.Config, a.logger(cfg.Log))
		if err != nil {
			return err
		}
		defer s.close()
		if err := s.welcome(c.Context()); err != nil {
			return err
		}
		if err := a.announce(s, cfg); err != nil {
			return err
		}
		return s.run(c.Context())
	}
	return c
}

// announce says where the server is: a person reads it, and with --json a program does.
func (a *app) announce(s *system, cfg *configs.Effective) error {
	if a.json {
		return json.NewEncoder(a.out).Encode(map[string]any{
			"event": "serving", "url": s.publicURL(), "nats": s.nats.URL(), "worker_credentials": s.dir.workerKey(),
			"data_dir": cfg.DataDir, "setup_url": s.setupURL, "version": version,
		})
	}
	fmt.Fprintln(a.out, a.t("serve.ready", "url", s.publicURL()))
	fmt.Fprintln(a.out, a.t("serve.data", "dir", cfg.DataDir))
	fmt.Fprintln(a.out, a.t("serve.worker", "nats", s.nats.URL(), "creds", s.dir.workerKey()))
	if s.setupURL != "" {
		fmt.Fprintln(a.out, a.t("serve.setup", "url", s.setupURL))
	}
	return nil
}
