package norsk

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Date is a day that a text names, with the words that name it.
type Date struct {
	From, To int       // token indices [From, To), the preposition of a deadline included
	Day      time.Time // midnight UTC; zero when the words do not fix one day
	Strength int       // 0: merely named; 1: "på fredag"; 2: "til fredag", "i morgen"; 3: "innen", "frist"
}

// ISO is the day as 2026-11-27, or "" when the words do not fix one day.
func (d Date) ISO() string {
	if d.Day.IsZero() {
		return ""
	}
	return d.Day.Format(time.DateOnly)
}

var months = map[string]time.Month{
	"januar": 1, "februar": 2, "mars": 3, "april": 4, "mai": 5, "juni": 6, "juli": 7, "august": 8,
	"september": 9, "oktober": 10, "november": 11, "desember": 12,
}

var weekdays = map[string]time.Weekday{
	"mandag": 1, "måndag": 1, "tirsdag": 2, "tysdag": 2, "onsdag": 3, "torsdag": 4, "fredag": 5,
	"lørdag": 6, "laurdag": 6, "søndag": 0, "sundag": 0,
}

// Dates finds the days that a text names. Days without a year or said in relation ("fredag", "om to
// uker") are reckoned from ref, the day of the meeting; with a zero ref only full dates are fixed.
//
// A weekday is the first such day after the meeting; a week as a deadline ends on its Friday; a date
// without a year is the first on or after the meeting. "Neste fredag" means two things in Norwegian,
// so it is found but fixes no day. What lies back ("forrige fredag") is not found.
func Dates(tokens []Token, ref time.Time) []Date {
	if !ref.IsZero() {
		ref = time.Date(ref.Year(), ref.Month(), ref.Day(), 0, 0, 0, 0, time.UTC)
	}
	var out []Date
	for i := 0; i < len(tokens); {
		d, ok := dateAt(tokens, i, ref)
		if !ok {
			i++
			continue
		}
		i = d.To
		past := d.From > 0 && slices.Contains([]string{"forrige", "førre", "sist", "siste", "fra", "frå"}, tokens[d.From-1].Lower)
		if !past {
			out = append(out, deadline(tokens, d))
		}
	}
	return out
}

// Deadline returns the day of a text that is said as a limit, the strongest wording first.
func Deadline(tokens []Token, ref time.Time) (Date, bool) {
	var best Date
	for _, d := range Dates(tokens, ref) {
		if d.Strength > best.Strength {
			best = d
		}
	}
	return best, best.Strength > 0
}

var limits = map[string]int{
	"innen": 3, "innan": 3, "senest": 3, "seinast": 3, "frist": 3, "fristen": 3, "til": 2, "før": 2, "på": 1,
}

// deadline takes the words before a date into it that make it a limit.
func deadline(tokens []Token, d Date) Date {
	for d.From > 0 {
		w := tokens[d.From-1]
		if w.Mark != 0 && w.Mark != ':' {
			break
		}
		if n, ok := limits[w.Lower]; ok {
			d.Strength = max(d.Strength, n)
		} else if !slices.Contains([]string{"er", "blir", "den", "førstkommende", "førstkomande", "nå", "no", "og"}, w.Lower) ||
			d.From < 2 || limits[tokens[d.From-2].Lower] == 0 {
			break
		}
		d.From--
	}
	return d
}

func dateAt(tokens []Token, i int, ref time.Time) (Date, bool) {
	for _, find := range []func([]Token, int, time.Time) (Date, bool){calendarDate, numericDate, relativeDate, weekdayDate} {
		if d, ok := find(tokens, i, ref); ok {
			return d, true
		}
	}
	return Date{}, false
}

