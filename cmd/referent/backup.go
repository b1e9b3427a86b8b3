package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/referent/referent"
	"github.com/referent/referent/configs"
	"github.com/referent/referent/pipeline"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/backup"
	"github.com/referent/referent/store/blob"
	"github.com/referent/referent/store/postgres"
	"github.com/referent/referent/store/sqldb"
	"github.com/referent/referent/store/sqlite"
)

// backupSettings are the settings that backup and restore take as flags.
var backupSettings = []string{"data_dir"}

// defaultKeep is how many days copies of the data stay.
const defaultKeep = 30

func (a *app) backupCommand() *cobra.Command {
	var to, keysTo string
	var keep int
	var replace bool
	c := &cobra.Command{Use: "backup", Short: a.t("backup.short"), Long: a.t("backup.long"), Args: cobra.NoArgs}
	c.Flags().StringVar(&to, "to", "", a.t("backup.flag.to"))
	c.Flags().StringVar(&keysTo, "keys-to", "", a.t("backup.flag.keys_to"))
	c.Flags().IntVar(&keep, "keep-days", defaultKeep, a.t("backup.flag.keep_days"))
	c.Flags().BoolVar(&replace, "replace-keys", false, a.t("backup.flag.replace_keys"))
	a.settingFlags(c.Flags(), backupSettings...)
	c.RunE = func(c *cobra.Command, _ []string) error {
		cfg, err := a.loadConfig(c.Flags(), backupSettings...)
		if err != nil {
			return err
		}
		if keep < 0 {
			return &usageError{errors.New("--keep-days < 0")}
		}
		if to == "" || keysTo == "" {
			return &usageError{errors.New("--to, --keys-to")}
		}
		if err := apart(cfg.DataDir, to, keysTo); err != nil {
			return err
		}
		return a.backup(c.Context(), cfg.Config, to, backup.Options{KeysTo: keysTo, ReplaceKeys: replace, Keep: time.Duration(keep) * 24 * time.Hour})
	}
	c.AddCommand(a.backupKeysCommand(), a.backupVerifyCommand())
	return c
}

// apart refuses places that would be lost, or stolen, together.
func apart(dirs ...string) error {
	const op = "referent: find folders of the backup"
	var real []string
	for _, dir := range dirs {
		path, err := resolved(dir)
		if err != nil {
			return referent.E(referent.CodeConfig, op, errors.New("a folder that cannot be reached"))
		}
		real = append(real, path)
	}
	for i, a := range real {
		for j, b := range real {
			if i != j && liesIn(a, b) {
				return referent.E(referent.CodeConfig, op, errors.New("one of the folders lies in another")).
					WithHint("the data folder, --to and --keys-to must be apart, on disks and machines of their own where they can be")
			}
		}
	}
	return nil
}

// resolved is a path without links, also where its last parts are not there yet.
func resolved(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	for rest := ""; ; {
		real, err := filepath.EvalSymlinks(path)
		if err == nil {
			return filepath.Join(real, rest), nil
		}
		if !errors.Is(err, fs.ErrNotExist) || path == filepath.Dir(path) {
			return "", err
		}
		path, rest = filepath.Dir(path), filepath.Join(filepath.Base(path), rest)
	}
}

// liesIn reports whether a is b or lies in it.
func liesIn(a, b string) bool {
	rel, err := filepath.Rel(b, a)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

func (a *app) backup(ctx context.Context, cfg configs.Config, to string, o backup.Options) (err error) {
	src, err := backupSource(cfg)
	if err != nil {
		return err
	}
	bucket, err := openBlobs(ctx, dataDir(cfg.DataDir), cfg.Blobs, a.logger(cfg.Log))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, bucket.Close()) }()
	src.Bucket = bucket
	place, err := backup.OpenPlace(to, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, place.Close()) }()
	m, err := place.Make(ctx, src, o)
	if err != nil {
		return err
	}
	if err := a.say(map[string]any{"event": "backup", "made": m.Made, "meetings": m.Meetings, "blobs": m.Blobs, "bytes": m.Bytes,
		"erased": m.Erased, "missing": m.Missing, "damaged": m.Damaged, "schema": m.Schema},
		"backup.done", "meetings", m.Meetings, "blobs", m.Blobs, "megabytes", (m.Bytes+500_000)/1_000_000); err != nil {
		return err
	}
	return a.whole(m.Missing, m.Damaged, "backup.not_whole")
}

