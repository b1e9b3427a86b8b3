package referent_test

import (
	"testing"

	"github.com/referent/referent"
)

func TestSpeakerCount(t *testing.T) {
	for in, want := range map[string]referent.SpeakerCount{
		"": {}, "auto": {}, "off": {Off: true}, "1": {Min: 1, Max: 1}, "8": {Min: 8, Max: 8}, "2-6": {Min: 2, Max: 6},
	} {
		got, err := referent.ParseSpeakerCount(in)
		if err != nil || got != want {
			t.Errorf("%q: %+v, %v", in, got, err)
		}
		if again, err := referent.ParseSpeakerCount(got.String()); err != nil || again != got {
			t.Errorf("%q came back as %+v, %v", in, again, err)
		}
	}
	for _, in := range []string{"0", "-1", "6-2", "2-", "-", "two", "100", "1-100", "2-3-4"} {
		if got, err := referent.ParseSpeakerCount(in); referent.CodeOf(err) != referent.CodeInvalid {
			t.Errorf("%q: %+v, %v", in, got, err)
		}
	}
}
