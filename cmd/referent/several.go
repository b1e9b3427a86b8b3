package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"regexp"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/configs"
	"github.com/referent/referent/web"
)

// several reports whether other servers may be over what this one is: where neither meetings, recordings nor the queue
// lie in its own folder.
func several(cfg configs.Config) bool {
	return cfg.Database.Enabled() && cfg.Blobs.Enabled() && cfg.NATS.URL != ""
}

var placeForm = regexp.MustCompile(`^[0-9a-f]{16}$`)

// place names the folder among those of other servers. It lies outside the keys, which operators copy.
func (d dataDir) place() (string, error) {
	const op = "referent: name data folder"
	text, err := os.ReadFile(d.placeFile())
	if err == nil {
		text = bytes.TrimSpace(text)
		if !placeForm.Match(text) {
			return "", referent.E(referent.CodeConfig, op, errors.New("the file server-id is malformed")).WithHint("remove it from the data folder to have a new one made")
		}
		return string(text), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", referent.E(referent.CodeConfig, op, err)
	}
	name := token(8)
	// Half of one would keep the server from starting.
	half := d.placeFile() + ".new"
	err = os.WriteFile(half, []byte(name), 0o600)
	if err == nil {
		err = os.Rename(half, d.placeFile())
	}
	if err != nil {
		return "", referent.E(referent.CodeConfig, op, err)
	}
	return name, nil
}

// token is n bytes of chance in hex.
func token(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// keepToken lets the token of this machine's command line go on while the server runs.
func (s *system) keepToken(ctx context.Context) error {
	if s.place == "" {
		return nil
	}
	for wait := web.LocalTokenEvery; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
		wait = web.LocalTokenEvery
		if err := web.RenewLocalToken(ctx, s.store, s.place); err != nil && ctx.Err() == nil {
			s.log.Warn("token of the command line not renewed; will try again", "error", err)
			wait = time.Hour
		}
	}
}
