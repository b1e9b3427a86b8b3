package mask

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// ordinary are words of the language that some people are called.
var ordinary = wordSet("lunde borge engen haugen moen dale sunde skogen voll vold foss gran hauge stein sletten tangen holmen flaten vangen skaret kleven brekke eide dahl solli hjelle holte valen vågen " +
	"borgen vang winter strøm steen bråten løken sagen helland alf aud siv gro tale saga sol rune magne runa stine line lone live klara dina max leo linn alva embla frank robin jack rasmus simen love mille liva luna rosa " +
	"sanna storm milan maren levi lage greger ada asta aksel kaja lan mei ana mina mari ann leif else tom roy jon leiv mats benjamin tove unni malin lina viken øksnes bjerke sveen vatne solbakken edel fred dan ine june sten tim leon greta diana marina siren stella noel jim tony jack birk tea rima bernt ikram habib karol tekle kaia ken")

// abbreviation tells AP, NAV, KrF and SFO from names.
func abbreviation(s string) bool {
	if n := utf8.RuneCountInString(s); n < 2 || n > 5 {
		return n == 1
	}
	if slices.Contains([]string{"Ap", "Sp", "Frp", "Krf", "Sv", "Nav", "Nrk", "Ks"}, s) {
		return true
	}
	upper := 0
	for _, r := range s {
		if strings.ToUpper(string(r)) == string(r) {
			upper++
		}
	}
	return upper >= 2
}

// surnameLike tells by its ending.
func surnameLike(w string) bool {
	for _, e := range []string{"sen", "son", "stad", "rud", "vik", "haug", "haugen", "bakken", "moen", "lien", "nes", "ness", "set", "seth", "land", "eim", "heim", "tveit", "gård", "gaard", "berg", "dal", "dahl",
		"øy", "våg", "strøm", "røed", "hus", "vold", "voll", "stein", "ås", "aas", "lund", "skog", "mark", "myr", "myhr", "vang", "rød", "bø", "seter", "sæter", "eide", "kleiv", "kleiven", "lid", "holm", "holt", "hammer", "bråten", "skaug", "eggen", "kvam", "kvål", "støl", "løkken", "moe", "lie", "eng",
		"ski", "wski", "ov", "enko", "ic", "ić"} {
		if strings.HasSuffix(w, e) && len(w) > len(e)+1 {
			return true
		}
	}
	return false
}

// firstNameLike tells by its ending.
func firstNameLike(w string) bool {
	for _, e := range []string{"frid", "hild", "borg", "bjørg", "veig", "unn", "laug", "ine", "ina", "ella", "elle", "ira", "geir", "mund", "ulf", "leif", "bjørn", "finn", "vald", "gerd", "gjerd", "gunn", "dis",
		"rik", "mar", "var", "oar", "ette", "anne", "lise", "ethe", "iana", "elia", "ilde"} {
		if strings.HasSuffix(w, e) && len(w) > len(e)+1 {
			return true
		}
	}
	return false
}

// definite tells words that may be nouns with their article: "Leverandøren", "Utvalget".
func definite(w string) bool {
	for _, e := range []string{"en", "et", "a", "ene", "ane", "er", "ar"} {
		if strings.HasSuffix(w, e) && !strings.HasSuffix(w, "sen") {
			return true
		}
	}
	return false
}

// givenEnding tells first names by endings that hardly another word has: "Solfrid", "Hjalveig".
func givenEnding(w string) bool {
	for _, e := range []string{"frid", "hild", "bjørg", "veig", "laug", "gerd", "gjerd", "gunn", "mund", "ulf", "geir", "leif", "leiv", "bjørn", "vald"} {
		if strings.HasSuffix(w, e) && len(w) > len(e)+1 && !strings.Contains(w, "-") {
			return !animals[w]
		}
	}
	return false
}

// animals and other words have the same endings.
var animals = wordSet("isbjørn brunbjørn hvitbjørn kvitbjørn vaskebjørn varulf ugunn landbjørn")

// secondNames are second first names that are also words which begin sentences.
var secondNames = wordSet("andre andré are even per inge bo dag tor vår my live mai may")

// initial reports whether atom i is a capital letter that stands for a name.
func (r *reader) initial(i int) bool {
	if !r.is(i, word) || !r.atoms[i].capital || utf8.RuneCountInString(r.atoms[i].text) != 1 {
		return false
	}
	return r.low(i+1) == "." && !r.atoms[i+1].spaced || !strings.Contains("iåeæø", r.low(i))
}