// calendarDate reads "[fredag] [den] 1. desember [2026]", "første desember".
func calendarDate(tokens []Token, i int, ref time.Time) (Date, bool) {
	from := i
	var said time.Weekday = -1
	if wd, ok := weekdays[tokens[i].Lower]; ok && i+1 < len(tokens) {
		said = wd
		i++
	}
	if tokens[i].Lower == "den" && i+1 < len(tokens) {
		i++
	}
	day, ok := Ordinal(tokens[i].Lower)
	if !ok {
		if !allDigits(tokens[i].Text) || len(tokens[i].Text) > 2 {
			return Date{}, false
		}
		day, _ = strconv.Atoi(tokens[i].Text)
	}
	if i+1 >= len(tokens) {
		return Date{}, false
	}
	month, ok := months[tokens[i+1].Lower]
	if !ok {
		return Date{}, false
	}
	to, year := i+2, 0
	if to < len(tokens) && tokens[to-1].Mark == 0 && len(tokens[to].Text) == 4 && allDigits(tokens[to].Text) {
		year, _ = strconv.Atoi(tokens[to].Text)
		to++
	}
	d := Date{From: from, To: to, Day: onCalendar(year, month, day, ref)}
	if said >= 0 && !d.Day.IsZero() && d.Day.Weekday() != said {
		d.Day = time.Time{} // the weekday and the date contradict each other
	}
	return d, true
}

// onCalendar is the day, zero when it does not exist. Without a year it is the first on or after ref.
func onCalendar(year int, month time.Month, day int, ref time.Time) time.Time {
	open := year == 0
	if open {
		if ref.IsZero() {
			return time.Time{}
		}
		year = ref.Year()
	}
	t := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	if t.Month() != month || t.Day() != day {
		return time.Time{}
	}
	if open && t.Before(ref) {
		return onCalendar(year+1, month, day, ref)
	}
	return t
}

var (
	isoDate    = regexp.MustCompile(`^(\d{4})-(\d{1,2})-(\d{1,2})$`)
	dottedDate = regexp.MustCompile(`^(\d{1,2})\.(\d{1,2})(?:\.(\d{4}|\d{2}))?$`)
)

// numericDate reads 2026-12-01, 1.12.2026, 1.12.26 and, after a word that announces a date, 1.12.
func numericDate(tokens []Token, i int, ref time.Time) (Date, bool) {
	if m := isoDate.FindStringSubmatch(tokens[i].Text); m != nil {
		return Date{From: i, To: i + 1, Day: onCalendar(atoi(m[1]), time.Month(atoi(m[2])), atoi(m[3]), ref)}, true
	}
	m := dottedDate.FindStringSubmatch(tokens[i].Text)
	if m == nil {
		return Date{}, false
	}
	from, year := i, 0
	if m[3] == "" {
		if i == 0 {
			return Date{}, false
		}
		before := tokens[i-1].Lower
		_, weekday := weekdays[before]
		if !weekday && !slices.Contains([]string{"den", "innen", "innan", "senest", "seinast", "dato", "frist"}, before) {
			return Date{}, false
		}
	} else if year = atoi(m[3]); year < 100 {
		year += 2000
	}
	return Date{From: from, To: i + 1, Day: onCalendar(year, time.Month(atoi(m[2])), atoi(m[1]), ref)}, true
}

