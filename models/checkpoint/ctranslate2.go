package checkpoint

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// CTranslate2's numbers for the kinds of values in model.bin.
var ctranslate2Kinds = map[uint8]Kind{0: Float32, 4: Float16, 5: BFloat16}

// ctranslate2Spec is what CTranslate2 calls Whisper.
const ctranslate2Spec = "WhisperSpec"

// limits that a real file is far inside of.
const (
	maxVariables = 1 << 14
	maxRank      = 8
)

// looksLikeCTranslate2 tells from the first 16 bytes whether a file is a Whisper model.bin: a small
// version number and the name of the specification with its length and closing zero.
func looksLikeCTranslate2(head []byte) bool {
	return len(head) >= 16 && binary.LittleEndian.Uint32(head) < 100 &&
		int(binary.LittleEndian.Uint16(head[4:])) == len(ctranslate2Spec)+1 && string(head[6:16]) == ctranslate2Spec[:10]
}

// FromCTranslate2 reads a model.bin that need not be a file: it may lie inside an archive, or be several
// parts read as one (see [Join]). The vocabulary is in the form of one of [VocabularyFiles], whose name
// says which. Close does nothing to r.
func FromCTranslate2(r io.ReaderAt, size int64, vocabularyName string, vocabulary []byte) (*Checkpoint, error) {
	c := &Checkpoint{}
	if err := c.loadCTranslate2(r, size); err != nil {
		return nil, fmt.Errorf("checkpoint: read model.bin: %w", err)
	}
	var err error
	if c.Tokens, err = ParseVocabulary(vocabularyName, vocabulary); err != nil {
		return nil, fmt.Errorf("checkpoint: read %s: %w", vocabularyName, err)
	}
	return c, nil
}

// loadCTranslate2Parts joins model.bin.part1, .part2 ... before reading; other files are read as they are.
func (c *Checkpoint) loadCTranslate2Parts(path string, first *os.File, size int64) error {
	stem, number, isPart := strings.Cut(filepath.Base(path), ".part")
	if !isPart {
		return c.loadCTranslate2(first, size)
	}
	joined := Join(Piece{first, size})
	for i := 2; ; i++ {
		next := filepath.Join(filepath.Dir(path), fmt.Sprintf("%s.part%0*d", stem, len(number), i))
		if !isFile(next) {
			break
		}
		f, n, err := c.open(next)
		if err != nil {
			return err
		}
		joined = Join(append(joined.pieces, Piece{f, n})...)
	}
	return c.loadCTranslate2(joined, joined.Size())
}

// loadCTranslate2 reads the table of variables and gives them OpenAI's names.
func (c *Checkpoint) loadCTranslate2(r io.ReaderAt, size int64) error {
	c.Format = "ctranslate2"
	t := &ct2Table{at: r, size: size, tensors: map[string]Tensor{}, numbers: map[string]int{}}
	if err := t.read(); err != nil {
		return err
	}
	c.encoderHeads, c.decoderHeads = t.numbers["encoder/num_heads"], t.numbers["decoder/num_heads"]
	m := ct2Mapper{checkpoint: c, tensors: t.tensors}
	for _, pair := range [][2]string{
		{"encoder/position_encodings/encodings", "encoder.positional_embedding"},
		{"encoder/conv1/weight", "encoder.conv1.weight"}, {"encoder/conv1/bias", "encoder.conv1.bias"},
		{"encoder/conv2/weight", "encoder.conv2.weight"}, {"encoder/conv2/bias", "encoder.conv2.bias"},
		{"decoder/position_encodings/encodings", "decoder.positional_embedding"},
		{"decoder/embeddings/weight", "decoder.token_embedding.weight"},
	} {
		m.rename(pair[0], pair[1])
	}
	m.norm("encoder/layer_norm", "encoder.ln_post")
	m.norm("decoder/layer_norm", "decoder.ln")
	for i := 0; m.has(fmt.Sprintf("encoder/layer_%d/ffn/linear_0/weight", i)); i++ {
		m.block(fmt.Sprintf("encoder/layer_%d", i), fmt.Sprintf("encoder.blocks.%d", i), false)
	}
	for i := 0; m.has(fmt.Sprintf("decoder/layer_%d/ffn/linear_0/weight", i)); i++ {
		m.block(fmt.Sprintf("decoder/layer_%d", i), fmt.Sprintf("decoder.blocks.%d", i), true)
	}
	return m.err
}

// ct2Table is the list of variables in model.bin.
type ct2Table struct {
	at      io.ReaderAt
	size    int64
	pos     int64
	err     error
	tensors map[string]Tensor
	numbers map[string]int // single integers, such as the number of heads
}

func (t *ct2Table) read() error {
	version := t.u32()
	if version < 4 && t.err == nil { // earlier versions have another layout of variables
		return badFormat("model.bin of version %d; convert it again with a newer CTranslate2", version)
	}
	if spec := t.name(); spec != ctranslate2Spec && t.err == nil {
		return badFormat("model.bin holds another kind of model")
	}
	t.u32() // revision of the specification
	count := t.u32()
	if count > maxVariables && t.err == nil {
		return badFormat("%d variables", count)
	}
	for range count {
		if err := t.variable(); err != nil {
			return err
		}
	}
	// The aliases that follow only say that the output projection is the embedding, as in every Whisper.
	return t.err
}

