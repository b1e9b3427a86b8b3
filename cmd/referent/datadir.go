package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"github.com/referent/referent"
)

// dataDir is the folder that holds all of an installation. Recordings and results in blobs/ are useless
// without keys/, which is therefore backed up apart; the database holds the words of transcripts in
// plain, for searching, and needs an encrypted disk.
type dataDir string

func (d dataDir) database() string  { return filepath.Join(string(d), "referent.db") }
func (d dataDir) blobs() string     { return filepath.Join(string(d), "blobs") }
func (d dataDir) spool() string     { return filepath.Join(string(d), "spool") } // on their way to an object store
func (d dataDir) keys() string      { return filepath.Join(string(d), "keys") }
func (d dataDir) keyring() string   { return filepath.Join(d.keys(), "installation.key") }
func (d dataDir) workerKey() string { return filepath.Join(d.keys(), "worker.nk") }
func (d dataDir) placeFile() string { return filepath.Join(string(d), "server-id") }
func (d dataDir) nats() string      { return filepath.Join(string(d), "nats") }

// local is where a running server leaves its address and a token for the command line of the same user.
func (d dataDir) local() string { return filepath.Join(d.keys(), "local.json") }

// open makes the folder and takes its lock: one server for each folder.
func (d dataDir) open() (*flock.Flock, error) {
	const op = "referent: open data folder"
	if _, err := os.Stat(d.restoring()); err == nil {
		return nil, unfinishedRestore(op)
	}
	for _, dir := range []string{string(d), d.keys()} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, referent.E(referent.CodeConfig, op, err).WithHint("choose a folder that this user may write with --data-dir")
		}
	}
	lock := flock.New(filepath.Join(string(d), "lock"))
	held, err := lock.TryLock()
	if err != nil {
		return nil, referent.E(referent.CodeConfig, op, err)
	}
	if !held {
		return nil, referent.E(referent.CodeConflict, op, errors.New("another referent serves this folder")).
			WithHint("use referent submit to send it work, or another --data-dir")
	}
	return lock, nil
}

// localAccess is what the command line needs to talk to the server of its own data folder.
type localAccess struct {
	URL   string `json:"url"`
	Token string `json:"token"`
	NATS  string `json:"nats"`
}

// writeLocal leaves a server's address and a token for this user's command line, readable by the owner
// only, beside the keys: whoever can read it could read the keys as well. Each start makes a new token.
func (d dataDir) writeLocal(access localAccess) error {
	const op = "referent: write access for the command line"
	data, err := json.Marshal(access)
	if err != nil {
		return referent.E(referent.CodeInternal, op, err)
	}
	// Written beside and renamed, so that a reader never sees half of it.
	part := d.local() + ".part"
	if err := os.WriteFile(part, data, 0o600); err != nil {
		return referent.E(referent.CodeConfig, op, err)
	}
	if err := os.Rename(part, d.local()); err != nil {
		return referent.E(referent.CodeConfig, op, err)
	}
	return nil
}

// readLocal finds the server that runs on this data folder. ok is false when there is none.
func (d dataDir) readLocal() (access localAccess, ok bool) {
	data, err := os.ReadFile(d.local())
	if err != nil || json.Unmarshal(data, &access) != nil {
		return localAccess{}, false
	}
	return access, access.URL != ""
}
