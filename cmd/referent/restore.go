package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
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

func (a *app) restoreCommand() *cobra.Command {
	r := &restoring{app: a}
	c := &cobra.Command{Use: "restore", Short: a.t("restore.short"), Long: a.t("restore.long"), Args: cobra.NoArgs}
	c.Flags().StringVar(&r.from, "from", "", a.t("restore.flag.from"))
	c.Flags().StringVar(&r.at, "at", "", a.t("backup.flag.at"))
	c.Flags().StringVar(&r.keys, "keys", "", a.t("restore.flag.keys"))
	c.Flags().StringVar(&r.receipts, "receipts", "", a.t("restore.flag.receipts"))
	c.Flags().BoolVar(&r.check, "check", false, a.t("restore.flag.check"))
	a.settingFlags(c.Flags(), backupSettings...)
	c.AddCommand(a.restoreKeysCommand())
	c.RunE = func(c *cobra.Command, _ []string) error {
		if r.from == "" || r.keys == "" {
			return &usageError{errors.New("--from, --keys")}
		}
		cfg, err := a.loadConfig(c.Flags(), backupSettings...)
		if err != nil {
			return err
		}
		r.cfg, r.dir = cfg.Config, dataDir(cfg.DataDir)
		return r.run(c.Context())
	}
	return c
}

// restoreKeysCommand is for when only the data folder was lost, and database and bucket are on other machines.
func (a *app) restoreKeysCommand() *cobra.Command {
	var keys string
	c := &cobra.Command{Use: "keys", Short: a.t("restore.keys.short"), Long: a.t("restore.keys.long"), Args: cobra.NoArgs}
	c.Flags().StringVar(&keys, "keys", "", a.t("restore.flag.keys"))
	a.settingFlags(c.Flags(), backupSettings...)
	c.RunE = func(c *cobra.Command, _ []string) (err error) {
		if keys == "" {
			return &usageError{errors.New("--keys")}
		}
		cfg, err := a.loadConfig(c.Flags(), backupSettings...)
		if err != nil {
			return err
		}
		k, err := backup.ReadKeys(keys)
		if err != nil {
			return err
		}
		dir := dataDir(cfg.DataDir)
		lock, err := dir.openEmpty()
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, lock.Unlock()) }()
		if err := dir.writeKeys(k.Files); err != nil {
			return errors.Join(err, dir.clear())
		}
		if err := dir.restored(); err != nil {
			return err
		}
		return a.say(map[string]any{"event": "keys", "files": len(k.Files)}, "restore.keys.done", "files", len(k.Files))
	}
	return c
}

// restoring is one call of restore.
type restoring struct {
	app                      *app
	from, at, keys, receipts string
	check                    bool
	cfg                      configs.Config
	dir                      dataDir
}

// run puts a copy back. Until it is over a mark in the data folder keeps every server off it, and one that came with the
// rows keeps every server, of this folder or another, off the database.
func (r *restoring) run(ctx context.Context) (err error) {
	place, err := backup.OpenPlace(r.from, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, place.Close()) }()
	k, err := backup.ReadKeys(r.keys)
	if err != nil {
		return err
	}
	further, err := readReceipts(r.receipts)
	if err != nil {
		return err
	}
	if err := place.OpenedBy(r.at, k, further); err != nil {
		return err
	}
	lock, err := r.dir.openEmpty()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	bucket, err := r.openBucket(ctx)
	if err != nil {
		return errors.Join(err, r.dir.clear())
	}
	defer func() { err = errors.Join(err, bucket.Close()) }()
	told, vault, err := r.put(ctx, place, bucket, k, further)
	if err != nil {
		return errors.Join(err, r.dir.clear())
	}
	return r.tell(ctx, told, vault)
}

