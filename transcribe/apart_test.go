package transcribe_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe"
	"github.com/referent/referent/transcribe/internal/sample"
)

// later is when the second person of a made recording begins, in seconds.
const later = 6

// other makes another person's voice of the recording: higher, as fast, and later.
const other = "asetrate=17000,aresample=16000,atempo=0.941176,adelay=6000:all=1"

// made makes a recording from the one speech by a filter graph with inputs [a], as it is, and [b], the
// other person; its output is [out].
func made(t *testing.T, name, graph string, args ...string) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), name)
	all := append([]string{"-loglevel", "error", "-nostdin", "-i", sample.JFK(t), "-filter_complex",
		"[0:a]asplit[s1][s2];[s1]apad=whole_dur=18[a];[s2]" + other + ",apad=whole_dur=18[b];" + graph, "-map", "[out]", "-t", "18"}, args...)
	if msg, err := exec.Command("ffmpeg", append(all, out)...).CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg: %v\n%s", err, msg)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

const (
	// crosstalk is a headset each in one room: the other is heard at -20 dB.
	crosstalk = "[a][b]join=inputs=2:channel_layout=stereo,pan=stereo|c0=c0+0.1*c1|c1=c1+0.1*c0[out]"
	// inRoom is two microphones between two people, a little nearer to one each.
	inRoom = "[a]asplit[a1][a2];[b]asplit[b1][b2];[a2]adelay=3:all=1,volume=0.6[af];[b1]adelay=3:all=1,volume=0.6[bf];" +
		"[a1][bf]amix=normalize=0[l];[b2][af]amix=normalize=0[r];[l][r]join=inputs=2:channel_layout=stereo[out]"
	oneCopied = "[a][b]amix=normalize=0,pan=stereo|c0=c0|c1=c0[out]"
	oneFaint  = "[a][b]amix=normalize=0,pan=stereo|c0=c0|c1=0.5*c0[out]"
	oneAlone  = "[a][b]amix=normalize=0,pan=stereo|c0=0*c0|c1=c0[out]"
	threeOf   = "[a][b]join=inputs=2:channel_layout=stereo,pan=3.0|c0=c0|c1=0.05*c0+0.05*c1|c2=c1[out]"
)

func TestChannelsOfOneRoomAreMixed(t *testing.T) {
	for name, file := range map[string][]byte{
		"a copy":           made(t, "x.wav", oneCopied),
		"a compressed one": made(t, "x.mp3", oneCopied),
		"a fainter copy":   made(t, "x.wav", oneFaint),
		"a room":           made(t, "x.flac", inRoom),
		"an empty channel": made(t, "x.m4a", oneAlone, "-c:a", "aac"),
	} {
		t.Run(name, func(t *testing.T) {
			r, pcm := prepare(t, file)
			if r.Plan.Channels > 1 || int64(len(pcm)) != 2*r.Plan.Samples || len(r.Plan.Chunks) == 0 {
				t.Fatalf("%d channels, %d samples, %d bytes", r.Plan.Channels, r.Plan.Samples, len(pcm))
			}
			for _, c := range r.Plan.Chunks {
				if len(c.Voices) == 0 {
					t.Error("nobody listens for who speaks")
				}
				for _, w := range c.Windows {
					if w.Channel != 0 {
						t.Errorf("a window hears channel %d", w.Channel)
					}
				}
			}
			if math.Abs(r.Duration-18) > 0.2 || r.Plan.Speech < 14*referent.SampleRate {
				t.Errorf("%.2f s, of which %d samples are speech", r.Duration, r.Plan.Speech)
			}
		})
	}
}

