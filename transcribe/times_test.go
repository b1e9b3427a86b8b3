package transcribe_test

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent"
)

// timed is a word and when it is said; -1: not known.
type timed struct {
	text       string
	start, end float64
}

// librivox reads the audiobook clips of the evaluation data with the times of their words.
func librivox(t *testing.T) (pcm [][]byte, words [][]timed) {
	t.Helper()
	clips, _ := filepath.Glob(filepath.Join("..", "..", "shared", "eval", "speech-en", "pocketsphinx_librivox", "*.wav"))
	for _, path := range clips {
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		_, samples := prepare(t, file)
		raw, err := os.ReadFile(strings.TrimSuffix(path, ".wav") + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var reference struct {
			W []struct {
				B, D float64
				T    string
			}
		}
		if err := json.Unmarshal(raw, &reference); err != nil {
			t.Fatal(err)
		}
		var said []timed
		for _, w := range reference.W {
			text, _, _ := strings.Cut(w.T, "(") // which of its pronunciations
			if text = strings.Trim(text, "<>"); text != "sil" && text != "s" && text != "/s" {
				said = append(said, timed{text, w.B, w.B + w.D})
			}
		}
		pcm, words = append(pcm, samples), append(words, said)
	}
	return pcm, words
}

// heardWords recognises pcm and gives its words as the reference writes them.
func heardWords(t *testing.T, pcm []byte) []timed {
	t.Helper()
	prepared, decoded := prepare(t, wave(pcm))
	var words []timed
	for _, c := range recognize(t, 1, prepared.Plan, bytes.NewReader(decoded)) {
		for _, s := range c.Segments {
			for _, w := range s.Words {
				text := strings.NewReplacer("mr.", "mister", "mrs.", "missus").Replace(strings.ToLower(w.Text))
				parts := strings.Split(strings.Trim(text, ".,;:!?\"'"), "-")
				for i, p := range parts {
					x := timed{p, -1, -1}
					if i == 0 {
						x.start = w.Start
					}
					if i == len(parts)-1 {
						x.end = w.End
					}
					words = append(words, x)
				}
			}
		}
	}
	return words
}

// errorsOf are how far the times of the words that were heard right are off, in seconds.
func errorsOf(said, heard []timed) (off []float64) {
	same := make([][]int, len(said)+1) // longest common sequence of the rests
	for i := range same {
		same[i] = make([]int, len(heard)+1)
	}
	for i := len(said) - 1; i >= 0; i-- {
		for j := len(heard) - 1; j >= 0; j-- {
			same[i][j] = max(same[i+1][j], same[i][j+1])
			if said[i].text == heard[j].text {
				same[i][j] = max(same[i][j], same[i+1][j+1]+1)
			}
		}
	}
	for i, j := 0, 0; i < len(said) && j < len(heard); {
		switch {
		case said[i].text == heard[j].text && same[i][j] == same[i+1][j+1]+1:
			if heard[j].start >= 0 {
				off = append(off, math.Abs(heard[j].start-said[i].start))
			}
			if heard[j].end >= 0 {
				off = append(off, math.Abs(heard[j].end-said[i].end))
			}
			i, j = i+1, j+1
		case same[i+1][j] >= same[i][j+1]:
			i++
		default:
			j++
		}
	}
	return off
}

// check compares what was measured with what is asked, and says it.
func check(t *testing.T, name string, off []float64, words int, within, mean float64) {
	t.Helper()
	if len(off) < 2*words*8/10 {
		t.Errorf("%s: only %d times of %d words could be compared", name, len(off), words)
		return
	}
	slices.Sort(off)
	sum, near := 0.0, 0
	for _, x := range off {
		sum += x
		if x <= 0.2 {
			near++
		}
	}
	share := float64(near) / float64(len(off))
	t.Logf("%s: %d times; within 200 ms %.1f %%, mean %.0f ms, median %.0f ms, 95th percentile %.0f ms", name, len(off),
		100*share, 1000*sum/float64(len(off)), 1000*off[len(off)/2], 1000*off[len(off)*95/100])
	if share < within || sum/float64(len(off)) > mean {
		t.Errorf("%s: %.3f within 200 ms and %.3f s on average; want %.2f and %.3f", name, share, sum/float64(len(off)), within, mean)
	}
}

func TestTimesOfWords(t *testing.T) {
	clips, words := librivox(t)
	if len(clips) == 0 {
		t.Skip("the audiobook clips with the times of their words, in ../shared/eval, are not here")
	}
	t.Run("clip by clip", func(t *testing.T) {
		var off []float64
		total := 0
		for i := range clips {
			off = append(off, errorsOf(words[i], heardWords(t, clips[i]))...)
			total += len(words[i])
		}
		check(t, "clip by clip", off, total, 0.94, 0.09)
	})
	// Together they fill one window with several segments, which is harder.
	t.Run("in one window", func(t *testing.T) {
		var pcm []byte
		var said []timed
		for i := range clips {
			at := float64(len(pcm)) / (2 * referent.SampleRate)
			for _, w := range words[i] {
				said = append(said, timed{w.text, w.start + at, w.end + at})
			}
			pcm = append(append(pcm, clips[i]...), make([]byte, 2*referent.SampleRate)...)
		}
		check(t, "in one window", errorsOf(said, heardWords(t, pcm)), len(said), 0.9, 0.11)
	})
}
