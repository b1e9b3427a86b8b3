package extract

import (
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

var nextMeeting = norsk.Phrases("neste ..2 møte|statusmøte|teammøte|formannskapsmøte|kommunestyremøte ..2 er|blir|holdes|blir|vert|har|tar|tek",
	"neste gang|gong ..2 møtes|møtest|er|blir", "neste møte", "vi|me ses|sees|møtes|møtest|sjåast ..1 igjen|att")

var meetingPlaces = norsk.Phrases("i|på kommunestyresalen|formannskapssalen|rådhuset|møterommet|møterom|biblioteket|teams|kantina|kantinen|samfunnshuset|kulturhuset|auditoriet|kommunehuset")

// next finds what was said last about the next meeting.
func next(us []utterance, day time.Time) *referent.NextMeeting {
	var out *referent.NextMeeting
	for i := range us {
		u := &us[i]
		if u.question() || !norsk.Has(nextMeeting, u.tokens) || norsk.Has(norsk.Phrases("til neste møte", "på neste møte", "sak|saka|saken ..3 neste møte"), u.tokens) {
			continue
		}
		dates := norsk.Dates(u.tokens, day)
		clock, _, _, timed := norsk.Clock(u.tokens)
		if len(dates) == 0 && !timed {
			continue
		}
		n := &referent.NextMeeting{Text: norsk.Clean(u.text), Time: clock, Evidence: u.evidence}
		if len(dates) > 0 {
			if iso := dates[0].ISO(); iso != "" {
				n.Date = &iso
			}
		}
		if from, to, ok := norsk.FindAny(meetingPlaces, u.tokens); ok {
			n.Place = norsk.Capitalise(place(u.tokens, from+1, to))
		}
		out = n
	}
	return out
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