func (r *restoring) openBucket(ctx context.Context) (bucket, error) {
	b, err := openBlobs(ctx, r.dir, r.cfg.Blobs, r.app.logger(r.cfg.Log))
	if err != nil {
		return nil, err
	}
	names, err := b.List(ctx, "")
	if err == nil && len(names) > 0 {
		err = notEmpty("the bucket is not empty")
	}
	if err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// put writes keys, rows and blobs, in this order, and takes the mark away.
func (r *restoring) put(ctx context.Context, place *backup.Place, bucket blob.Bucket, k *backup.Keys, further []store.Receipt) (*backup.Restored, *blob.Vault, error) {
	if err := r.dir.writeKeys(k.Files); err != nil {
		return nil, nil, err
	}
	keyring, err := blob.OpenKeyring(r.dir.keyring())
	if err != nil {
		return nil, nil, err
	}
	marks, err := keyring.Marks()
	if err != nil {
		return nil, nil, err
	}
	told, err := place.Rows(ctx, r.at, backup.Target{Fill: r.fill, Keys: k, Keyring: keyring, Receipts: further, Forget: pipeline.Forgotten, Now: time.Now(),
		Settings: map[string]string{backup.SettingRestoring: k.Mark(), backup.SettingRestored: k.Mark(), settingKeyring: marks[0]}})
	if err != nil {
		return nil, nil, err
	}
	err = r.change(ctx, func(tx store.Tx) error { return pipeline.EraseAgain(ctx, tx, append(k.Receipts, further...)) })
	if err != nil {
		return nil, nil, err
	}
	snap, err := snapshot(ctx, r.cfg)
	if err != nil {
		return nil, nil, err
	}
	if err := errors.Join(place.Blobs(ctx, snap, bucket, told), snap.Close()); err != nil {
		return nil, nil, err
	}
	if err := r.change(ctx, func(tx store.Tx) error { return tx.PutSetting(ctx, backup.SettingRestoring, "") }); err != nil {
		return nil, nil, err
	}
	return told, blob.NewVault(bucket, keyring), r.dir.restored()
}

func (r *restoring) fill(ctx context.Context, schema int64) (*sqldb.Filling, error) {
	if !r.cfg.Database.Enabled() {
		return sqlite.Fill(ctx, r.dir.database(), schema)
	}
	password, err := r.cfg.Database.Secret()
	if err != nil {
		return nil, err
	}
	return postgres.Fill(ctx, postgres.Config{URL: r.cfg.Database.URL, Password: password}, schema)
}

// change brings the schema up to date, and changes what was put back.
func (r *restoring) change(ctx context.Context, fn func(store.Tx) error) (err error) {
	st, err := openStore(ctx, r.cfg, r.dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	return st.Tx(ctx, fn)
}

// restoreIsOver refuses a database that is being put back, or was not to the end.
func restoreIsOver(ctx context.Context, st store.Reader) error {
	mark, err := st.Setting(ctx, backup.SettingRestoring)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if mark != "" {
		return unfinishedRestore("referent: open database")
	}
	return nil
}

func (r *restoring) tell(ctx context.Context, told *backup.Restored, vault *blob.Vault) error {
	a := r.app
	if a.json {
		if err := json.NewEncoder(a.out).Encode(map[string]any{"event": "restored", "restored": told}); err != nil {
			return err
		}
	} else {
		a.printf("%s", a.t("restore.done", "copy", told.Copy, "meetings", told.Meetings, "blobs", told.Blobs, "erased", told.Erased))
	}
	bad := 0
	if r.check {
		snap, err := snapshot(ctx, r.cfg)
		if err != nil {
			return err
		}
		good, unread, err := backup.Check(ctx, snap, vault)
		if err := errors.Join(err, snap.Close()); err != nil {
			return err
		}
		bad = unread
		if err := a.say(map[string]any{"event": "checked", "good": good, "bad": bad}, "restore.checked", "good", good, "bad", bad); err != nil {
			return err
		}
	}
	if !told.Whole() {
		return a.whole(told.Missing, told.Damaged, "restore.not_whole")
	}
	if bad > 0 {
		return &reported{errFailedCheck}
	}
	return nil
}

// readReceipts reads receipts as GET /api/v1/receipts gives them; none where no file is named.
func readReceipts(path string) ([]store.Receipt, error) {
	const op = "referent: read receipts"
	if path == "" {
		return nil, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, blob.DiskError(op, err)
	}
	var all []store.Receipt
	if err := json.Unmarshal(data, &all); err != nil {
		return nil, referent.E(referent.CodeInvalid, op, errors.New("not a list of receipts"))
	}
	for _, r := range all {
		switch r.What {
		case store.ErasedMeeting, store.ErasedAudio, store.ErasedTranscript:
		default:
			return nil, referent.E(referent.CodeInvalid, op, errors.New("a receipt of something unknown"))
		}
	}
	return all, nil
}

func notEmpty(what string) error {
	return referent.E(referent.CodeConflict, "referent: restore", errors.New(what)).
		WithHint("restore into an empty data folder, database and bucket; nothing is ever overwritten")
}

func unfinishedRestore(op string) error {
	return referent.E(referent.CodeConflict, op, errors.New("a restore did not finish")).
		WithHint("empty the data folder, the database and the bucket, and run referent restore again")
}

// restoring is the mark of a restore that is not over.
func (d dataDir) restoring() string { return filepath.Join(string(d), "restoring") }

// openEmpty makes the folder, takes its lock, and marks it as one that is being restored. One that holds anything, but
// for a lock that nobody has, is CodeConflict.
func (d dataDir) openEmpty() (interface{ Unlock() error }, error) {
	const op = "referent: open data folder"
	entries, err := os.ReadDir(string(d))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, blob.DiskError(op, err)
	}
	for _, e := range entries {
		if e.Name() == filepath.Base(d.restoring()) {
			return nil, unfinishedRestore(op)
		}
		inside, err := os.ReadDir(filepath.Join(string(d), e.Name()))
		if e.Name() != "lock" && (err != nil || len(inside) > 0) {
			return nil, notEmpty("the data folder is not empty")
		}
	}
	lock, err := d.open()
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(d.restoring(), nil, 0o600); err != nil {
		return nil, errors.Join(blob.DiskError(op, err), lock.Unlock())
	}
	return lock, nil
}

// clear empties the folder of a restore that failed: all that is in it was put there by that.
func (d dataDir) clear() error {
	const op = "referent: clear data folder"
	entries, err := os.ReadDir(string(d))
	if err != nil {
		return blob.DiskError(op, err)
	}
	for _, e := range entries {
		if e.Name() == "lock" || e.Name() == filepath.Base(d.restoring()) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(string(d), e.Name())); err != nil {
			return blob.DiskError(op, err)
		}
	}
	return d.restored() // the mark goes last
}

