package mask

import (
	"maps"
	"slices"
	"strings"
)

// cue is what a word tells of the number that comes after it.
type cue struct {
	label       label
	least, most int // digits
}

var cues = func() map[string]cue {
	m := map[string]cue{}
	for c, words := range map[cue]string{
		{labelIdentity, 5, 13}: "fødselsnummer fødselsnummeret fødselsnr fnr personnummer personnummeret personnr identitetsnummer identitetsnummeret id-nummer id-nummeret idnummer " +
			"d-nummer d-nummeret dnr h-nummer h-nummeret duf-nummer duf-nummeret dufnummer duf fødsels hjelpenummer",
		{labelAccount, 10, 15}: "kontonummer kontonummeret kontonr konto kontoen iban bankkonto bankkontoen",
		{labelPhone, 8, 15}:    "telefon telefonen telefonnummer telefonnummeret tlf tlfnr mobil mobilen mobilnummer mobilnummeret mobiltelefon sms ring ringe ringer telefaks faks nummeret nås",
		{labelOrg, 9, 9}:       "organisasjonsnummer organisasjonsnummeret orgnr org.nr org orgnummer foretaksnummer",
		{labelCard, 12, 19}:    "kortnummer kortnummeret bankkort kredittkort",
		{labelCode, 3, 10}: "kode koden koda pin pinnen nøkkelboks nøkkelboksen nøkleboks nøkleboksen nøkkelskap nøkkelskapet alarmen hengelås hengelåsen hengelåset kodelås kodelåsen kodelåset " +
			"passord passordet engangskode engangskoden",
	} {
		for w := range strings.FieldsSeq(words) {
			m[w] = c
		}
	}
	return m
}()

// openCodes are codes that everybody may know.
var openCodes = wordSet("postkode næringskode diagnosekode stillingskode prosjektkode landkode landskode kommunekode kildekode artskode fargekode qr-kode strekkode kontokode sakskode " +
	"arkivkode klassekode feilkode tilskuddskode kildekoden qr-koden prosjektkoden fargekoden rabattkode kampanjekode")

// cueAt is the cue at atom i. Compounds of "kode" count: "dørkoden", "PIN-kode".
func (r *reader) cueAt(i int) (cue, bool) {
	if !r.is(i, word) {
		return cue{}, false
	}
	w := strings.TrimSuffix(r.low(i), "-")
	if c, ok := cues[w]; ok {
		return c, true
	}
	for _, ending := range []string{"kode", "koden", "koda"} {
		if strings.HasSuffix(w, ending) && !openCodes[w] && !openCodes[strings.TrimSuffix(w, "n")] {
			return cues["kode"], true
		}
	}
	return cue{}, false
}

// How far a number stands from its word, in words and signs, and the words that show that the number is a
// year or a time.
const reach = 8

var beforeTimes = wordSet("i siden sidan fra frå innen innan kl klokka klokken før etter året år sak saken paragraf § uke veke")

// cued claims numbers that their words tell, whatever their check digits.
func (m *Masker) cued(r *reader) {
	for i := 0; i < len(r.atoms); i++ {
		c, ok := r.cueAt(i)
		if !ok || r.taken[i] {
			continue
		}
		for at, left := i+1, reach; at < len(r.atoms) && left > 0; left-- {
			if end, ok := m.cuedAt(r, at, c); ok {
				at, left = end, reach
				continue
			}
			if r.endsSentence(at) && at > i+1 {
				break
			}
			if _, other := r.cueAt(at); other && at > i {
				break
			}
			at++
		}
	}
}

func (r *reader) endsSentence(i int) bool {
	s := r.low(i)
	return r.is(i, mark) && (s == "?" || s == "!" || s == ".") && (i+1 == len(r.atoms) || r.atoms[i+1].begins)
}

// fits orders the ways to read a number: those with the length and check digits that belong to the cue
// before the others, and of these the longest.
func (c cue) fits(p path) int {
	n := len(p.digits)
	switch {
	case c.label == labelIdentity && certain(p), c.label == labelAccount && ValidAccount(p.digits), c.label == labelOrg && ValidOrganisation(p.digits):
		return 102
	case c.label == labelPhone && n == 10 && p.digits[:2] == "47":
		return 101
	case n > 0 && n == map[label]int{labelIdentity: 11, labelAccount: 11, labelPhone: 8, labelOrg: 9, labelCard: 16}[c.label]:
		return 100
	}
	return n
}

