package queue

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/nats-io/nkeys"
	"github.com/referent/referent"
)

// Names of the seed files in the folder given to [LoadKeys].
const (
	ServerSeedFile = "server.nk"
	WorkerSeedFile = "worker.nk"
)

// Keys are two users of the nats-server: the server itself, which may do all, and the workers on its own machine, which
// may do what [WorkerPermissions] lists. Workers elsewhere have keys of their own. The zero value is no use; see
// [LoadKeys].
type Keys struct {
	ServerSeed string // path of the server's seed
	WorkerSeed string // path of the seed of the workers on this machine

	server, worker nkeys.KeyPair
	serverPublic   string
	workerPublic   string
}

// WorkerKey is the public key of the workers on this machine.
func (k *Keys) WorkerKey() string { return k.workerPublic }

// LoadKeys reads the seeds in dir and makes those that are missing, readable by their owner only.
func LoadKeys(dir string) (*Keys, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, referent.E(referent.CodeConfig, "queue: make key folder", err)
	}
	k := &Keys{ServerSeed: filepath.Join(dir, ServerSeedFile), WorkerSeed: filepath.Join(dir, WorkerSeedFile)}
	var err error
	if k.server, k.serverPublic, err = loadSeed(k.ServerSeed); err != nil {
		return nil, err
	}
	if k.worker, k.workerPublic, err = loadSeed(k.WorkerSeed); err != nil {
		return nil, err
	}
	return k, nil
}

func loadSeed(path string) (nkeys.KeyPair, string, error) { return loadKey(path, nkeys.CreateUser) }

// loadKey reads the seed at path; create makes the one that is missing.
func loadKey(path string, create func() (nkeys.KeyPair, error)) (nkeys.KeyPair, string, error) {
	const op = "queue: load seed"
	seed, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		seed, err = makeSeed(path, create)
	}
	if err != nil {
		return nil, "", referent.E(referent.CodeConfig, op, err)
	}
	pair, err := nkeys.ParseDecoratedNKey(seed)
	if err != nil {
		return nil, "", referent.E(referent.CodeConfig, op, err).
			WithHint("%s is not a seed; remove it to have a new one made", filepath.Base(path))
	}
	public, err := pair.PublicKey()
	if err != nil {
		return nil, "", referent.E(referent.CodeConfig, op, err)
	}
	return pair, public, nil
}

// MakeSeed makes a worker's seed at path, readable by its owner only, unless there is one, and returns its public key.
// The signature says to whoever knows the key that the seed is here: it is of the message.
func MakeSeed(path, message string) (key string, signature []byte, err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", nil, referent.E(referent.CodeConfig, "queue: make key folder", err)
	}
	pair, key, err := loadSeed(path)
	if err != nil {
		return "", nil, err
	}
	if signature, err = pair.Sign([]byte(message)); err != nil {
		return "", nil, referent.E(referent.CodeInternal, "queue: sign", err)
	}
	return key, signature, nil
}

// Signed reports whether the signature is the key's of the message.
func Signed(key, message string, signature []byte) bool {
	user, err := nkeys.FromPublicKey(key)
	return err == nil && user.Verify([]byte(message), signature) == nil
}

// makeSeed writes a new seed to path and returns what path holds then: of two processes that start at
// once the first one's seed stands.
func makeSeed(path string, create func() (nkeys.KeyPair, error)) ([]byte, error) {
	pair, err := create()
	if err != nil {
		return nil, err
	}
	seed, err := pair.Seed()
	if err != nil {
		return nil, err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".seed-*") // 0600
	if err != nil {
		return nil, err
	}
	defer os.Remove(tmp.Name())
	_, err = fmt.Fprintf(tmp, "%s\n", seed)
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(tmp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return os.ReadFile(path)
}
