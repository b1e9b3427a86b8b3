package main

import (
	"fmt"
	"log/slog"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/referent/referent/configs"
)

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "referent",
		Short:         a.t("root.short"),
		Long:          a.t("root.long"),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.PersistentFlags().BoolVar(&a.json, "json", false, a.t("flag.json"))
	root.PersistentFlags().StringVar(&a.configFile, "config", "", a.t("flag.config"))
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	root.CompletionOptions.HiddenDefaultCmd = true

	root.AddCommand(
		a.serveCommand(), a.workerCommand(), a.processCommand(),
		a.submitCommand(), a.listCommand(), a.showCommand(), a.watchCommand(),
		a.cancelCommand(), a.retryCommand(), a.deleteCommand(), a.speakersCommand(), a.correctionsCommand(),
		a.searchCommand(), a.tasksCommand(), a.workersCommand(), a.usersCommand(), a.natsCommand(), a.backupCommand(), a.restoreCommand(),
		a.auditCommand(), a.purgeCommand(),
		a.modelsCommand(), a.templatesCommand(), a.evalCommand(), a.benchCommand(), a.doctorCommand(), a.configCommand(), a.versionCommand(),
	)
	root.SetHelpCommand(&cobra.Command{Use: "help", Hidden: true, Short: a.t("help.short"), RunE: func(c *cobra.Command, args []string) error {
		target, _, err := c.Root().Find(args)
		if err != nil {
			return &usageError{err}
		}
		return target.Help()
	}})
	a.translate(root)
	return root
}

// translate puts cobra's own words into the catalogue's language for a command and all below it.
func (a *app) translate(c *cobra.Command) {
	c.InitDefaultHelpFlag()
	if f := c.Flags().Lookup("help"); f != nil {
		f.Usage = a.t("flag.help")
	}
	if c.Args != nil {
		check := c.Args
		c.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return &usageError{err}
			}
			return nil
		}
	}
	c.SetUsageTemplate(strings.NewReplacer(
		"Usage:", a.t("usage.usage"), "Aliases:", a.t("usage.aliases"), "Examples:", a.t("usage.examples"),
		"Available Commands:", a.t("usage.commands"), "Global Flags:", a.t("usage.global_flags"), "Flags:", a.t("usage.flags"),
		"Additional help topics:", a.t("usage.topics"),
		`Use "{{.CommandPath}} [command] --help" for more information about a command.`, a.t("usage.more"),
	).Replace(c.UsageTemplate()))
	for _, sub := range c.Commands() {
		a.translate(sub)
	}
}

// settingFlags adds flags that are settings of the configuration: the flag's name is the key with "."
// and "_" as "-".
func (a *app) settingFlags(flags *pflag.FlagSet, keys ...string) {
	for _, key := range keys {
		usage := a.t("setting." + key)
		switch key {
		case "workers", "threads":
			flags.Int(flagName(key), 0, usage)
		default:
			flags.String(flagName(key), "", usage)
		}
	}
}

func flagName(key string) string { return strings.NewReplacer(".", "-", "_", "-").Replace(key) }

// loadConfig reads the configuration with the settings given as flags of this command on top.
func (a *app) loadConfig(flags *pflag.FlagSet, keys ...string) (*configs.Effective, error) {
	given := map[string]any{}
	for _, key := range keys {
		if f := flags.Lookup(flagName(key)); f != nil && f.Changed {
			given[key] = f.Value.String()
		}
	}
	cfg, err := configs.Load(a.configFile, a.environ, given)
	if err != nil {
		return nil, err
	}
	return cfg, cfg.Validate()
}

// logger writes to standard error as the configuration says.
func (a *app) logger(cfg configs.Log) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(cfg.Level)) // validated
	opts := &slog.HandlerOptions{Level: level}
	if cfg.Format == "json" {
		return slog.New(slog.NewJSONHandler(a.err, opts))
	}
	return slog.New(slog.NewTextHandler(a.err, opts))
}

// printf writes a line for a person. Control characters in it do not reach the terminal, which may obey them: titles
// and texts come from others.
func (a *app) printf(format string, args ...any) {
	fmt.Fprintln(a.out, strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return utf8.RuneError
		}
		return r
	}, fmt.Sprintf(format, args...)))
}
