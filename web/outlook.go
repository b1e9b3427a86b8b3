package web

import (
	"cmp"
	"context"
	"math"
	"net/http"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/pipeline"
	"github.com/referent/referent/store"
)

// Outlook is how it goes with a meeting that work is left on, with a sentence for a person.
type Outlook struct {
	pipeline.Outlook
	Text  string `json:"text" doc:"The same as a sentence, in your language."`
	Still bool   `json:"still,omitempty" doc:"Nothing happens until somebody or something mends it."`
}

func (s *Server) registerOutlooks() {
	register(s, operation{method: http.MethodGet, path: "/outlooks", id: "list-outlooks", tag: "meetings", needs: access.SeeMeeting,
		summary: "What work is left on, and when it is likely to be done",
		text: "Of the meetings that you may see, in the order that workers come to them. A place in the queue counts everybody's meetings; " +
			"times follow from how fast work went here lately, and are absent where that is not known."},
		func(ctx context.Context, _ *struct{}) (*struct{ Body []Outlook }, error) {
			seen, err := s.sight(ctx)
			if err != nil {
				return nil, err
			}
			return list(s.outlooks(ctx, seen, ""))
		})
}

// outlooks are those that are seen; of one meeting, unless it is "".
func (s *Server) outlooks(ctx context.Context, seen *store.Sight, meeting string) ([]Outlook, error) {
	all, err := s.outlooksSeen(ctx, seen, meeting)
	if err != nil {
		return nil, err
	}
	var mine []Outlook
	for _, o := range all {
		mine = append(mine, outlookOf(infoOf(ctx).lang, o))
	}
	return mine, nil
}

// outlooksSeen are those without their sentences.
func (s *Server) outlooksSeen(ctx context.Context, seen *store.Sight, meeting string) ([]pipeline.Outlook, error) {
	all, err := s.pipe.Outlooks(ctx)
	if err != nil {
		return nil, err
	}
	var mine []pipeline.Outlook
	for _, o := range all {
		if (meeting == "" || o.Meeting == meeting) && seen.Sees(o.Owner, o.Department) {
			mine = append(mine, o)
		}
	}
	return mine, nil
}

// outlookOf writes an outlook as a sentence.
func outlookOf(lang string, o pipeline.Outlook) Outlook {
	t := func(key string, args ...any) string { return locale.T(lang, "follow."+key, args...) }
	out := Outlook{Outlook: o}
	switch o.Standing {
	case pipeline.Working:
		out.Text = t("working.unknown")
		if o.Left != nil {
			out.Text = t("working", "time", about(lang, *o.Left))
		}
	case pipeline.Queued:
		switch {
		case o.Begins == nil:
			out.Text = t("queued.unknown", "place", o.Place)
		case *o.Begins < 1:
			out.Text = t("queued.soon", "place", o.Place)
		default:
			out.Text = t("queued", "place", o.Place, "time", about(lang, *o.Begins))
		}
	case pipeline.Paused:
		out.Still = true
		out.Text = t("paused", "cause", locale.ErrorCode(lang, cmp.Or(o.Code, referent.CodeUnavailable)), "time", o.Until.Local().Format("15.04"))
	case pipeline.NoWorker:
		out.Still = true
		out.Text = t("no_worker." + string(o.Stage))
	default:
		out.Still = true
		out.Text = t(string(o.Standing))
	}
	return out
}

// about writes how long something takes as people say it: in whole minutes, and hours when it is long.
func about(lang string, seconds float64) string {
	minutes := int(math.Ceil(seconds / time.Minute.Seconds()))
	switch {
	case seconds < 45:
		return locale.T(lang, "follow.time.moment")
	case minutes <= 1:
		return locale.T(lang, "follow.time.minute")
	case minutes <= 90:
		return locale.T(lang, "follow.time.minutes", "n", minutes)
	}
	return locale.T(lang, "follow.time.hours", "n", int(math.Round(seconds/time.Hour.Seconds())))
}

// outlookTeller tells one watcher how the outlooks change.
type outlookTeller struct {
	lang string
	told map[string]toldOutlook // what was said last, by meeting
}

type toldOutlook struct {
	outlookState
	text string
}

// outlookState is what the sentence of an outlook follows from. Times are in seconds; negative: not known.
type outlookState struct {
	standing     pipeline.Standing
	stage        referent.Stage
	place        int
	begins, left float64
	until        int64
	code         referent.Code
}

func stateOf(o *pipeline.Outlook) outlookState {
	known := func(seconds *float64) float64 {
		if seconds == nil {
			return -1
		}
		return *seconds
	}
	return outlookState{o.Standing, o.Stage, o.Place, known(o.Begins), known(o.Left), o.Until.Unix(), o.Code}
}

// hardly reports whether what was told is as good as true: nothing is otherwise, or who waits far back has come nearer by
// less than a tenth. Each recording that is done moves all that wait behind it: told of every step, many pages before
// a long queue would keep the server at nothing else, and writing a sentence costs more than this look.
func (s outlookState) hardly(now outlookState) bool {
	near := func(was, is float64) bool { return was == is || 10*math.Abs(is-was) < was }
	return s == now || s.standing == pipeline.Queued && now.standing == pipeline.Queued && near(float64(s.place), float64(now.place)) &&
		(s.begins < 0 && now.begins < 0 || near(s.begins, now.begins))
}

// changes are the outlooks that are not as they were told, and an empty one of each meeting that no work is left on.
func (t *outlookTeller) changes(now []pipeline.Outlook) []Outlook {
	var news []Outlook
	left := make(map[string]bool, len(now))
	for i := range now {
		o := &now[i]
		left[o.Meeting] = true
		is := stateOf(o)
		was, before := t.told[o.Meeting]
		if before && was.hardly(is) {
			continue
		}
		if written := outlookOf(t.lang, *o); written.Text != was.text {
			t.told[o.Meeting] = toldOutlook{is, written.Text}
			news = append(news, written)
		}
	}
	for meeting := range t.told {
		if !left[meeting] {
			delete(t.told, meeting)
			news = append(news, Outlook{Outlook: pipeline.Outlook{Meeting: meeting}})
		}
	}
	return news
}
