package checkpoint

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/referent/referent/models/ggml"
)

// headWidth is the width of one attention head in every Whisper there is.
const headWidth = 64

// planned is a tensor that a model of these hyperparameters has.
type planned struct {
	name  string
	shape []int
}

// WriteGGML writes the checkpoint as whisper.cpp reads it, matrices as f16: the same bytes every time.
// Tensors that are missing, superfluous or of another shape are [ErrFormat]. progress, which may be nil,
// hears how many numbers of the total are written.
func (c *Checkpoint) WriteGGML(ctx context.Context, w io.Writer, progress func(done, total int64)) error {
	if err := c.writeGGML(ctx, w, progress); err != nil {
		return fmt.Errorf("checkpoint: convert: %w", err)
	}
	return nil
}

func (c *Checkpoint) writeGGML(ctx context.Context, w io.Writer, progress func(done, total int64)) error {
	h, err := c.hyperparameters()
	if err != nil {
		return err
	}
	plan := plan(h)
	if err := c.check(plan); err != nil {
		return err
	}
	filters, err := melFilters(h.Mels)
	if err != nil {
		return err
	}
	out, err := ggml.NewWriter(w, h, filters, c.Tokens)
	if err != nil {
		return err
	}
	var done, total int64
	for _, p := range plan {
		total += c.Tensors[p.name].Len()
	}
	for _, p := range plan {
		if err := ctx.Err(); err != nil {
			return err
		}
		t := c.Tensors[p.name]
		kind, dims := ggml.F32, ggmlDims(p)
		if isMatrix(p) {
			kind = ggml.F16
		}
		data := t.encoder(kind == ggml.F16)
		err := out.Tensor(p.name, kind, dims, data)
		data.Close() // lets the encoder end, also when it was not read to its end
		if err != nil {
			return err
		}
		if done += t.Len(); progress != nil {
			progress(done, total)
		}
	}
	return nil
}

// isMatrix tells which tensors are stored in 16 bits: all with more than one dimension, except the
// positional embeddings, which whisper.cpp adds up in 32.
func isMatrix(p planned) bool {
	return len(p.shape) > 1 && p.name != "encoder.positional_embedding" && p.name != "decoder.positional_embedding"
}

// ggmlDims turns a shape around: ggml lists the fastest-running dimension first. The convolutions'
// biases are columns there, so that they can be added to every position.
func ggmlDims(p planned) []int32 {
	var dims []int32
	for _, d := range slices.Backward(p.shape) {
		dims = append(dims, int32(d))
	}
	if p.name == "encoder.conv1.bias" || p.name == "encoder.conv2.bias" {
		dims = append([]int32{1}, dims...)
	}
	return dims
}

// hyperparameters reads the model's size off its tensors' shapes.
func (c *Checkpoint) hyperparameters() (ggml.Hyperparameters, error) {
	dim := func(name string, rank, axis int) int32 {
		if t, ok := c.Tensors[name]; ok && len(t.Shape) == rank {
			return int32(t.Shape[axis])
		}
		return 0
	}
	layers := func(side string) (n int32) {
		for {
			if _, ok := c.Tensors[fmt.Sprintf("%s.blocks.%d.mlp.0.weight", side, n)]; !ok {
				return n
			}
			n++
		}
	}
	h := ggml.Hyperparameters{
		Vocab:      dim("decoder.token_embedding.weight", 2, 0),
		AudioCtx:   dim("encoder.positional_embedding", 2, 0),
		AudioState: dim("encoder.positional_embedding", 2, 1),
		AudioHead:  int32(c.encoderHeads),
		AudioLayer: layers("encoder"),
		TextCtx:    dim("decoder.positional_embedding", 2, 0),
		TextState:  dim("decoder.positional_embedding", 2, 1),
		TextHead:   int32(c.decoderHeads),
		TextLayer:  layers("decoder"),
		Mels:       dim("encoder.conv1.weight", 3, 1),
		FType:      int32(ggml.F16),
	}
	if h.AudioHead == 0 {
		h.AudioHead = h.AudioState / headWidth
	}
	if h.TextHead == 0 {
		h.TextHead = h.TextState / headWidth
	}
	switch {
	case h.Vocab == 0 || h.AudioState == 0 || h.TextState == 0 || h.AudioLayer == 0 || h.TextLayer == 0 || h.Mels == 0:
		return h, badFormat("embeddings or layers are missing")
	case h.AudioHead <= 0 || h.AudioState%h.AudioHead != 0 || h.TextHead <= 0 || h.TextState%h.TextHead != 0:
		return h, badFormat("%d and %d attention heads for widths of %d and %d", h.AudioHead, h.TextHead, h.AudioState, h.TextState)
	case len(c.Tokens) == 0:
		return h, ErrVocabulary
	case len(c.Tokens) >= int(h.Vocab):
		return h, badFormat("%d tokens for an embedding of %d; the vocabulary belongs to another model", len(c.Tokens), h.Vocab)
	}
	return h, nil
}

// plan lists a model's tensors in the order of OpenAI's own module tree.
func plan(h ggml.Hyperparameters) []planned {
	var p []planned
	add := func(name string, shape ...int) { p = append(p, planned{name, shape}) }
	linear := func(name string, out, in int) {
		add(name+".weight", out, in)
		add(name+".bias", out)
	}
	norm := func(name string, width int) {
		add(name+".weight", width)
		add(name+".bias", width)
	}
	attention := func(name string, width int) {
		linear(name+".query", width, width)
		add(name+".key.weight", width, width)
		linear(name+".value", width, width)
		linear(name+".out", width, width)
		norm(name+"_ln", width)
	}
	feedForward := func(name string, width int) {
		linear(name+".mlp.0", 4*width, width)
		linear(name+".mlp.2", width, 4*width)
		norm(name+".mlp_ln", width)
	}
	audio, text := int(h.AudioState), int(h.TextState)
	add("encoder.positional_embedding", int(h.AudioCtx), audio)
	add("encoder.conv1.weight", audio, int(h.Mels), 3)
	add("encoder.conv1.bias", audio)
	add("encoder.conv2.weight", audio, audio, 3)
	add("encoder.conv2.bias", audio)
	for i := range h.AudioLayer {
		name := fmt.Sprintf("encoder.blocks.%d", i)
		attention(name+".attn", audio)
		feedForward(name, audio)
	}
	norm("encoder.ln_post", audio)
	add("decoder.positional_embedding", int(h.TextCtx), text)
	add("decoder.token_embedding.weight", int(h.Vocab), text)
	for i := range h.TextLayer {
		name := fmt.Sprintf("decoder.blocks.%d", i)
		attention(name+".attn", text)
		attention(name+".cross_attn", text)
		feedForward(name, text)
	}
	norm("decoder.ln", text)
	return p
}

// check holds the checkpoint against the plan, both ways.
func (c *Checkpoint) check(plan []planned) error {
	known := map[string]bool{}
	for _, p := range plan {
		known[p.name] = true
		t, ok := c.Tensors[p.name]
		if !ok {
			return badFormat("tensor %q is missing", p.name)
		}
		if !slices.Equal(squeeze(t.Shape), squeeze(p.shape)) {
			return badFormat("tensor %q has shape %v, not %v", p.name, t.Shape, p.shape)
		}
	}
	for _, name := range c.Names() {
		if !known[name] {
			return badFormat("tensor %q has no place in a model of this size", name)
		}
	}
	return nil
}

// squeeze drops dimensions of one, which formats add and leave out as they please.
func squeeze(shape []int) []int {
	return slices.DeleteFunc(slices.Clone(shape), func(d int) bool { return d == 1 })
}
