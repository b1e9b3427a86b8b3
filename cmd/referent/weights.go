package main

import (
	"context"
	"log/slog"
	"os"
	"sync"

	"github.com/nats-io/nats.go"

	"github.com/referent/referent"
	"github.com/referent/referent/models"
	"github.com/referent/referent/pipeline"
	"github.com/referent/referent/worker"
)

// modelSource lets workers fetch weights from the server's own folder.
type modelSource struct{ store *models.Store }

// Open implements pipeline.ModelSource.
func (m modelSource) Open(name string) (pipeline.ModelFile, string, string, error) {
	const op = "referent: open weights"
	status, err := m.store.Status(name)
	if err != nil {
		return nil, "", "", err
	}
	if !status.Verified {
		if err := m.store.Verify(context.Background(), name); err != nil {
			return nil, "", "", err
		}
		if status, err = m.store.Status(name); err != nil {
			return nil, "", "", err
		}
	}
	f, err := os.Open(status.Path)
	if err != nil {
		return nil, "", "", referent.E(referent.CodeModelMissing, op, err)
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, "", "", referent.E(referent.CodeModelMissing, op, err)
	}
	return sizedFile{f, info.Size()}, status.Entry.File, status.SHA256, nil
}

type sizedFile struct {
	*os.File
	size int64
}

func (f sizedFile) Size() int64 { return f.size }

// fetchedModels finds weights on this machine and fetches from the server what is missing, so that a
// worker needs nothing but NATS.
type fetchedModels struct {
	store *models.Store
	conn  *nats.Conn
	log   *slog.Logger
	// moved tells the worker that the stage that waits for weights is alive; a slow line is no hang.
	moved func()
	mu    sync.Mutex // one fetch at a time: what two stages wait for is fetched once
}

// Path implements what package transcribe asks of a folder of weights.
func (m *fetchedModels) Path(name string) (string, error) {
	path, err := m.store.Path(name)
	if referent.CodeOf(err) != referent.CodeModelMissing {
		return path, err
	}
	if e, err := models.Lookup(name); err == nil {
		for _, need := range e.Needs {
			if _, err := m.Path(need); err != nil {
				return "", err
			}
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if path, err = m.store.Path(name); referent.CodeOf(err) != referent.CodeModelMissing {
		return path, err
	}
	m.log.Info("weights are not on this machine; fetching them from the server", "model", name)
	weights, err := worker.ServerModels{Conn: m.conn, Progress: func(int64, int64) { m.moved() }}.FetchModel(context.Background(), name, m.store.Dir())
	if err != nil {
		return "", err
	}
	return weights.Path, nil
}