func atoi(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

// relative is a wording whose day follows from the meeting's day.
type relative struct {
	phrase   Pattern
	strength int
	day      func(ref time.Time, words []Token) time.Time
}

var relatives = []relative{
	{Phrase("i dag|kveld|ettermiddag"), 2, func(r time.Time, _ []Token) time.Time { return r }},
	{Phrase("i løpet|laupet av dagen"), 2, func(r time.Time, _ []Token) time.Time { return r }},
	{Phrase("i morgen|morgon tidlig?"), 2, func(r time.Time, _ []Token) time.Time { return r.AddDate(0, 0, 1) }},
	{Phrase("i? overmorgen|overmorgon"), 2, func(r time.Time, _ []Token) time.Time { return r.AddDate(0, 0, 2) }},
	{Phrase("i løpet|laupet av uka|uken|veka|ukas|ukens"), 3, func(r time.Time, _ []Token) time.Time { return fridayOf(r, 0) }},
	{Phrase("i løpet|laupet av denne uka|uken|veka"), 3, func(r time.Time, _ []Token) time.Time { return fridayOf(r, 0) }},
	{Phrase("denne uka|uken|veka"), 2, func(r time.Time, _ []Token) time.Time { return fridayOf(r, 0) }},
	{Phrase("utgangen|slutten av uka|uken|veka"), 3, func(r time.Time, _ []Token) time.Time { return fridayOf(r, 0) }},
	{Phrase("i? løpet|laupet av neste uke|veke"), 3, func(r time.Time, _ []Token) time.Time { return fridayOf(r, 1) }},
	{Phrase("utgangen|slutten av neste uke|veke"), 3, func(r time.Time, _ []Token) time.Time { return fridayOf(r, 1) }},
	{Phrase("neste uke|veke"), 2, func(r time.Time, _ []Token) time.Time { return fridayOf(r, 1) }},
	{Phrase("utgangen|slutten av måneden|månaden"), 3, func(r time.Time, _ []Token) time.Time { return lastOf(r.Year(), r.Month()) }},
	{Phrase("utgangen|slutten|løpet av året"), 3, func(r time.Time, _ []Token) time.Time { return lastOf(r.Year(), 12) }},
	{Phrase("utgangen|slutten|løpet av januar|februar|mars|april|mai|juni|juli|august|september|oktober|november|desember"), 3,
		func(r time.Time, w []Token) time.Time {
			m := months[w[len(w)-1].Lower]
			if m < r.Month() {
				return lastOf(r.Year()+1, m)
			}
			return lastOf(r.Year(), m)
		}},
	{Phrase("om # dag|dager|dagar"), 2, func(r time.Time, w []Token) time.Time { return r.AddDate(0, 0, count(w)) }},
	{Phrase("om # uke|uker|veke|veker"), 2, func(r time.Time, w []Token) time.Time { return r.AddDate(0, 0, 7*count(w)) }},
	{Phrase("om # måned|måneder|månad|månader"), 2, func(r time.Time, w []Token) time.Time {
		to := r.AddDate(0, count(w), 0)
		if to.Day() != r.Day() { // 31 January and one month
			return lastOf(to.Year(), to.Month()-1)
		}
		return to
	}},
	{Phrase("i|innen|innan? uke|veke #"), 2, func(r time.Time, w []Token) time.Time { return fridayOfWeek(r, count(w)) }},
}

// count is the number word among the words, held within what a person can mean.
func count(words []Token) int {
	for _, w := range words {
		if n, ok := Number(w.Lower); ok {
			return min(n, 999)
		}
	}
	return 0
}

func relativeDate(tokens []Token, i int, ref time.Time) (Date, bool) {
	for _, r := range relatives {
		end, ok := r.phrase.At(tokens, i)
		if !ok {
			continue
		}
		d := Date{From: i, To: end, Strength: r.strength}
		// "neste uke onsdag", "i morgen onsdag": the weekday fixes the day within the week.
		if !ref.IsZero() {
			d.Day = r.day(ref, tokens[i:end])
		}
		next := end
		if next < len(tokens) && tokens[next].Lower == "på" {
			next++
		}
		if next < len(tokens) && tokens[end-1].Mark == 0 && strings.HasPrefix(tokens[end-1].Lower, "uke") || next < len(tokens) && tokens[end-1].Lower == "veke" {
			if wd, ok := weekdays[tokens[next].Lower]; ok {
				d.To = next + 1
				if !d.Day.IsZero() {
					d.Day = inWeekOf(d.Day, wd)
				}
			}
		}
		return d, true
	}
	return Date{}, false
}

// weekdayDate reads "fredag", "fredag i neste uke" and the ambiguous "neste fredag".
func weekdayDate(tokens []Token, i int, ref time.Time) (Date, bool) {
	if tokens[i].Lower == "neste" && i+1 < len(tokens) {
		if _, ok := weekdays[tokens[i+1].Lower]; ok {
			return Date{From: i, To: i + 2}, true
		}
	}
	wd, ok := weekdays[tokens[i].Lower]
	if !ok {
		return Date{}, false
	}
	d := Date{From: i, To: i + 1}
	if end, ok := Phrase("i? neste uke|veke").At(tokens, i+1); ok && tokens[i].Mark == 0 {
		d.To = end
		if !ref.IsZero() {
			d.Day = inWeekOf(ref.AddDate(0, 0, 7), wd)
		}
		return d, true
	}
	if !ref.IsZero() {
		ahead := (int(wd) - int(ref.Weekday()) + 7) % 7
		if ahead == 0 {
			ahead = 7
		}
		d.Day = ref.AddDate(0, 0, ahead)
	}
	return d, true
}

// inWeekOf is the weekday in the week, Monday first, that holds the day.
func inWeekOf(day time.Time, wd time.Weekday) time.Time {
	monday := day.AddDate(0, 0, -((int(day.Weekday()) + 6) % 7))
	return monday.AddDate(0, 0, (int(wd)+6)%7)
}

// fridayOf is the Friday of ref's week, weeks later; on a weekend the week's last day that is left.
func fridayOf(ref time.Time, weeks int) time.Time {
	friday := inWeekOf(ref.AddDate(0, 0, 7*weeks), time.Friday)
	if friday.Before(ref) {
		return inWeekOf(ref, time.Sunday)
	}
	return friday
}

// fridayOfWeek is the Friday of an ISO week, the first such week that has not ended before ref.
func fridayOfWeek(ref time.Time, week int) time.Time {
	if week < 1 || week > 53 {
		return time.Time{}
	}
	for year := ref.Year(); year <= ref.Year()+1; year++ {
		friday := inWeekOf(time.Date(year, 1, 4, 0, 0, 0, 0, time.UTC), time.Friday).AddDate(0, 0, 7*(week-1))
		if _, w := friday.ISOWeek(); w == week && !friday.Before(ref) {
			return friday
		}
	}
	return time.Time{}
}

func lastOf(year int, m time.Month) time.Time { return time.Date(year, m+1, 0, 0, 0, 0, 0, time.UTC) }

// Clock reads a time of day after "kl.", "klokka" or "klokken": "10", "10.30", "ti", "halv elleve". It
// returns the time as 10.30 and where it stands.
func Clock(tokens []Token) (text string, from, to int, ok bool) {
	for i := range tokens {
		if !slices.Contains([]string{"kl", "klokka", "klokken"}, tokens[i].Lower) || i+1 >= len(tokens) {
			continue
		}
		if h, m, ok := hourMinute(tokens[i+1].Text); ok {
			return fmt.Sprintf("%02d.%02d", h, m), i, i + 2, true
		}
		if tokens[i+1].Lower == "halv" && i+2 < len(tokens) {
			if h, ok := Number(tokens[i+2].Lower); ok && h >= 1 && h <= 24 {
				return fmt.Sprintf("%02d.30", h-1), i, i + 3, true
			}
			continue
		}
		if h, ok := Number(tokens[i+1].Lower); ok && h <= 24 {
			return fmt.Sprintf("%02d.00", h), i, i + 2, true
		}
	}
	return "", 0, 0, false
}

func hourMinute(s string) (h, m int, ok bool) {
	for _, sep := range []string{".", ":"} {
		if a, b, found := strings.Cut(s, sep); found && allDigits(a) && len(a) <= 2 && len(b) == 2 && allDigits(b) {
			h, m = atoi(a), atoi(b)
			return h, m, h < 24 && m < 60
		}
	}
	return 0, 0, false
}
