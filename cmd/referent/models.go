package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/referent/referent"
	"github.com/referent/referent/configs"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/models"
	"github.com/referent/referent/transcribe"
)

func (a *app) modelsCommand() *cobra.Command {
	c := &cobra.Command{Use: "models", Short: a.t("models.short"), Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	a.settingFlags(c.PersistentFlags(), "models_dir")
	c.AddCommand(a.modelsListCommand(), a.modelsPullCommand(), a.modelsVerifyCommand(), a.modelsImportCommand(),
		a.modelsBundleCommand(), a.modelsUnbundleCommand())
	return c
}

// openModels opens the weights' folder that configuration and flags name.
func (a *app) openModels(c *cobra.Command) (*models.Store, error) {
	cfg, err := a.loadConfig(c.Flags(), "models_dir")
	if err != nil {
		return nil, err
	}
	return models.Open(cfg.ModelsDir), nil
}

// neededModels are the weights and libraries that the whole job needs.
func neededModels(cfg configs.Config) []string {
	return []string{cfg.Model, transcribe.ModelVoiceActivity, transcribe.ModelSegmentation, transcribe.ModelEmbedding, transcribe.ModelRuntime}
}

// defaultModels are those, and what makes recognition faster where there is such a thing for the processor.
func defaultModels(cfg configs.Config) []string {
	names := neededModels(cfg)
	if e, err := models.Lookup(transcribe.ModelEncoderRuntime); err == nil && len(e.Sources) > 0 {
		names = append(names, e.Name)
	}
	return names
}

func (a *app) modelsListCommand() *cobra.Command {
	return &cobra.Command{Use: "list", Short: a.t("models.list.short"), Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			dir, err := a.openModels(c)
			if err != nil {
				return err
			}
			all, err := dir.List()
			if err != nil {
				return err
			}
			if a.json {
				return json.NewEncoder(a.out).Encode(all)
			}
			w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, a.t("models.col"))
			for _, s := range all {
				here := a.t("models.absent")
				if s.Present {
					here = a.t("models.present")
				}
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%.12s\n", s.Entry.Name, megabytes(s.Entry.Size), s.Entry.Licence, here, s.Entry.SHA256)
			}
			return w.Flush()
		}}
}

func megabytes(n int64) string {
	if n == 0 {
		return "?"
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}

func (a *app) modelsPullCommand() *cobra.Command {
	return &cobra.Command{Use: "pull [NAME …]", Short: a.t("models.pull.short"),
		RunE: func(c *cobra.Command, args []string) error {
			dir, err := a.openModels(c)
			if err != nil {
				return err
			}
			if len(args) == 0 {
				args = defaultModels(configs.Defaults())
			}
			for _, name := range args {
				if err := a.pull(c.Context(), dir, name); err != nil {
					return err
				}
			}
			return nil
		}}
}

func (a *app) pull(ctx context.Context, dir *models.Store, name string) error {
	if _, err := dir.Path(name); err == nil {
		if err := dir.Verify(ctx, name); err == nil {
			return a.say(map[string]any{"event": "ready", "model": name}, "models.ready", "name", name)
		}
	}
	bar := a.newProgress(name)
	err := dir.Pull(ctx, name, modelProgress(bar))
	bar.done(err == nil)
	if err != nil {
		return err
	}
	return a.say(map[string]any{"event": "ready", "model": name}, "models.ready", "name", name)
}

// modelProgress shows the progress of package models on a bar.
func modelProgress(bar *progress) models.Progress {
	return func(e models.Event) {
		if e.Total > 0 {
			bar.set(float64(e.Done)/float64(e.Total), string(e.Step))
		}
	}
}

// say prints a text of the catalogue, or value as a JSON line.
func (a *app) say(value any, key string, args ...any) error {
	if a.json {
		return json.NewEncoder(a.out).Encode(value)
	}
	_, err := fmt.Fprintln(a.out, a.t(key, args...))
	return err
}

func (a *app) modelsVerifyCommand() *cobra.Command {
	return &cobra.Command{Use: "verify [NAME …]", Short: a.t("models.verify.short"),
		RunE: func(c *cobra.Command, args []string) error {
			dir, err := a.openModels(c)
			if err != nil {
				return err
			}
			if len(args) == 0 {
				if args, err = presentModels(dir); err != nil {
					return err
				}
			}
			failed := false
			for _, name := range args {
				key, message := "models.good", ""
				if err := dir.Verify(c.Context(), name); err != nil {
					failed, key, message = true, "models.bad", locale.Error(a.lang, err)
				}
				if err := a.say(map[string]any{"model": name, "ok": message == "", "message": message}, key, "name", name, "message", message); err != nil {
					return err
				}
			}
			if failed {
				return &reported{errFailedCheck}
			}
			return nil
		}}
}

func presentModels(dir *models.Store) (names []string, err error) {
	all, err := dir.List()
	for _, s := range all {
		if s.Present {
			names = append(names, s.Entry.Name)
		}
	}
	return names, err
}

func (a *app) modelsImportCommand() *cobra.Command {
	var name string
	c := &cobra.Command{Use: "import PATH --name NAME", Short: a.t("models.import.short"), Args: cobra.ExactArgs(1)}
	c.Flags().StringVar(&name, "name", "", a.t("models.flag.name"))
	c.RunE = func(c *cobra.Command, args []string) error {
		dir, err := a.openModels(c)
		if err != nil {
			return err
		}
		if name == "" {
			name = strings.ToLower(baseName(args[0]))
		}
		bar := a.newProgress(name)
		entry, err := dir.Import(c.Context(), args[0], name, modelProgress(bar))
		bar.done(err == nil)
		if err != nil {
			return err
		}
		return a.say(entry, "models.ready", "name", entry.Name)
	}
	return c
}

func (a *app) modelsBundleCommand() *cobra.Command {
	var out string
	c := &cobra.Command{Use: "bundle --out FILE [NAME …]", Short: a.t("models.bundle.short")}
	c.Flags().StringVar(&out, "out", "referent-models.tar", a.t("models.flag.out"))
	c.RunE = func(c *cobra.Command, args []string) (err error) {
		dir, err := a.openModels(c)
		if err != nil {
			return err
		}
		if len(args) == 0 {
			if args, err = presentModels(dir); err != nil {
				return err
			}
		}
		if err := writeFile(out, func(w io.Writer) error { return dir.Bundle(c.Context(), args, w) }); err != nil {
			return err
		}
		return a.say(map[string]any{"event": "bundled", "file": out}, "models.ready", "name", out)
	}
	return c
}

func (a *app) modelsUnbundleCommand() *cobra.Command {
	return &cobra.Command{Use: "unbundle FILE", Short: a.t("models.unbundle.short"), Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			dir, err := a.openModels(c)
			if err != nil {
				return err
			}
			f, err := os.Open(args[0])
			if err != nil {
				return referent.E(referent.CodeNotFound, "referent: open bundle", err)
			}
			defer f.Close()
			if err := dir.Unbundle(c.Context(), f); err != nil {
				return err
			}
			return a.say(map[string]any{"event": "unbundled"}, "models.ready", "name", args[0])
		}}
}
