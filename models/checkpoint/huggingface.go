package checkpoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// The names that Hugging Face's transformers gives to the parts of a Whisper, beside OpenAI's.
var (
	huggingFaceWhole = map[string]string{
		"encoder.embed_positions.weight": "encoder.positional_embedding",
		"decoder.embed_positions.weight": "decoder.positional_embedding",
		"decoder.embed_tokens.weight":    "decoder.token_embedding.weight",
	}
	huggingFaceParts = map[string]string{
		"self_attn.q_proj":   "attn.query",
		"self_attn.k_proj":   "attn.key",
		"self_attn.v_proj":   "attn.value",
		"self_attn.out_proj": "attn.out",

		"encoder_attn.q_proj":   "cross_attn.query",
		"encoder_attn.k_proj":   "cross_attn.key",
		"encoder_attn.v_proj":   "cross_attn.value",
		"encoder_attn.out_proj": "cross_attn.out",

		"self_attn_layer_norm":    "attn_ln",
		"encoder_attn_layer_norm": "cross_attn_ln",
		"final_layer_norm":        "mlp_ln",
		"fc1":                     "mlp.0",
		"fc2":                     "mlp.2",
	}
	huggingFaceLayer = regexp.MustCompile(`^(encoder|decoder)\.layers\.(\d{1,3})\.(.+)\.(weight|bias)$`)
)

// openAIName gives OpenAI's name for one of Hugging Face's, "" for a tensor that is of no use (the
// output projection, which is the token embedding again), and false for one that is not Whisper's.
func openAIName(name string) (string, bool) {
	name = strings.TrimPrefix(name, "model.")
	if name == "proj_out.weight" {
		return "", true
	}
	if to, ok := huggingFaceWhole[name]; ok {
		return to, true
	}
	if m := huggingFaceLayer.FindStringSubmatch(name); m != nil {
		part, ok := huggingFaceParts[m[3]]
		return fmt.Sprintf("%s.blocks.%s.%s.%s", m[1], m[2], part, m[4]), ok
	}
	for from, to := range map[string]string{
		"encoder.conv1.": "encoder.conv1.", "encoder.conv2.": "encoder.conv2.",
		"encoder.layer_norm.": "encoder.ln_post.", "decoder.layer_norm.": "decoder.ln.",
	} {
		if rest, ok := strings.CutPrefix(name, from); ok && (rest == "weight" || rest == "bias") {
			return to + rest, true
		}
	}
	return "", false
}

// addForeign takes a tensor under the name it has in the file: Hugging Face's, or already OpenAI's.
func (c *Checkpoint) addForeign(name string, t Tensor) error {
	if to, ok := openAIName(name); ok {
		if to == "" {
			return nil
		}
		return c.add(to, t)
	}
	if strings.Contains(name, ".blocks.") || strings.HasSuffix(name, ".positional_embedding") ||
		name == "decoder.token_embedding.weight" || strings.HasPrefix(name, "encoder.ln_post.") || strings.HasPrefix(name, "decoder.ln.") {
		return c.add(name, t)
	}
	return badFormat("tensor %q is not part of a Whisper", name)
}

// loadSharded reads the files that an index names.
func (c *Checkpoint) loadSharded(index string) error {
	raw, err := readSmall(index, 16<<20)
	if err != nil {
		return err
	}
	var parsed struct {
		WeightMap map[string]string `json:"weight_map"`
	}
	if err := json.Unmarshal(raw, &parsed); err != nil || len(parsed.WeightMap) == 0 {
		return badFormat("the index lists no files")
	}
	done := map[string]bool{}
	for _, name := range parsed.WeightMap {
		if done[name] {
			continue
		}
		done[name] = true
		if name != filepath.Base(name) || name == ".." || strings.HasSuffix(name, ".json") {
			return badFormat("the index points outside its folder")
		}
		if err := c.load(filepath.Join(filepath.Dir(index), name)); err != nil {
			return err
		}
	}
	for name := range parsed.WeightMap {
		if to, _ := openAIName(name); to != "" {
			if _, ok := c.Tensors[to]; !ok {
				return badFormat("tensor %q is in the index but in none of its files", name)
			}
		}
	}
	return nil
}

// headsIn reads the number of attention heads from config.json; without one, both are 0.
func headsIn(folder string) (encoder, decoder int, err error) {
	raw, err := readSmall(filepath.Join(folder, "config.json"), 1<<20)
	if errors.Is(err, os.ErrNotExist) {
		return 0, 0, nil
	}
	if err != nil {
		return 0, 0, err
	}
	var config struct {
		Encoder int `json:"encoder_attention_heads"`
		Decoder int `json:"decoder_attention_heads"`
	}
	if err := json.Unmarshal(raw, &config); err != nil {
		return 0, 0, badFormat("config.json is not JSON")
	}
	return config.Encoder, config.Decoder, nil
}

// readSmall reads a file that has no business being larger than limit bytes.
func readSmall(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, bare(err)
	}
	if info.Size() > limit {
		return nil, badFormat("%s is larger than %d bytes", filepath.Ext(path), limit)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, bare(err)
	}
	return raw, nil
}
