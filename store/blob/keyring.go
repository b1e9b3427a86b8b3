package blob

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"filippo.io/age"

	"github.com/referent/referent"
)

// Keyring is the installation's key-encryption key: an age identity in a file of its own. Whoever has
// it and the database reads every recording; without it nothing can be read ever again. Back it up,
// and not with the rest.
//
// The file is one that the age tool reads: an identity on each line, "#" before comments. The first
// wraps new keys; all of them unwrap, so that a new identity can be put on top.
type Keyring struct {
	identities []age.Identity
	recipient  age.Recipient // of the first
}

// Key is one meeting's age identity. Destroy its wrapped form, and what is sealed to it is gone.
//
// Both kinds of key are age's hybrid of X25519 and ML-KEM-768, which a future quantum computer does not
// open, since a recording stays sensitive for a lifetime. Measured beside plain X25519 on one core:
// 155 instead of 135 microseconds to open, 160 and 200 to seal 4 KiB, 1.5 KB more for each blob.
type Key struct {
	identity  age.Identity
	recipient age.Recipient
}

// String says nothing: keys must not end up in a log.
func (*Key) String() string { return "blob.Key" }

// GoString says nothing either.
func (*Key) GoString() string { return "blob.Key" }

// String says nothing: keys must not end up in a log.
func (*Keyring) String() string { return "blob.Keyring" }

// GoString says nothing either.
func (*Keyring) GoString() string { return "blob.Keyring" }

// OpenKeyring reads the keyring at path. At first use it makes one, with mode 0600; its folder must
// exist. A file that others than its owner may read, or that holds no identity, is CodeConfig.
func OpenKeyring(path string) (*Keyring, error) {
	const op = "blob: open keyring"
	b, err := readPrivate(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeKeyring(path); err != nil {
			return nil, referent.E(referent.CodeConfig, op, withoutPath(err))
		}
		b, err = readPrivate(path)
	}
	if err != nil {
		if _, ok := errors.AsType[*referent.Error](err); ok {
			return nil, err
		}
		return nil, referent.E(referent.CodeConfig, op, withoutPath(err))
	}
	ids, err := age.ParseIdentities(bytes.NewReader(b))
	if err != nil {
		// The cause is not told: age quotes the line that it cannot read.
		return nil, referent.E(referent.CodeConfig, op, errors.New("the file holds no age identity")).
			WithHint("put the keyring back from its backup; a new one cannot open what the old one sealed")
	}
	r, err := recipientOf(ids[0])
	if err != nil {
		return nil, referent.E(referent.CodeConfig, op, err)
	}
	return &Keyring{identities: ids, recipient: r}, nil
}

// readPrivate reads a file that only its owner may read.
func readPrivate(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, referent.E(referent.CodeConfig, "blob: open keyring",
			fmt.Errorf("the keyring has mode %04o", mode)).WithHint("run chmod 600 on it; if others may have read it, make a new one")
	}
	return io.ReadAll(io.LimitReader(f, 1<<20))
}

// makeKeyring writes a new identity durably and never over an existing file, also when two processes
// start at the same time: the first link wins, and both then read the same keyring.
func makeKeyring(path string) error {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return err
	}
	dir := filepath.Dir(path)
	temp := filepath.Join(dir, ".keyring-"+rand.Text())
	f, err := os.OpenFile(temp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "# Referent: the key of all recordings here. Keep a copy in a safe place.\n%s\n", id)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		if err = os.Link(temp, path); errors.Is(err, fs.ErrExist) {
			err = nil
		}
	}
	if err = errors.Join(err, os.Remove(temp)); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func recipientOf(id age.Identity) (age.Recipient, error) {
	switch id := id.(type) {
	case *age.HybridIdentity:
		return id.Recipient(), nil
	case *age.X25519Identity:
		return id.Recipient(), nil
	}
	return nil, errors.New("an age identity of a kind that cannot wrap keys")
}

// Marks name the identities, the one that wraps first, without telling anything of them: 32 hexadecimal digits each.
func (k *Keyring) Marks() ([]string, error) {
	var all []string
	for _, id := range k.identities {
		r, err := recipientOf(id)
		if err != nil {
			return nil, referent.E(referent.CodeConfig, "blob: mark keyring", err)
		}
		sum := sha256.Sum256([]byte(fmt.Sprint(r)))
		all = append(all, hex.EncodeToString(sum[:16]))
	}
	return all, nil
}

// newKey makes a meeting's key and its wrapped form.
func (k *Keyring) newKey() (*Key, []byte, error) {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return nil, nil, err
	}
	var wrapped bytes.Buffer
	w, err := age.Encrypt(&wrapped, k.recipient)
	if err != nil {
		return nil, nil, err
	}
	if _, err := io.WriteString(w, id.String()); err != nil {
		return nil, nil, err
	}
	if err := w.Close(); err != nil {
		return nil, nil, err
	}
	return &Key{id, id.Recipient()}, wrapped.Bytes(), nil
}

// unwrap opens a wrapped key.
func (k *Keyring) unwrap(wrapped []byte) (*Key, error) {
	r, err := age.Decrypt(bytes.NewReader(wrapped), k.identities...)
	if err != nil {
		return nil, err
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	ids, err := age.ParseIdentities(bytes.NewReader(plain))
	if err != nil || len(ids) != 1 {
		return nil, errors.New("not a wrapped key") // age's own error would quote the key
	}
	to, err := recipientOf(ids[0])
	if err != nil {
		return nil, err
	}
	return &Key{ids[0], to}, nil
}
