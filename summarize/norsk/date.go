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

// MonthOf is the month of a name in small letters, 0 for none.
func MonthOf(lower string) time.Month { return months[lower] }

var weekdays = map[string]time.Weekday{
	"mandag": 1, "måndag": 1, "tirsdag": 2, "tysdag": 2, "onsdag": 3, "torsdag": 4, "fredag": 5,
	"lørdag": 6, "laurdag": 6, "søndag": 0, "sundag": 0,
	"mandagen": 1, "måndagen": 1, "tirsdagen": 2, "tysdagen": 2, "onsdagen": 3, "torsdagen": 4, "fredagen": 5,
	"lørdagen": 6, "laurdagen": 6, "søndagen": 0, "sundagen": 0,
	"måndan": 1, "tysdan": 2, "tirsdan": 2, "onsdan": 3, "torsdan": 4, "fredan": 5, // as spoken in dialects
}

// Dates finds the days that a text names. Days without a year or said in relation ("fredag", "om to
// uker") are reckoned from ref, the day of the meeting; with a zero ref only full dates are fixed.
//
// A weekday is the first such day after the meeting; a week as a deadline ends on its Friday; a date
// without a year is the first on or after the meeting; before Christmas is by 24 December. "Neste fredag"
// means two things in Norwegian and "før sommeren" is no day: both are found but fix no day. What lies
// back ("forrige fredag") is not found.
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
		past := d.From > 0 && slices.Contains([]string{"forrige", "førre", "forrie", "sist", "siste", "fra", "frå"}, tokens[d.From-1].Lower)
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
		} else if !slices.Contains([]string{"er", "blir", "vert", "den", "førstkommende", "førstkomande", "kommende", "komande", "nå", "no", "og", "blir", "settes", "set", "setter"}, w.Lower) ||
			d.From < 2 || limits[tokens[d.From-2].Lower] == 0 {
			break
		}
		d.From--
	}
	return d
}

func dateAt(tokens []Token, i int, ref time.Time) (Date, bool) {
	for _, find := range []func([]Token, int, time.Time) (Date, bool){calendarDate, numericDate, monthDay, relativeDate, weekdayDate} {
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
		if !weekday && !slices.Contains([]string{"den", "innen", "innan", "senest", "seinast", "dato", "frist", "før", "til", "på"}, before) {
			return Date{}, false
		}
		if i+1 < len(tokens) && measure(tokens[i+1].Lower) {
			return Date{}, false // "til 7.4 millioner"
		}
	} else if year = atoi(m[3]); year < 100 {
		year += 2000
	}
	return Date{From: from, To: i + 1, Day: onCalendar(year, time.Month(atoi(m[2])), atoi(m[1]), ref)}, true
}

// measure tells words that make the number before them an amount.
func measure(w string) bool {
	return scales[w] > 0 || slices.Contains([]string{"prosent", "kroner", "kr", "meter", "kilo", "grader", "gradar", "poeng", "timer", "timar"}, w)
}