func (t *ct2Table) variable() error {
	name := t.name()
	rank := t.u8()
	if rank > maxRank && t.err == nil {
		return badFormat("a variable of rank %d", rank)
	}
	shape := make([]int, 0, maxRank)
	for range rank {
		shape = append(shape, int(t.u32()))
	}
	kind, bytes := t.u8(), int64(t.u32())
	if t.err != nil {
		return t.err
	}
	if bytes > t.size-t.pos {
		return badFormat("variable %q reaches past the end; a part is missing", name)
	}
	n, ok := elements(shape)
	if !ok {
		return badFormat("variable %q has a shape that cannot be", name)
	}
	if _, twice := t.tensors[name]; twice {
		return badFormat("variable %q occurs twice", name)
	}
	start := t.pos
	t.pos += bytes
	if float, ok := ctranslate2Kinds[kind]; ok {
		if n*float.size() != bytes {
			return badFormat("variable %q has %d bytes for %d numbers", name, bytes, n)
		}
		t.tensors[name] = Tensor{Shape: shape, Kind: float, at: t.at, off: start}
		return nil
	}
	if rank == 0 && (bytes == 1 || bytes == 2 || bytes == 4) {
		var b [4]byte
		if _, err := t.at.ReadAt(b[:bytes], start); err != nil {
			return bare(err)
		}
		t.numbers[name] = int(binary.LittleEndian.Uint32(b[:]))
		return nil
	}
	if strings.HasSuffix(name, "/weight") {
		return badFormat("the weights are quantised to integers; take the float16 version")
	}
	return nil // a table of no use here, such as the alignment heads
}

// next reads n bytes and moves on.
func (t *ct2Table) next(n int64) []byte {
	b := make([]byte, n)
	if t.err != nil {
		return b
	}
	if n > t.size-t.pos {
		t.err = badFormat("model.bin stops early")
		return b
	}
	if got, err := t.at.ReadAt(b, t.pos); int64(got) < n {
		t.err = bare(err)
		return make([]byte, n)
	}
	t.pos += n
	return b
}

func (t *ct2Table) u8() uint8   { return t.next(1)[0] }
func (t *ct2Table) u16() uint16 { return binary.LittleEndian.Uint16(t.next(2)) }
func (t *ct2Table) u32() uint32 { return binary.LittleEndian.Uint32(t.next(4)) }

// name reads a string that is stored with its length and a closing zero.
func (t *ct2Table) name() string {
	return strings.TrimSuffix(string(t.next(int64(t.u16()))), "\x00")
}

// ct2Mapper moves variables to the checkpoint under their new names. The first error sticks.
type ct2Mapper struct {
	checkpoint *Checkpoint
	tensors    map[string]Tensor
	err        error
}

func (m *ct2Mapper) has(name string) bool { _, ok := m.tensors[name]; return ok }

func (m *ct2Mapper) get(name string) (Tensor, bool) {
	t, ok := m.tensors[name]
	if !ok && m.err == nil {
		m.err = badFormat("variable %q is missing", name)
	}
	return t, ok
}

func (m *ct2Mapper) put(name string, t Tensor) {
	if m.err == nil {
		m.err = m.checkpoint.add(name, t)
	}
}

func (m *ct2Mapper) rename(from, to string) {
	if t, ok := m.get(from); ok {
		m.put(to, t)
	}
}

func (m *ct2Mapper) norm(from, to string) {
	m.rename(from+"/gamma", to+".weight")
	m.rename(from+"/beta", to+".bias")
}

func (m *ct2Mapper) block(from, to string, decoder bool) {
	m.stack(from+"/self_attention/linear_0", to+".attn", "query", "key", "value")
	m.output(from+"/self_attention", "linear_1", to+".attn")
	if decoder {
		m.stack(from+"/attention/linear_0", to+".cross_attn", "query")
		m.stack(from+"/attention/linear_1", to+".cross_attn", "key", "value")
		m.output(from+"/attention", "linear_2", to+".cross_attn")
	}
	for i, j := range []int{0, 2} { // between the two stands the activation
		for _, part := range []string{"weight", "bias"} {
			m.rename(fmt.Sprintf("%s/ffn/linear_%d/%s", from, i, part), fmt.Sprintf("%s.mlp.%d.%s", to, j, part))
		}
	}
	m.norm(from+"/ffn/layer_norm", to+".mlp_ln")
}

func (m *ct2Mapper) output(from, linear, to string) {
	m.rename(from+"/"+linear+"/weight", to+".out.weight")
	m.rename(from+"/"+linear+"/bias", to+".out.bias")
	m.norm(from+"/layer_norm", to+"_ln")
}

// stack takes apart projections that are stacked on the first axis. Whisper's key projection has no
// bias: CTranslate2 stores zeros for it, which are checked and dropped.
func (m *ct2Mapper) stack(from, to string, names ...string) {
	weight, ok1 := m.get(from + "/weight")
	bias, ok2 := m.get(from + "/bias")
	if !ok1 || !ok2 {
		return
	}
	if len(weight.Shape) != 2 || len(bias.Shape) != 1 || bias.Shape[0] != weight.Shape[0] || weight.Shape[0]%len(names) != 0 {
		m.err = badFormat("variable %q does not hold %d projections", from, len(names))
		return
	}
	rows := weight.Shape[0] / len(names)
	for i, name := range names {
		m.put(to+"."+name+".weight", weight.Rows(i*rows, (i+1)*rows))
		b := bias.Rows(i*rows, (i+1)*rows)
		if name != "key" {
			m.put(to+"."+name+".bias", b)
			continue
		}
		if zero, err := b.allZero(); err != nil {
			m.err = err
		} else if !zero {
			m.err = badFormat("variable %q has a bias on its key, which whisper.cpp has no place for", from)
		}
	}
}
