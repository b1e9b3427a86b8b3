package extract

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

var nextMeeting = norsk.Phrases("neste|nytt|nye ..2 møte|møtet", "neste|nytt ..1 "+meetings, "neste gang|gong ..2 møtes|møtest|er|blir|sees|ses", "vi|me "+meets+" ..1 igjen|att|nytt", meets+" vi|me ..1 igjen|att|nytt",
	"vi|me "+meets+" neste gang|gong", meets+" vi|me neste gang|gong", "første|fyrste møte ..3 blir|er|vert", "neste samling|treff|økt|runde ..1 er|blir|vert", "set|setter|legger|legg|tar|tek|berammer neste|nytt ..1 møte|møtet")

// meets are verbs of coming together, as one says goodbye with them.
const meets = "ses|sees|møtes|møtest|møtast|sjåast|snakkes|snakkast|samles|samlast|treffes|treffest|høres|høyrest"

// parting says when people meet without saying that it is again: "Da sees vi onsdag." It ends a meeting.
var parting = norsk.Phrases("da|då|så "+meets+" vi|me", "vi|me "+meets+" da|då?", "på gjensyn|attersyn", "vi|me er tilbake|attende|samla|samlet ..1 her|igjen|att|til", "vi|me er tilbake|attende")

// endOfMeeting is how many of the last sentences can be a meeting's goodbye.
const endOfMeeting = 8

// meetings are what meetings are called, as prefixes that end in what they are.
const meetings = "statusmøte~|teammøte~|formannskapsmøte~|kommunestyremøte~|driftsmøte~|ledermøte~|leiarmøte~|personalmøte~|styremøte~|prosjektmøte~|avdelingsmøte~|utvalgsmøte~|utvalsmøte~|" +
	"arbeidsmøte~|fagmøte~|samarbeidsmøte~|koordineringsmøte~|gruppemøte~|årsmøte~|oppfølgingsmøte~|planmøte~|komitemøte~|komitémøte~|rådsmøte~|formøte~|husmøte~|trinnmøte~|plenumsmøte~|allmøte~|møtedag~|sitting~|formannskap|kommunestyre"

var meetingPlaces = norsk.Phrases("i|på kommunestyresalen|formannskapssalen|rådhuset|møterommet|møterom|biblioteket|teams|kantina|kantinen|samfunnshuset|kulturhuset|auditoriet|kommunehuset|pauserommet|grendehuset|skolen|skulen|lærerværelset|personalrommet|verkstedet|verkstaden|kontoret|zoom")

// notNext speak of the next meeting for another reason than to set it.
var notNext = norsk.Phrases("til|innen|innan|før|på neste møte", "sak|saka|saken ..3 neste møte", "neste møte ..2 i statusgruppa")

// meetingClause is a sentence without the clauses after the last that says when: "..., klokka ti, og da er vifta
// fikset".
func meetingClause(u *utterance, dates []norsk.Date) string {
	end := 0
	for _, d := range dates {
		end = max(end, d.To)
	}
	if _, _, to, ok := norsk.Clock(u.tokens); ok {
		end = max(end, to)
	}
	if _, _, to, ok := norsk.SpokenClock(u.tokens); ok {
		end = max(end, to)
	}
	if end == 0 {
		return u.text
	}
	for end < len(u.tokens) && u.tokens[end-1].Mark == 0 {
		end++
	}
	if end+2 < len(u.tokens) && u.tokens[end-1].Mark == ',' && slices.Contains([]string{"og", "men", "så", "for", "da", "då"}, u.tokens[end].Lower) && !norsk.Has(meetingPlaces, u.tokens[end:]) && !norsk.Corrects(u.tokens[end:]) {
		return u.text[:u.tokens[end-1].End] + "."
	}
	return u.text
}

// another tells "neste byggemøte", "nytt personalmøte": whatever kind of meeting it is.
func another(tokens []norsk.Token) bool {
	for i, t := range tokens {
		if !slices.Contains([]string{"møte", "møtet", "samling", "samlinga", "teamtid", "tid", "ting", "sitting"}, t.Lower) && !(strings.HasSuffix(t.Lower, "møte") || strings.HasSuffix(t.Lower, "ting") && t.Capitalised() || strings.HasSuffix(t.Lower, "styre") || strings.HasSuffix(t.Lower, "samling")) {
			continue
		}
		for _, b := range tokens[max(0, i-2):i] {
			if b.Lower == "neste" || b.Lower == "nytt" || b.Lower == "ny" {
				return true
			}
		}
	}
	return false
}

// nextIs says when something is next, or again, as the last of a meeting: "Neste ting vert halde tysdag 8. juni."
var nextIs = norsk.Phrases("neste ..2 er|blir|vert|holdes|haldast|står|går", "er|blir|vert det ..3 igjen|att", "og neste|nytt ..1 blir|er|vert")

