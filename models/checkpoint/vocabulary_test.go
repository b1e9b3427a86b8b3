package checkpoint

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestVocabularyForms(t *testing.T) {
	for name, raw := range map[string]string{
		"vocabulary.json":       sampleVocabularyJSON,
		"vocabulary.txt":        sampleVocabularyText,
		"vocab.json":            sampleVocabJSON,
		"multilingual.tiktoken": sampleTiktoken,
		"gpt2.tiktoken":         strings.ReplaceAll(sampleTiktoken, "\n", "\r\n"),
	} {
		got, err := ParseVocabulary(name, []byte(raw))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(got) != len(sampleTokens) || !bytes.Equal(bytes.Join(got, []byte{0}), bytes.Join(sampleTokens, []byte{0})) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestVocabularyRefuses(t *testing.T) {
	for _, c := range [][2]string{
		{"vocabulary.json", `{}`},
		{"vocabulary.json", `["a", "b"]`},                      // nothing says where the special ones start
		{"vocabulary.json", `["<|endoftext|>"]`},               // no ordinary ones
		{"vocabulary.json", "[\"\u4e00\", \"<|endoftext|>\"]"}, // not in the byte alphabet
		{"vocab.json", `["a"]`},
		{"vocab.json", `{"a": 0, "b": 0, "<|endoftext|>": 2}`},
		{"vocab.json", `{"a": 0, "b": 7, "<|endoftext|>": 2}`},
		{"multilingual.tiktoken", ""},
		{"multilingual.tiktoken", "YQ== 1\n"},
		{"multilingual.tiktoken", "YQ== 0 0\n"},
		{"multilingual.tiktoken", "Y 0\n"},
		{"merges.txt", "a b"},
	} {
		if _, err := ParseVocabulary(c[0], []byte(c[1])); !errors.Is(err, ErrFormat) {
			t.Errorf("%s %q: %v", c[0], c[1], err)
		}
	}
}

func TestByteAlphabetIsWhole(t *testing.T) {
	seen := map[byte]bool{}
	for _, b := range visible {
		seen[b] = true
	}
	if len(seen) != 256 || len(visible) != 256 {
		t.Errorf("%d characters for %d bytes", len(visible), len(seen))
	}
	for s, want := range map[string]byte{"Ġ": ' ', "Ċ": '\n', "Ń": 0xad, "ÿ": 0xff, "!": '!'} {
		if got, ok := fromVisible(s); !ok || len(got) != 1 || got[0] != want {
			t.Errorf("%q is %v", s, got)
		}
	}
}

func FuzzTiktoken(f *testing.F) {
	f.Add([]byte(sampleTiktoken))
	f.Add([]byte("= 0"))
	f.Fuzz(func(t *testing.T, b []byte) {
		tokens, err := ParseTiktoken(b)
		if err != nil {
			return
		}
		// Written again, it reads as the same tokens.
		var again bytes.Buffer
		for i, token := range tokens {
			text := base64.StdEncoding.EncodeToString(token)
			if text == "" {
				text = "="
			}
			fmt.Fprintf(&again, "%s %d\n", text, i)
		}
		back, err := ParseTiktoken(again.Bytes())
		if err != nil || len(back) != len(tokens) {
			t.Fatalf("%v", err)
		}
		for i := range tokens {
			if !bytes.Equal(back[i], tokens[i]) {
				t.Fatalf("token %d: %q and %q", i, tokens[i], back[i])
			}
		}
	})
}

func FuzzVocabulary(f *testing.F) {
	f.Add([]byte(sampleVocabJSON))
	f.Add([]byte(sampleVocabularyJSON))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, name := range VocabularyFiles {
			tokens, err := ParseVocabulary(name, b)
			if err == nil && len(tokens) == 0 {
				t.Fatalf("%s: no tokens and no error", name)
			}
		}
	})
}
