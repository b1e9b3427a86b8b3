package pipeline

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/nats-io/nats.go"

	"github.com/referent/referent"
	"github.com/referent/referent/worker/protocol"
)

// openModels are the weights that workers have asked for, open until the server stops.
type openModels struct {
	mu    sync.Mutex
	files map[string]openModel
}

type openModel struct {
	f            ModelFile
	file, sha256 string
}

// maxModels bounds how many files of weights are open at once.
const maxModels = 16

func (o *openModels) get(src ModelSource, name string) (openModel, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if m, ok := o.files[name]; ok {
		return m, nil
	}
	if src == nil {
		return openModel{}, referent.E(referent.CodeModelMissing, "pipeline: open weights", errors.New("this server has no weights to give"))
	}
	if len(o.files) >= maxModels {
		return openModel{}, referent.E(referent.CodeUnavailable, "pipeline: open weights", errors.New("too many weights are open"))
	}
	f, file, sum, err := src.Open(name)
	if err != nil {
		return openModel{}, err
	}
	o.files[name] = openModel{f, file, sum}
	return o.files[name], nil
}

// close gives the files back. Files that were only read have nothing to lose by a failure.
func (o *openModels) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for name, m := range o.files {
		_ = m.f.Close()
		delete(o.files, name)
	}
}

func (p *Pipeline) onModel(_ context.Context, m *nats.Msg) ([]byte, nats.Header, error) {
	const op = "pipeline: read weights"
	var req protocol.ModelRequest
	if err := decode(m.Data, &req); err != nil {
		return nil, nil, err
	}
	model, err := p.models.get(p.cfg.Models, req.Name)
	if err != nil {
		return nil, nil, err
	}
	size := model.f.Size()
	if req.Offset < 0 || req.Offset > size || req.Length < 0 {
		return nil, nil, invalid(op, "outside the file")
	}
	piece := make([]byte, min(int64(req.Length), protocol.MaxPiece, size-req.Offset))
	if n, err := model.f.ReadAt(piece, req.Offset); n < len(piece) {
		if err == nil || errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, nil, referent.E(referent.CodeOf(err), op, err)
	}
	header := sizeHeader(size)
	header.Set(protocol.HeaderName, model.file)
	header.Set(protocol.HeaderDigest, model.sha256)
	return piece, header, nil
}