// next finds what was said last about the next meeting. What is said in one turn belongs together: "Neste møte
// er torsdag. Klokka ti, på Fjord."
func next(us []utterance, day time.Time) *referent.NextMeeting {
	var out *referent.NextMeeting
	at := -1
	late := inEvening(us)
	for i := range us {
		u := &us[i]
		dates := norsk.Dates(u.tokens, day)
		clock, timed := meetingClock(u.tokens, late)
		ending := len(us)-i <= endOfMeeting && len(dates) > 0 && (norsk.Has(parting, u.tokens) || norsk.Has(nextIs, u.tokens))
		begins := (norsk.Has(nextMeeting, u.tokens) || another(u.tokens) || ending) && !norsk.Has(notNext, u.tokens) && !u.question()
		follows := at >= 0 && i-at <= 3 && len(u.tokens) <= 14 && (len(dates) > 0 || timed) && !u.task && !norsk.Has(norsk.Phrases("takk", "hevet|heva|heve|hever|hevar|slutt|avsluttet|avslutta|ferdig|ferdige", "i dag"), u.tokens) &&
			(norsk.Has(amends, u.tokens) || us[at].voice == u.voice && len(u.tokens) <= 8 || norsk.Corrects(u.tokens))
		if !begins && !follows && at < 0 && i > 0 && norsk.Has(nextMeeting, us[i-1].tokens) && !norsk.Has(notNext, us[i-1].tokens) && (len(dates) > 0 || timed) && len(u.tokens) <= 12 {
			begins = true // "Når er neste møte?" "Torsdag 3. desember."
		}
		if !begins && !follows || len(dates) == 0 && !timed {
			continue
		}
		n := &referent.NextMeeting{Text: norsk.Clean(meetingClause(u, dates)), Time: clock, Evidence: u.evidence}
		for _, d := range dates {
			if iso := d.ISO(); iso != "" && !denied(u.tokens, d) {
				n.Date = &iso
				break
			}
		}
		if from, to, ok := norsk.FindAny(meetingPlaces, u.tokens); ok {
			n.Place = norsk.Capitalise(place(u.tokens, from+1, to))
		}
		if out != nil && (follows && !begins || i-at <= 2) {
			n.Evidence = evidence(out.Evidence, n.Evidence)
			switch {
			case n.Date == nil:
				n.Date = out.Date
				n.Text = strings.TrimSpace(out.Text + " " + n.Text)
			case out.Date == nil || *out.Date == *n.Date:
				n.Text = strings.TrimSpace(out.Text + " " + n.Text)
			}
			if n.Time == "" {
				n.Time = out.Time
			}
			if n.Place == "" {
				n.Place = out.Place
			}
		}
		out, at = n, i
	}
	return out
}

// Words beside a time of day that tell which half of the day it is in.
var (
	inTheMorning = norsk.Phrases("om|på morgenen|morgonen|formiddagen|føremiddagen", "i|på natta|natten", "tidlig|tidleg om|på")
	inTheEvening = norsk.Phrases("om|på kvelden|kveldinga|kveldstid|ettermiddagen|ettermiddan", "i kveld|ettermiddag")
)

// meetingClock is a time of day as meetings keep it: "klokka fire" is in the afternoon, and so is a bare "halv
// fire" where a meeting is set.
func meetingClock(tokens []norsk.Token, late bool) (string, bool) {
	clock, _, to, ok := norsk.Clock(tokens)
	if !ok {
		if clock, _, to, ok = norsk.SpokenClock(tokens); !ok {
			return "", false
		}
	}
	written := len(tokens[to-1].Text) == 5 && tokens[to-1].Text[0] <= '9' // "04.00"
	h, err := strconv.Atoi(clock[:2])
	if err != nil || written || h > 11 {
		return clock, true
	}
	if !norsk.Has(inTheMorning, tokens) && (h <= 6 || late && h <= 9) || norsk.Has(inTheEvening, tokens) {
		clock = strconv.Itoa(h+12) + clock[2:]
	}
	return clock, true
}

// inEvening reports whether a meeting is held in the evening, as its greetings say: who meets then at "klokka sju"
// meets at seven in the evening.
func inEvening(us []utterance) bool {
	for i := range us {
		if i >= 4 && i < len(us)-4 {
			continue
		}
		if norsk.Has(norsk.Phrases("god kveld", "takk for i kveld", "i kveld", "godkveld"), us[i].tokens) && !us[i].question() && norsk.Has(norsk.Phrases("god kveld", "godkveld", "takk", "her|samla|samlet|møte|møtet|rekker|rekk|velkommen|velkomen|vi|me"), us[i].tokens) {
			return true
		}
	}
	return false
}

// place is the name of a room with the name or number that may follow it: "møterom Fjorden".
func place(tokens []norsk.Token, from, to int) string {
	if to < len(tokens) && tokens[to-1].Mark == 0 {
		if _, number := norsk.Number(tokens[to].Lower); number || tokens[to].Capitalised() {
			to++
		}
	}
	return joined(tokens[from:to])
}
