package corpus_test

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/referent/referent"
	"github.com/referent/referent/eval"
	"github.com/referent/referent/eval/corpus"
)

// folder is a data folder: names and what is in the files.
func folder(files ...string) fstest.MapFS {
	data := fstest.MapFS{}
	for _, f := range files {
		name, text, _ := strings.Cut(f, "\x00")
		data[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return data
}

func read(t *testing.T, data fs.FS, set string) (map[string]corpus.Recording, map[string]corpus.Reason, []string) {
	t.Helper()
	all, skipped, err := corpus.Read(data, set)
	if err != nil {
		t.Fatal(err)
	}
	found, reasons := map[string]corpus.Recording{}, map[string]corpus.Reason{}
	var order []string
	for _, r := range all {
		found[r.Name] = r
		order = append(order, r.Name)
	}
	for _, s := range skipped {
		reasons[s.Name] = s.Reason
	}
	return found, reasons, order
}

func TestSpeech(t *testing.T) {
	found, skipped, order := read(t, folder("speech-nb/b.mp3", "speech-nb/b.txt\x00 Møtet er satt. \n", "speech-nb/a/c.m4a", "speech-nb/notes.md"), corpus.SpeechNB)
	if len(order) != 1 || found["speech-nb/b.mp3"].Text != "Møtet er satt." || found["speech-nb/b.mp3"].Spoken != "no" || skipped["speech-nb/a/c.m4a"] != corpus.NoReference {
		t.Errorf("norwegian: %+v, %v", found, skipped)
	}
	found, skipped, order = read(t, folder("speech-en/jfk/jfk.wav", "speech-en/jfk/jfk.flac", "speech-en/x/one.wav", "speech-en/x/two.wav",
		"speech-en/x/test_samples.json\x00"+`[{"filename":"one.wav","transcription":"A gold ring."}]`,
		"speech-en/y/z.wav", "speech-en/y/z.txt\x00to be", `speech-en/y/z.json`+"\x00"+`{"w":[{"b":0,"d":0.2,"t":"<sil>"},{"b":0.2,"d":0.25,"t":"to(3)"},{"b":0.5,"d":0.5,"t":"be"}]}`), corpus.SpeechEN)
	words := []eval.Word{{Text: "to", Start: 0.2, End: 0.45}, {Text: "be", Start: 0.5, End: 1}}
	if len(order) != 3 || found["speech-en/x/one.wav"].Text != "A gold ring." || skipped["speech-en/x/two.wav"] != corpus.NoReference ||
		!slices.Equal(found["speech-en/y/z.wav"].Words, words) || !strings.HasPrefix(found["speech-en/jfk/jfk.wav"].Text, "And so") {
		t.Errorf("english: %+v, %v", found, skipped)
	}
	_, _, order = read(t, folder("formats/audio.aac", "formats/audio.flac", "formats/audio.mp3"), corpus.Formats)
	if !slices.Equal(order, []string{"formats/audio.flac", "formats/audio.aac", "formats/audio.mp3"}) {
		t.Errorf("formats: %v", order)
	}
}

func TestSpeakers(t *testing.T) {
	const rttm = "SPEAKER s 1 1 2 <NA> <NA> A <NA> <NA>\nSPEAKER s 1 2 2 <NA> <NA> B <NA> <NA>\n"
	found, skipped, _ := read(t, folder(
		"speakers/sample.wav", "speakers/sample.rttm\x00"+rttm, "speakers/sample.stm\x00s 1 X 1 2 hello\n",
		"speakers/ami/dev.wav", "speakers/ami/dev.ami.rttm\x00"+rttm,
		"speakers/p/d.wav", "speakers/p/d.segments\x000\t6.5\tA\n6.5\t9\tB\n9\t12\tA\n",
		"speakers/falcon/test.wav", `speakers/falcon/test_data.json`+"\x00"+`{"tests":{"diarization_tests":[{"audio_file":"test.wav","segments":[{"start_sec":1.5,"end_sec":3,"speaker_tag":1}]}]}}`,
		"speakers/stereo/s.wav", "speakers/lone.wav"), corpus.Speakers)
	sample, ami, rough, falcon, stereo := found["speakers/sample.wav"], found["speakers/ami/dev.wav"], found["speakers/p/d.wav"], found["speakers/falcon/test.wav"], found["speakers/stereo/s.wav"]
	if sample.Speakers != 2 || len(sample.Utterances) != 1 || sample.Beside || !sample.Known || !slices.Equal(sample.Speech, []eval.Region{{Start: 1, End: 4}}) {
		t.Errorf("sample %+v", sample)
	}
	if len(ami.Turns) != 2 || ami.Utterances != nil {
		t.Errorf("ami %+v", ami)
	}
	if rough.Speakers != 2 || len(rough.Turns) != 3 || !rough.Beside || rough.Known {
		t.Errorf("segments %+v", rough)
	}
	if falcon.Speakers != 1 || falcon.Turns[0] != (eval.Turn{Speaker: "1", Start: 1.5, End: 3}) {
		t.Errorf("falcon %+v", falcon)
	}
	if stereo.Speakers != 2 || stereo.Turns != nil || !stereo.Beside {
		t.Errorf("stereo %+v", stereo)
	}
	if skipped["speakers/lone.wav"] != corpus.NoReference {
		t.Errorf("skipped %v", skipped)
	}
}

func TestNoise(t *testing.T) {
	found, skipped, _ := read(t, folder("noise/esc50/1.wav", "noise/silero/test.wav", "noise/broken_files/a.m4a", "noise/librosa_music/bird.ogg",
		"noise/librosa_music/Karissa_Hobbs_song_with_vocals.ogg", "noise/ina/musanmix.wav",
		"noise/ina/musanmix-smn-gender.csv\x00labels\tstart\tstop\nmusic\t0.0\t22.5\nmale\t63.5\t68.0\nfemale\t69.0\t70.0\n"), corpus.Noise)
	if r := found["noise/esc50/1.wav"]; !r.Known || r.Speech != nil {
		t.Errorf("noise %+v", r)
	}
	if r := found["noise/ina/musanmix.wav"]; !slices.Equal(r.Speech, []eval.Region{{Start: 63.5, End: 68}, {Start: 69, End: 70}}) {
		t.Errorf("labelled %+v", r)
	}
	if len(found) != 3 || skipped["noise/silero/test.wav"] != corpus.SpeechInside || skipped["noise/broken_files/a.m4a"] != corpus.Broken ||
		skipped["noise/librosa_music/Karissa_Hobbs_song_with_vocals.ogg"] != corpus.SpeechInside {
		t.Errorf("found %v, skipped %v", found, skipped)
	}
}

func TestBadData(t *testing.T) {
	if _, _, err := corpus.Read(folder("noise/a.wav"), corpus.SpeechNB); referent.CodeOf(err) != referent.CodeNotFound || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
	if _, _, err := corpus.Read(folder("minutes/a.wav"), "minutes"); referent.CodeOf(err) != referent.CodeInvalid {
		t.Errorf("a set that is none: %v", err)
	}
	for name, data := range map[string]fs.FS{
		corpus.Speakers:                folder("speakers/a.wav", "speakers/a.rttm\x00SPEAKER a"),
		corpus.Speakers + "/segments":  folder("speakers/a.wav", "speakers/a.segments\x00hemmelig tale her"),
		corpus.Speakers + "/backwards": folder("speakers/a.wav", "speakers/a.segments\x003 2 hemmelig"),
		corpus.Speakers + "/falcon":    folder("speakers/a.wav", "speakers/test_data.json\x00[]"),
		corpus.SpeechEN + "/words":     folder("speech-en/a.wav", "speech-en/a.txt\x00x", "speech-en/a.json\x00[]"),
		corpus.SpeechEN + "/list":      folder("speech-en/a.wav", "speech-en/test_samples.json\x00{}"),
		corpus.Noise + "/labels":       folder("noise/ina/a.wav", "noise/ina/a-smn-gender.csv\x00male\themmelig\t2"),
	} {
		set, _, _ := strings.Cut(name, "/")
		_, _, err := corpus.Read(data, set)
		if referent.CodeOf(err) != referent.CodeInvalid || strings.Contains(err.Error(), "hemmelig tale") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMeetingClips(t *testing.T) {
	data := folder("speech-nb/read/a.m4a", "speech-nb/read/b.m4a", "speech-nb/king.mp3", "speech-en/pocketsphinx_librivox/a.wav",
		"speech-en/joinly_osr/OSR_us_000_0034_8k.wav", "speech-en/jfk/jfk.wav", "noise/ina/lamartine.wav", "speakers/sample.wav",
		"speakers/sample.rttm\x00SPEAKER s 1 0 5 <NA> <NA> speaker90 <NA>\nSPEAKER s 1 4 6 <NA> <NA> speaker91 <NA>\nSPEAKER s 1 11 1 <NA> <NA> speaker91 <NA>\n")
	clips, err := corpus.MeetingClips(data)
	if err != nil {
		t.Fatal(err)
	}
	people := map[string]bool{}
	for _, c := range clips {
		people[c.Speaker] = true
	}
	last := clips[len(clips)-1]
	if len(people) != 8 || last != (corpus.Clip{Name: "speakers/sample.wav", Speaker: "speaker91", Start: 5, End: 10}) {
		t.Errorf("%d people, last %+v", len(people), last)
	}
	for name := range data {
		if path.Ext(name) == ".m4a" { // one of two will do
			continue
		}
		less := fstest.MapFS{}
		for other, file := range data {
			if other != name {
				less[other] = file
			}
		}
		if _, err := corpus.MeetingClips(less); referent.CodeOf(err) != referent.CodeNotFound {
			t.Errorf("without %s: %v", name, err)
		}
	}
}

// The evaluation data beside the repository is read whole.
func TestSharedData(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "shared", "eval")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("SKIPPED: the evaluation data is not beside the repository: %v", err)
	}
	data := os.DirFS(dir)
	for set, want := range map[string]int{corpus.SpeechNB: 15, corpus.SpeechEN: 7, corpus.Formats: 8, corpus.Speakers: 14, corpus.Noise: 18} {
		found, _, _ := read(t, data, set)
		if len(found) < want {
			t.Errorf("%s has %d recordings, want %d", set, len(found), want)
		}
	}
	if clips, err := corpus.MeetingClips(data); err != nil || len(clips) < 20 {
		t.Errorf("%d clips, %v", len(clips), err)
	}
}