// cuedAt claims the number at an atom when it has the length that the cue asks for.
func (m *Masker) cuedAt(r *reader, i int, c cue) (end int, ok bool) {
	if !r.starts(i) {
		return 0, false
	}
	best := path{}
	wide := c.label == labelIdentity || c.label == labelAccount || c.label == labelPhone
	r.paths(i, wide, c.most, func(p path, _ bool) {
		if c.label == labelPhone && p.wide && c.fits(p) < 100 {
			return // over the end of a line only what is as long as a telephone number is one
		}
		if len(p.digits) >= c.least && c.fits(p) > c.fits(best) {
			best = p
		}
	})
	if best.digits == "" || c.label == labelCode && (year(best.digits) && beforeTimes[r.low(i-1)] || r.low(best.end) == "/" || r.low(best.end) == "%") {
		return 0, false
	}
	if c.label != labelIdentity && len(best.parts) > 0 && units[r.low(best.end)] {
		return 0, false
	}
	d := best.digits
	switch c.label {
	case labelPhone:
		d, _ = local(d)
	case labelIdentity:
		d = shortened(d)
	case labelCode:
		m.codes[d] = true
	}
	return best.end, r.claimAtoms(i, best.end, c.label, d)
}

// noPasswords are words that come after "passordet er" and tell of it instead.
var noPasswords = wordSet("ikke ikkje byttet bytta byttes endret endra skiftet skifta glemt gløymt feil utløpt utgått for på i det den et ein en sendt lagt lagret lagra skrevet skrive borte " +
	"oppdatert sterkt svakt langt kort hemmelig hemmeleg som at samme same nytt ny gammelt gamalt nødvendig naudsynt tilbakestilt sperret sperra kjent kjend delt så til blitt vorte " +
	"allerede allereie ute kommet komen viktig påkrevd krav derfor difor må skal kan bør og men da også fortsatt framleis alltid aldri noe noko personlig personleg av om ved med en når godkjent klart klar")

// passwords claims the word that comes after "passordet er" or "passord:", and then wherever it stands if it
// cannot be a word of the language.
func (m *Masker) passwords(r *reader) {
	for i := range r.atoms {
		w := r.low(i)
		if w != "passord" && w != "passordet" && w != "passordfrase" && w != "wifi-passordet" {
			continue
		}
		at := i + 1
		for n := 0; n < 5 && r.is(at, word) && r.low(at) != "er" && r.low(at) != "heter" && r.low(at) != "heiter"; n++ {
			at++ // "passordet til nettet er"
		}
		told := r.low(at) == "er" || r.low(at) == "heter" || r.low(at) == "heiter"
		if !told {
			at = i + 1
		} else {
			at++
		}
		if r.low(at) == ":" {
			told = true
			at++
		}
		for r.is(at, mark) && strings.Contains("«\"'“”", r.low(at)) {
			at++
		}
		if !told || at >= len(r.atoms) || r.taken[at] || r.is(at, mark) || noPasswords[r.low(at)] {
			continue
		}
		// A password is what stands without space between.
		end := at + 1
		for end < len(r.atoms) && !r.taken[end] && !r.atoms[end].spaced && !r.atoms[end].newLine && !strings.Contains("»\"“”", r.low(end)) {
			end++
		}
		if r.is(end-1, mark) && strings.Contains(".,;:", r.low(end-1)) {
			end--
		}
		words := r.text[r.atoms[at].from:r.atoms[end-1].to]
		m.codes[words] = true
		r.claimAtoms(at, end, labelCode, words)
	}
	for _, words := range slices.Sorted(maps.Keys(m.codes)) {
		for at := 0; telling(words); {
			i := strings.Index(r.text[at:], words)
			if i < 0 {
				break
			}
			r.claim(finding{from: at + i, to: at + i + len(words), label: labelCode, canonical: words})
			at += i + len(words)
		}
	}
}
