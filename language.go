package referent

import "slices"

// LanguageAuto asks for the spoken language to be found in the recording itself.
const LanguageAuto = "auto"

// SpokenLanguages are the languages that can be recognised, as Whisper's codes; "no" is bokmål and all
// spoken Norwegian that is not nynorsk.
var SpokenLanguages = []string{"no", "nn", "sv", "da", "en"}

// ParseSpoken reads a spoken language as people write it and gives Whisper's code, LanguageAuto, or ""
// for "". CodeLanguage: it is none that can be recognised, such as Sámi ("se").
func ParseSpoken(s string) (string, error) {
	switch {
	case s == "nb":
		return "no", nil
	case s == "", s == LanguageAuto, slices.Contains(SpokenLanguages, s):
		return s, nil
	}
	return "", E(CodeLanguage, "referent: read spoken language", nil).
		WithHint("the languages are nb, nn, sv, da and en; auto finds which of them is spoken")
}