// A copy in two channels is stored and planned as the one channel it is a copy of.
func TestCopyIsTheSameAsOneChannel(t *testing.T) {
	one, pcm := prepare(t, made(t, "one.wav", "[a][b]amix=normalize=0[out]"))
	two, pcm2 := prepare(t, made(t, "two.wav", oneCopied))
	if !bytes.Equal(pcm, pcm2) {
		t.Error("other samples are stored")
	}
	if one.Plan.Speech != two.Plan.Speech || len(one.Plan.Chunks) != len(two.Plan.Chunks) {
		t.Errorf("%d samples of speech in one channel, %d in two", one.Plan.Speech, two.Plan.Speech)
	}
}

// counted counts the bytes that are read.
type counted struct {
	*bytes.Reader
	n int
}

func (c *counted) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.Reader.ReadAt(p, off)
	c.n += n
	return n, err
}

// Of a long recording of one room, five minutes are listened to twice.
func TestOneRoomIsKnownSoon(t *testing.T) {
	var stereo []byte
	for s := range slices.Chunk(sample.PCM(t), 2) {
		stereo = append(append(stereo, s...), s...)
	}
	const minutes = 12
	file := wave(bytes.Repeat(stereo, minutes*60/11))
	binary.LittleEndian.PutUint16(file[22:], 2) // channels
	binary.LittleEndian.PutUint16(file[32:], 4) // bytes of a frame
	src := &counted{Reader: bytes.NewReader(file)}
	r, err := transcribe.NewPreparer(config(t, 1)).Prepare(t.Context(), src, int64(len(file)), referent.Preparation{}, io.Discard, nil)
	if err != nil || r.Plan.Channels > 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	if share := float64(src.n) / float64(len(file)); share < 1 || share > 1+6.0/minutes {
		t.Errorf("%.2f times the recording was read", share)
	}
}

