package transcribe

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"

	"github.com/referent/referent"
)

func TestAudioChannels(t *testing.T) {
	var raw []byte // two channels: 0, 1, 2 ... and 100, 101 ... thirty-second parts of full scale
	for i := range 8 {
		raw = binary.LittleEndian.AppendUint16(raw, uint16(int16(i*1024)))
		raw = binary.LittleEndian.AppendUint16(raw, uint16(int16(-i*3072)))
	}
	w := func(channel int) referent.Window {
		return referent.Window{Spans: []referent.Span{{Start: 1, End: 3}, {Start: 6, End: 8}}, Channel: channel}
	}
	two, err := newAudio(bytes.NewReader(raw), 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name    string
		channel int
		want    []float32 // 32nds
	}{
		{"first", 1, []float32{1, 2, 6, 7}},
		{"second", 2, []float32{-3, -6, -18, -21}},
		{"mixed", 0, []float32{-1, -2, -6, -7}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := two.window(w(tt.channel))
			if err != nil {
				t.Fatal(err)
			}
			for i := range got {
				got[i] *= 32
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
	one, err := newAudio(bytes.NewReader(raw), 0)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := one.stretch(referent.Span{Start: 2, End: 4}); err != nil || got[0]*32 != 1 || got[1]*32 != -3 {
		t.Errorf("one channel: %v, %v", got, err)
	}
	for name, err := range map[string]error{
		"a channel too many":   second(two.window(w(3))),
		"past the end":         second(two.stretch(referent.Span{Start: 6, End: 9})),
		"nothing":              second(two.stretch(referent.Span{Start: 6, End: 6})),
		"backwards":            second(two.window(referent.Window{Spans: []referent.Span{{Start: 0, End: 8}, {Start: 4, End: 2}}})),
		"before the start":     second(two.stretch(referent.Span{Start: -2, End: 2})),
		"longer than 30 s":     second(two.window(referent.Window{Spans: []referent.Span{{Start: 0, End: 31 * referent.SampleRate}}})),
		"channels without end": second(newAudio(bytes.NewReader(raw), 1000)),
	} {
		if referent.CodeOf(err) != referent.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }
