package checkpoint

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"
)

// VocabularyFiles are the names under which a vocabulary is looked for beside weights, in order:
// CTranslate2's two forms, Hugging Face's, and OpenAI's.
var VocabularyFiles = []string{"vocabulary.json", "vocabulary.txt", "vocab.json", "multilingual.tiktoken", "gpt2.tiktoken"}

// endOfText is the first special token: what stands before it are the ordinary ones.
const endOfText = "<|endoftext|>"

const maxVocabulary = 64 << 20

func vocabularyIn(folder string) ([][]byte, error) {
	for _, name := range VocabularyFiles {
		raw, err := readSmall(filepath.Join(folder, name), maxVocabulary)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		return ParseVocabulary(name, raw)
	}
	return nil, ErrVocabulary
}

// ParseVocabulary reads a vocabulary whose form is given by its file name, one of [VocabularyFiles], and
// returns the bytes of the ordinary tokens by rank.
func ParseVocabulary(name string, raw []byte) ([][]byte, error) {
	switch filepath.Base(name) {
	case "vocabulary.json":
		var list []string
		if err := json.Unmarshal(raw, &list); err != nil {
			return nil, badFormat("vocabulary.json is not a list of tokens")
		}
		return ordinary(list)
	case "vocabulary.txt":
		return ordinary(strings.Split(string(raw), "\n"))
	case "vocab.json":
		return parseRanks(raw)
	}
	if strings.HasSuffix(name, ".tiktoken") {
		return ParseTiktoken(raw)
	}
	return nil, badFormat("a vocabulary of no known form")
}

// ParseTiktoken reads OpenAI's form: a line for each token, its bytes in base64 and its rank. Ranks must
// run from 0 without a gap. An empty token is written "=".
func ParseTiktoken(raw []byte) ([][]byte, error) {
	var tokens [][]byte
	for line := range bytes.Lines(raw) {
		fields := bytes.Fields(line)
		if len(fields) == 0 {
			continue
		}
		if len(fields) != 2 {
			return nil, badFormat("line %d is not a token and its rank", len(tokens)+1)
		}
		if rank, err := strconv.Atoi(string(fields[1])); err != nil || rank != len(tokens) {
			return nil, badFormat("line %d does not have rank %d", len(tokens)+1, len(tokens))
		}
		token, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(string(fields[0]), "="))
		if err != nil {
			return nil, badFormat("line %d is not base64", len(tokens)+1)
		}
		tokens = append(tokens, token)
	}
	if len(tokens) == 0 {
		return nil, badFormat("an empty vocabulary")
	}
	return tokens, nil
}

// parseRanks reads Hugging Face's form: an object from token to rank.
func parseRanks(raw []byte) ([][]byte, error) {
	var ranks map[string]int
	if err := json.Unmarshal(raw, &ranks); err != nil {
		return nil, badFormat("vocab.json is not an object from token to rank")
	}
	list := make([]string, len(ranks))
	taken := make([]bool, len(ranks))
	for token, rank := range ranks {
		if rank < 0 || rank >= len(list) || taken[rank] {
			return nil, badFormat("vocab.json gives rank %d to no token or to two", rank)
		}
		list[rank], taken[rank] = token, true
	}
	return ordinary(list)
}

// ordinary decodes the tokens before the first special one.
func ordinary(list []string) ([][]byte, error) {
	var tokens [][]byte
	for _, s := range list {
		if s == endOfText {
			break
		}
		token, ok := fromVisible(s)
		if !ok {
			return nil, badFormat("token %d is not in the byte alphabet", len(tokens))
		}
		tokens = append(tokens, token)
	}
	if len(tokens) == 0 || len(tokens) == len(list) {
		return nil, badFormat("a vocabulary without %s", endOfText)
	}
	return tokens, nil
}

// visible is GPT-2's alphabet: every byte has a printable character, its own where that is printable and
// one from U+0100 on where it is not, so that tokens can be written as text.
var visible = func() map[rune]byte {
	alphabet := map[rune]byte{}
	next := rune(0x100)
	for b := range 256 {
		switch r := rune(b); {
		case r >= '!' && r <= '~', r >= 0xa1 && r <= 0xac, r >= 0xae:
			alphabet[r] = byte(b)
		default:
			alphabet[next] = byte(b)
			next++
		}
	}
	return alphabet
}()

func fromVisible(s string) ([]byte, bool) {
	token := make([]byte, 0, len(s))
	for _, r := range s {
		b, ok := visible[r]
		if !ok || r == utf8.RuneError {
			return nil, false
		}
		token = append(token, b)
	}
	return token, true
}