// restored takes the mark away.
func (d dataDir) restored() error {
	if err := os.Remove(d.restoring()); err != nil {
		return blob.DiskError("referent: finish restore", err)
	}
	return nil
}

// keyFiles are the files of the folder of keys that last longer than a run of the server.
func (d dataDir) keyFiles() (map[string][]byte, error) {
	const op = "referent: read keys"
	entries, err := os.ReadDir(d.keys())
	if err != nil {
		return nil, blob.DiskError(op, err)
	}
	all := map[string][]byte{}
	for _, e := range entries {
		if !e.Type().IsRegular() || e.Name()[0] == '.' || e.Name() == filepath.Base(d.local()) || filepath.Ext(e.Name()) == ".part" {
			continue
		}
		if all[e.Name()], err = os.ReadFile(filepath.Join(d.keys(), e.Name())); err != nil {
			return nil, blob.DiskError(op, err)
		}
	}
	return all, nil
}

// writeKeys puts back what keyFiles gave.
func (d dataDir) writeKeys(files map[string][]byte) error {
	for name, data := range files {
		if err := writeSynced(filepath.Join(d.keys(), name), data); err != nil {
			return blob.DiskError("referent: write keys", err)
		}
	}
	for _, dir := range []string{d.keys(), string(d)} {
		f, err := os.Open(dir)
		if err == nil {
			err = errors.Join(f.Sync(), f.Close())
		}
		if err != nil {
			return blob.DiskError("referent: write keys", err)
		}
	}
	return nil
}

func writeSynced(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}