// monthDay reads "den femtende", "den 15." without a month, the next such day, and "femtende i tolvte".
func monthDay(tokens []Token, i int, ref time.Time) (Date, bool) {
	from := i
	if tokens[i].Lower == "den" && i+1 < len(tokens) {
		i++
	}
	day, ordinal := Ordinal(tokens[i].Lower)
	if !ordinal {
		if !allDigits(tokens[i].Text) || len(tokens[i].Text) > 2 || tokens[i].Mark != '.' {
			return Date{}, false
		}
		day = atoi(tokens[i].Text)
	}
	if i+2 < len(tokens) && tokens[i+1].Lower == "i" {
		month, ok := Ordinal(tokens[i+2].Lower)
		if !ok && allDigits(tokens[i+2].Text) && tokens[i+2].Mark == '.' {
			month, ok = atoi(tokens[i+2].Text), true
		}
		if ok && month >= 1 && month <= 12 {
			return Date{From: from, To: i + 3, Day: onCalendar(0, time.Month(month), day, ref)}, true
		}
	}
	// "den andre" is mostly no day: the limit must be said, and nothing that is counted may follow.
	limited := from > 0 && limits[tokens[from-1].Lower] > 1 && tokens[from-1].Mark == 0
	last := i+1 >= len(tokens) || tokens[i].Mark != 0 || slices.Contains([]string{"så", "og", "klokka", "kl"}, tokens[i+1].Lower)
	limited = limited || day >= 10 // "skal vi si den tjuende?"
	if from == i || !limited || !last || day < 1 || day > 31 || day < 3 && !allDigits(tokens[i].Text) {
		return Date{}, false
	}
	d := Date{From: from, To: i + 1}
	if ref.IsZero() {
		return d, true
	}
	for n := range 3 {
		t := time.Date(ref.Year(), ref.Month()+time.Month(n), day, 0, 0, 0, 0, time.UTC)
		if t.Day() == day && !t.Before(ref) {
			d.Day = t
			break
		}
	}
	return d, true
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
	{Phrase("i dag|kveld|ettermiddag|formiddag|føremiddag|natt"), 2, sameDay},
	{Phrase("idag|ikveld"), 2, sameDay},
	{Phrase("i løpet|laupet av dagen"), 2, sameDay},
	{Phrase("før lunsj"), 2, sameDay},
	{Phrase("innen|innan # kvarter|time|timer|timar|minutter|minutt|halvtime|halvtimes"), 3, sameDay},
	{Phrase("innen|innan et|eit|en|ein kvarter|kvarters|time|times|halvtime|halvtimes"), 3, sameDay},
	{Phrase("i morgen|morgon|morra|mårra|måro|morgo tidlig|tidleg?"), 2, daysOn(1)},
	{Phrase("imorgen|imorgon|imorra|imårra"), 2, daysOn(1)},
	{Phrase("i? overmorgen|overmorgon|overmorra"), 2, daysOn(2)},
	{Phrase("i løpet|laupet av denne? uka|uken|veka|vekka|ukas|ukens|arbeidsuka|arbeidsveka"), 3, friday(0)},
	{Phrase("denne uka|uken|veka|vekka"), 2, friday(0)},
	{Phrase("utgangen|slutten av denne? uka|uken|veka"), 3, friday(0)},
	{Phrase("før|innen|innan helga|helgen|helgi"), 3, friday(0)},
	{Phrase("over helga|helgen"), 2, func(r time.Time, _ []Token) time.Time { return inWeekOf(r.AddDate(0, 0, 7), time.Monday) }},
	{Phrase("i? løpet|laupet av neste uke|veke|uka|veka"), 3, friday(1)},
	{Phrase("utgangen|slutten av neste uke|veke"), 3, friday(1)},
	{Phrase("i? neste uke|veke|vekke"), 2, friday(1)},
	{Phrase("til uka|veka"), 2, friday(1)},
	{Phrase("utgangen|slutten|løpet|laupet av denne? måneden|månaden"), 3, func(r time.Time, _ []Token) time.Time { return lastOf(r.Year(), r.Month()) }},
	{Phrase("ut uka|uken|veka"), 3, friday(0)},
	{Phrase("ut|før|innen|innan måneden|månaden er? omme|over|ute|slutt?"), 3, func(r time.Time, _ []Token) time.Time { return lastOf(r.Year(), r.Month()) }},
	{Phrase("ut året"), 3, func(r time.Time, _ []Token) time.Time { return lastOf(r.Year(), 12) }},
	{Phrase("månedsskiftet|månadsskiftet|månedsslutt|månadsslutt"), 2, func(r time.Time, _ []Token) time.Time { return lastOf(r.Year(), r.Month()) }},
	{Phrase("utgangen|slutten|løpet|laupet av neste måned|månad"), 3, func(r time.Time, _ []Token) time.Time { return lastOf(r.Year(), r.Month()+1) }},
	{Phrase("utgangen|slutten|løpet|laupet av året"), 3, func(r time.Time, _ []Token) time.Time { return lastOf(r.Year(), 12) }},
	{Phrase("før|innen|innan nyttår|årsskiftet"), 3, func(r time.Time, _ []Token) time.Time { return lastOf(r.Year(), 12) }},
	{Phrase("før|innen|innan|til jul|jula|julen|juleferien|juleferia"), 3, func(r time.Time, _ []Token) time.Time { return onCalendar(0, time.December, 24, r) }},
	{Phrase("utgangen|slutten|løpet|laupet av januar|februar|mars|april|mai|juni|juli|august|september|oktober|november|desember"), 3,
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
	// A limit that fixes no day: found, so that a person is asked.
	{Phrase("på nyåret"), 2, noDay},
	{Phrase("etter|over jul|nyttår|ferien|sommeren|sommaren"), 2, noDay},
	{Phrase("før|innen|innan|til sommeren|sommaren|sommerferien|sommarferien|våren|høsten|hausten|påske|påsken|vinterferien|høstferien|haustferien"), 2, noDay},
	{Phrase("begynnelsen|begynninga|starten|midten av januar|februar|mars|april|mai|juni|juli|august|september|oktober|november|desember"), 2, noDay},
}

func sameDay(r time.Time, _ []Token) time.Time { return r }

func noDay(time.Time, []Token) time.Time { return time.Time{} }

func daysOn(n int) func(time.Time, []Token) time.Time {
	return func(r time.Time, _ []Token) time.Time { return r.AddDate(0, 0, n) }
}

func friday(weeks int) func(time.Time, []Token) time.Time {
	return func(r time.Time, _ []Token) time.Time { return fridayOf(r, weeks) }
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
		week := strings.HasPrefix(tokens[end-1].Lower, "uke") || strings.HasPrefix(tokens[end-1].Lower, "vek")
		if _, number := Number(tokens[end-1].Lower); number && end-i >= 2 { // "uke 50, torsdag"
			week = true
		}
		if next < len(tokens) && tokens[end-1].Mark != '.' && week {
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
		if wd, ok := weekdays[tokens[i+1].Lower]; ok {
			d := Date{From: i, To: i + 2}
			if !ref.IsZero() && wd == ref.Weekday() { // said on a Monday, "neste mandag" has one meaning
				d.Day = ref.AddDate(0, 0, 7)
			}
			return d, true
		}
	}
	wd, ok := weekdays[tokens[i].Lower]
	if !ok {
		return Date{}, false
	}
	d := Date{From: i, To: i + 1}
	if at, day, ok := ordinalAfter(tokens, i); ok { // "mandag den sekstende": no day when the two disagree
		d.To = at + 1
		if !ref.IsZero() {
			for n := range 3 {
				t := time.Date(ref.Year(), ref.Month()+time.Month(n), day, 0, 0, 0, 0, time.UTC)
				if t.Day() == day && !t.Before(ref) && t.Weekday() == wd {
					d.Day = t
					break
				}
			}
		}
		return d, true
	}
	if end, ok := Phrase("i? neste uke|veke").At(tokens, i+1); ok && tokens[i].Mark == 0 {
		d.To = end
		if !ref.IsZero() {
			d.Day = inWeekOf(ref.AddDate(0, 0, 7), wd)
		}
		return d, true
	}
	if end, ok := Phrase("i? uke|veke #").At(tokens, i+1); ok && tokens[i].Mark == 0 {
		d.To = end
		if !ref.IsZero() {
			if of := fridayOfWeek(ref, count(tokens[i+1:end])); !of.IsZero() {
				d.Day = inWeekOf(of, wd)
			}
		}
		return d, true
	}
	if end, ok := Phrase("om # dager|dagar").At(tokens, i+1); ok && tokens[i].Mark == 0 {
		d.To = end
		if !ref.IsZero() { // "måndag om fjorten dagar"
			d.Day = inWeekOf(ref.AddDate(0, 0, count(tokens[i+1:end])), wd)
		}
		return d, true
	}
	if end, ok := Phrase("om # uke|uker|veke|veker").At(tokens, i+1); ok && tokens[i].Mark == 0 {
		d.To = end
		if !ref.IsZero() { // "torsdag om to uker"
			d.Day = inWeekOf(ref.AddDate(0, 0, 7*count(tokens[i+1:end])), wd)
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

// ordinalAfter is the day of the month said right after the weekday at token i, without a month.
func ordinalAfter(tokens []Token, i int) (at, day int, ok bool) {
	at = i + 1
	if at < len(tokens) && tokens[i].Mark == 0 && tokens[at].Lower == "den" {
		at++
	}
	if at >= len(tokens) || tokens[at-1].Mark != 0 {
		return 0, 0, false
	}
	day, ok = Ordinal(tokens[at].Lower)
	if !ok || day < 1 || day > 31 || at == i+1 && day < 3 {
		return 0, 0, false
	}
	if at+1 < len(tokens) && tokens[at].Mark == 0 && (months[tokens[at+1].Lower] != 0 || tokens[at+1].Lower == "i" || strings.HasSuffix(tokens[at+1].Lower, "dag")) {
		return 0, 0, false
	}
	return at, day, true
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

// Clock reads a time of day after "kl.", "klokka" or "klokken": "10", "10.30", "ti", "halv elleve", "kvart på
// ni". It returns the first time as 10.30, and where it stands.
func Clock(tokens []Token) (text string, from, to int, ok bool) {
	for i := range tokens {
		if !slices.Contains([]string{"kl", "klokka", "klokken", "klokkan", "klokko"}, tokens[i].Lower) || i+1 >= len(tokens) {
			continue
		}
		at := i + 1
		if at+1 < len(tokens) && slices.Contains([]string{"er", "var"}, tokens[at].Lower) { // "klokka er 17.35"
			at++
		}
		if h, m, n, found := timeAt(tokens[at:]); found {
			return fmt.Sprintf("%02d.%02d", h, m), i, at + n, true
		}
	}
	return "", 0, 0, false
}

// SpokenClock finds a time of day that says what it is without "klokka": "halv fire", "kvart over ti", "fem på
// halv ni".
func SpokenClock(tokens []Token) (text string, from, to int, ok bool) {
	for i := range tokens {
		second := i + 1
		if second >= len(tokens) || tokens[i].Mark != 0 {
			continue
		}
		half := tokens[i].Lower == "halv"
		quarter := slices.Contains([]string{"kvart", "kvarter", "fem", "ti"}, tokens[i].Lower) && slices.Contains([]string{"på", "over"}, tokens[second].Lower) && second+1 < len(tokens)
		if quarter && tokens[second+1].Lower != "halv" && !strings.HasPrefix(tokens[i].Lower, "kvart") {
			continue // "fem på ti" can be people
		}
		if !half && !quarter {
			continue
		}
		if h, m, n, found := timeAt(tokens[i:]); found {
			return fmt.Sprintf("%02d.%02d", h, m), i, i + n, true
		}
	}
	return "", 0, 0, false
}

// timeAt reads a time of day at the beginning of tokens, and how many of them it takes.
func timeAt(tokens []Token) (h, m, n int, ok bool) {
	if h, m, ok := hourMinute(tokens[0].Text); ok {
		return h, m, 1, true
	}
	second := ""
	if len(tokens) > 1 {
		second = tokens[1].Lower
	}
	back := func(minutes, at int) (int, int, int, bool) { // minutes from the hour that stands at token at
		if at >= len(tokens) {
			return 0, 0, 0, false
		}
		half := tokens[at].Lower == "halv" && at+1 < len(tokens)
		if half {
			at++
			minutes -= 30
		}
		h, ok := Number(tokens[at].Lower)
		if !ok || h < 1 || h > 24 {
			return 0, 0, 0, false
		}
		all := (h*60 + minutes) % (24 * 60)
		return all / 60, all % 60, at + 1, true
	}
	if tokens[0].Lower == "halv" {
		return back(0, 0)
	}
	minutes, number := Number(tokens[0].Lower)
	if slices.Contains([]string{"kvart", "kvarter"}, tokens[0].Lower) {
		minutes, number = 15, true
	}
	switch {
	case !number:
		return 0, 0, 0, false
	case second == "på" && minutes < 30 && tokens[0].Mark == 0:
		if h, m, n, ok := back(-minutes, 2); ok {
			return h, m, n, true
		}
	case second == "over" && minutes < 30 && tokens[0].Mark == 0:
		if h, m, n, ok := back(minutes, 2); ok {
			return h, m, n, true
		}
	}
	if minutes > 24 || slices.Contains([]string{"kvart", "kvarter"}, tokens[0].Lower) {
		return 0, 0, 0, false
	}
	if len(tokens) > 1 && tokens[0].Mark == 0 && !allDigits(tokens[0].Text) { // "atten tretti"
		if m, ok := Number(second); ok && m < 60 && m%5 == 0 && m > 0 {
			return minutes, m, 2, true
		}
	}
	return minutes, 0, 1, true
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