// whole tells of files that are missing or damaged. Whatever else there was has been copied.
func (a *app) whole(missing, damaged int, text string) error {
	if missing+damaged == 0 {
		return nil
	}
	if !a.json {
		a.printf("%s", a.t(text, "missing", missing, "damaged", damaged))
	}
	return &reported{errFailedCheck}
}

// backupSource is the installation that the configuration names, without its bucket. It makes nothing and changes
// nothing: a server may be using it.
func backupSource(cfg configs.Config) (backup.Source, error) {
	const op = "referent: find installation"
	dir := dataDir(cfg.DataDir)
	if _, err := os.Stat(dir.keyring()); err != nil { // OpenKeyring would make one
		return backup.Source{}, referent.E(referent.CodeNotFound, op, errors.New("the data folder has no keys")).
			WithHint("data_dir must be the folder that the server uses, and be read as the user that it runs as")
	}
	if _, err := os.Stat(dir.restoring()); err == nil {
		return backup.Source{}, unfinishedRestore(op)
	}
	keyring, err := blob.OpenKeyring(dir.keyring())
	if err != nil {
		return backup.Source{}, err
	}
	return backup.Source{
		Version: version, Keyring: keyring, Now: time.Now, KeyFiles: dir.keyFiles,
		Snapshot: func(ctx context.Context) (*sqldb.Snapshot, error) {
			snap, err := snapshot(ctx, cfg)
			if err != nil {
				return nil, err
			}
			if err := restoreIsOver(ctx, snap); err != nil {
				return nil, errors.Join(err, snap.Close())
			}
			return snap, nil
		},
		Begun: func(ctx context.Context, r store.Reader) ([]store.Receipt, error) {
			return pipeline.ErasuresBegun(ctx, r, time.Now())
		},
	}, nil
}

func snapshot(ctx context.Context, cfg configs.Config) (*sqldb.Snapshot, error) {
	if !cfg.Database.Enabled() {
		return sqlite.Snapshot(ctx, dataDir(cfg.DataDir).database())
	}
	password, err := cfg.Database.Secret()
	if err != nil {
		return nil, err
	}
	return postgres.Snapshot(ctx, postgres.Config{URL: cfg.Database.URL, Password: password})
}

func (a *app) backupKeysCommand() *cobra.Command {
	var keysTo string
	var replace bool
	c := &cobra.Command{Use: "keys", Short: a.t("backup.keys.short"), Long: a.t("backup.keys.long"), Args: cobra.NoArgs}
	c.Flags().StringVar(&keysTo, "keys-to", "", a.t("backup.flag.keys_to"))
	c.Flags().BoolVar(&replace, "replace-keys", false, a.t("backup.flag.replace_keys"))
	a.settingFlags(c.Flags(), backupSettings...)
	c.RunE = func(c *cobra.Command, _ []string) error {
		cfg, err := a.loadConfig(c.Flags(), backupSettings...)
		if err != nil {
			return err
		}
		if keysTo == "" {
			return &usageError{errors.New("--keys-to")}
		}
		if err := apart(cfg.DataDir, keysTo); err != nil {
			return err
		}
		src, err := backupSource(cfg.Config)
		if err != nil {
			return err
		}
		receipts, err := backup.CopyKeys(c.Context(), src, keysTo, replace)
		if err != nil {
			return err
		}
		return a.say(map[string]any{"event": "keys", "receipts": len(receipts)}, "backup.keys.done", "receipts", len(receipts))
	}
	return c
}

func (a *app) backupVerifyCommand() *cobra.Command {
	var at, keys string
	c := &cobra.Command{Use: "verify DIR", Short: a.t("backup.verify.short"), Long: a.t("backup.verify.long"), Args: cobra.ExactArgs(1)}
	c.Flags().StringVar(&at, "at", "", a.t("backup.flag.at"))
	c.Flags().StringVar(&keys, "keys", "", a.t("backup.flag.keys"))
	c.RunE = func(c *cobra.Command, args []string) (err error) {
		place, err := backup.OpenPlace(args[0], false)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, place.Close()) }()
		v, err := place.Verify(c.Context(), at)
		if err != nil {
			return err
		}
		if keys != "" {
			k, err := backup.ReadKeys(keys)
			if err != nil {
				return err
			}
			if err := place.OpenedBy(at, k, nil); err != nil {
				return err
			}
		}
		if a.json {
			if err := json.NewEncoder(a.out).Encode(v); err != nil {
				return err
			}
		} else {
			a.printf("%s", a.t("backup.verify.done", "copy", v.Copy, "blobs", v.Blobs, "erased", v.Erased))
		}
		return a.whole(v.Missing, v.Damaged, "backup.not_whole")
	}
	return c
}