// byChannel takes a recording through all stages.
func byChannel(t *testing.T, file []byte) (*referent.PrepareResult, *referent.Transcript) {
	t.Helper()
	prepared, pcm := prepare(t, file)
	plan := prepared.Plan
	if int64(len(pcm)) != 2*int64(max(plan.Channels, 1))*plan.Samples {
		t.Fatalf("%d bytes for %d samples of %d channels", len(pcm), plan.Samples, plan.Channels)
	}
	r := transcribe.NewRecognizer(config(t, 2))
	defer r.Close()
	var chunks []referent.ChunkResult
	for i, c := range plan.Chunks {
		res, err := r.Recognize(t.Context(), bytes.NewReader(pcm), referent.Recognition{Chunk: i, Windows: c.Windows, Voices: c.Voices,
			Channels: plan.Channels, Model: "base", Language: "en"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		chunks = append(chunks, *res)
	}
	tr, _ := transcribe.Assemble(referent.Assembly{Prepared: prepared, Chunks: chunks})
	return prepared, tr
}

// said is the words of one speaker, and when each was.
func said(tr *referent.Transcript, speaker string) (words []referent.Word) {
	for _, s := range tr.Segments {
		if s.Speaker == speaker {
			words = append(words, s.Words...)
		}
	}
	return words
}

func text(words []referent.Word) string {
	s := referent.Segment{}
	for _, w := range words {
		s.Text += w.Text + " "
	}
	return plain([]referent.Segment{s})
}

// Two people with a headset each, who talk at the same time for five seconds: each word has its speaker
// and its time, and nothing of what they say at once is lost.
func TestPeopleWithAChannelEach(t *testing.T) {
	for _, tt := range []struct {
		name, graph string
		stored      int
	}{{"two.flac", crosstalk, 2}, {"two.wav", crosstalk, 2}, {"three.wav", threeOf, 2}} {
		t.Run(tt.name, func(t *testing.T) {
			prepared, tr := byChannel(t, made(t, tt.name, tt.graph))
			if prepared.Plan.Channels != tt.stored {
				t.Fatalf("%d channels", prepared.Plan.Channels)
			}
			if tr.SpeakersBy != referent.SpeakersByChannel || len(tr.Speakers) != 2 {
				t.Fatalf("%d speakers by %q", len(tr.Speakers), tr.SpeakersBy)
			}
			first, second := said(tr, tr.Speakers[0].ID), said(tr, tr.Speakers[1].ID)
			if got := text(first); got != sample.Words {
				t.Errorf("heard %q", got)
			}
			// The made voice is not easy to understand; a word or two may be taken for another.
			wrong := 0
			want := strings.Fields(sample.Words)
			for i, w := range strings.Fields(text(second)) {
				if i < len(want) && w != want[i] {
					wrong++
				}
			}
			if len(first) != len(want) || len(second) != len(want) || wrong > 2 {
				t.Fatalf("%d words, and %q", len(first), text(second))
			}
			// Where the recogniser puts a word beside a pause is its own affair, and not the same each time.
			var off []float64
			for i := range first {
				off = append(off, math.Abs(second[i].Start-first[i].Start-later))
			}
			slices.Sort(off)
			if middle, nearly := off[len(off)/2], off[len(off)*8/10]; middle > 0.15 || nearly > 0.5 {
				t.Errorf("half of the words are %.2f s or more out of place, one in five %.2f s", middle, nearly)
			}
			if !slices.ContainsFunc(tr.Segments, func(s referent.Segment) bool { return len(s.Others) > 0 }) {
				t.Error("nobody speaks at the same time as another")
			}
		})
	}
}

// The language of a recording is found in all that is said, whatever the channel.
func TestLanguageOfChannels(t *testing.T) {
	file := made(t, "x.wav", crosstalk)
	r, err := transcribe.NewPreparer(config(t, 1)).Prepare(t.Context(), bytes.NewReader(file), int64(len(file)), findLanguage, io.Discard, nil)
	if err != nil || r.Plan.Channels != 2 || r.Plan.Language != "en" {
		t.Fatalf("%+v, %v", r, err)
	}
}

// full takes no more than so many bytes.
type full struct{ left int }

var errFull = errors.New("no room")

func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestChannelsEndAsOneDoes(t *testing.T) {
	file := made(t, "x.flac", crosstalk)
	prepare := func(file []byte, task referent.Preparation, audio io.Writer) (*referent.PrepareResult, error) {
		return transcribe.NewPreparer(config(t, 1)).Prepare(t.Context(), bytes.NewReader(file), int64(len(file)), task, audio, nil)
	}
	if _, err := prepare(file, referent.Preparation{MaxDuration: 10}, io.Discard); referent.CodeOf(err) != referent.CodeAudioTooLong {
		t.Errorf("too long: %v", err)
	}
	if _, err := prepare(file, referent.Preparation{}, &full{left: 100_000}); !errors.Is(err, errFull) {
		t.Errorf("no room: %v", err)
	}
	var pcm bytes.Buffer
	r, err := prepare(file[:3*len(file)/4], referent.Preparation{MaxDuration: 20}, &pcm)
	if err != nil || len(r.Warnings) != 1 || r.Warnings[0] != referent.CodeAudioTruncated || r.Plan.Channels != 2 || int64(pcm.Len()) != 4*r.Plan.Samples {
		t.Errorf("cut off: %+v, %v", r, err)
	}
}

func TestStereoOfTheEvaluation(t *testing.T) {
	file, err := os.ReadFile(filepath.Join("..", "..", "shared", "eval", "speakers", "stereo", "stereo_diarization.wav"))
	if err != nil {
		t.Skip("this hears speakers/stereo of ../shared/eval, which is not here")
	}
	prepared, tr := byChannel(t, file)
	if prepared.Plan.Channels != 2 || tr.SpeakersBy != referent.SpeakersByChannel || len(tr.Speakers) != 2 {
		t.Fatalf("%d channels, %d speakers by %q", prepared.Plan.Channels, len(tr.Speakers), tr.SpeakersBy)
	}
	for _, s := range tr.Speakers {
		if strings.TrimSpace(text(said(tr, s.ID))) == "" {
			t.Errorf("%s said nothing", s.ID)
		}
	}
}
