package web

import (
	"bytes"
	"io"
	"testing"

	goaudio "github.com/go-audio/wav"
)

type bytesAt struct{ *bytes.Reader }

func (bytesAt) Close() error { return nil }

// A player takes length and pace from the header.
func TestHeaderOfSound(t *testing.T) {
	for _, channels := range []int{1, 2, 3} {
		pcm := bytesAt{bytes.NewReader(make([]byte, 2*channels*16000*3))} // three seconds
		f := newWAV(pcm, channels)
		d := goaudio.NewDecoder(io.NewSectionReader(f, 0, f.Size()))
		if d.ReadInfo(); !d.IsValidFile() || int(d.NumChans) != channels || d.SampleRate != 16000 || d.BitDepth != 16 {
			t.Errorf("%d channels: %d, %d Hz, %d bits, %v", channels, d.NumChans, d.SampleRate, d.BitDepth, d.Err())
		}
		length, err := goaudio.NewDecoder(io.NewSectionReader(f, 0, f.Size())).Duration()
		if err != nil {
			t.Fatal(err)
		}
		if s := length.Seconds(); s < 2.99 || s > 3.01 {
			t.Errorf("%d channels: %v s", channels, s)
		}
	}
}
