package referent_test

import (
	"testing"

	"github.com/referent/referent"
)

func TestParseSpoken(t *testing.T) {
	for given, want := range map[string]string{
		"": "", "auto": "auto", "nb": "no", "no": "no", "nn": "nn", "sv": "sv", "da": "da", "en": "en",
	} {
		if got, err := referent.ParseSpoken(given); got != want || err != nil {
			t.Errorf("%q: got %q, %v", given, got, err)
		}
	}
	for _, given := range []string{"se", "smi", "sma", "fi", "de", "NO", "norsk"} {
		if got, err := referent.ParseSpoken(given); got != "" || referent.CodeOf(err) != referent.CodeLanguage {
			t.Errorf("%q: got %q, %v", given, got, err)
		}
	}
	if !referent.CodeLanguage.Permanent() {
		t.Error("a recording in another language would be tried again")
	}
}
