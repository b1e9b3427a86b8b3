package minutes

import (
	"bufio"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// Municipal reads the cases of real møtebøker in the folder municipal, and has them spoken: the chair
// opens the case, reads what was put forward, and tells how each member voted and what came of it. The
// gold is what the møtebok says. Who was in the chair it does not say.
//
// fs.ErrNotExist when there are none.
func Municipal(data fs.FS) ([]Case, error) {
	names, err := fs.Glob(data, "municipal/*.txt")
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, fs.ErrNotExist
	}
	var all []Case
	for _, name := range names {
		b, err := fs.ReadFile(data, name)
		if err != nil {
			return nil, err
		}
		c, err := spoken(string(b))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path.Base(name), err)
		}
		c.Name = strings.TrimSuffix(path.Base(name), ".txt")
		all = append(all, c)
	}
	return all, nil
}

var (
	bookHead   = regexp.MustCompile(`^(.+?)s behandling av sak (\d+/\d+) i møte den (\d{2}\.\d{2}\.\d{4})`)
	bookFor    = regexp.MustCompile(`^For forslaget stemte (\d+): (.+?)\.?$`)
	bookNot    = regexp.MustCompile(`^Imot forslaget stemte (\d+): (.+?)\.?$`)
	bookPerson = regexp.MustCompile(`^(.+?) \(([A-Za-zÆØÅæøå]+)\)`)
	bookInside = regexp.MustCompile(`(\p{Lu}[\p{L}-]+(?: \p{Lu}[\p{L}-]+)+) \(([A-Za-zÆØÅæøå]+)\)`)
)

// spoken is a møtebok's case read aloud.
func spoken(book string) (Case, error) {
	c := Case{Kind: referent.KindProtocol, Language: referent.Bokmal}
	var vote GoldVote
	var proposal, resolution []string
	part := ""
	scan := bufio.NewScanner(strings.NewReader(book))
	for scan.Scan() {
		line := strings.TrimSpace(scan.Text())
		if m := bookHead.FindStringSubmatch(line); m != nil {
			day, err := time.Parse("02.01.2006", m[3])
			if err != nil {
				return c, err
			}
			c.Body, c.Title, c.Date = m[1], m[1], day.Format(time.DateOnly)
			c.Agenda = []AgendaItem{{Number: "PS " + m[2], Title: "Sak " + m[2]}}
			c.say("Da går vi til sak " + m[2] + ".")
			continue
		}
		for _, m := range bookInside.FindAllStringSubmatch(line, -1) {
			c.member(m[1], m[2])
		}
		voted := false // the line belongs to the vote
		switch {
		case line == "":
			continue
		case isPart(line):
			part = strings.TrimSuffix(line, ":")
			if part == "Forslag i møte" {
				c.say("Følgende forslag er satt fram i møtet:")
			}
			continue
		case part == "Vedtak":
			resolution = append(resolution, line)
			continue // it is what was put forward, and the chair does not read it twice
		case strings.HasSuffix(line, "fremmet følgende forslag:"):
			part, voted = "Forslag", true
		}
		if m := bookFor.FindStringSubmatch(line); m != nil {
			vote.For, vote.ForMembers = c.members(m)
			part, voted = "Votering", true
		} else if m := bookNot.FindStringSubmatch(line); m != nil {
			vote.Against, vote.AgainstMembers = c.members(m)
			voted = true
		} else if folded := norsk.Fold(line); strings.Contains(folded, "enstemmig vedtatt") || strings.Contains(folded, "forslaget vedtatt") {
			vote.Adopted, voted = true, true
		} else if strings.HasPrefix(part, "Forslag") {
			proposal, voted = append(proposal, line), true
		}
		c.say(bookInside.ReplaceAllString(line, "$1"))
		if voted && !slices.Contains(vote.Lines, len(c.Lines)) {
			vote.Lines = append(vote.Lines, len(c.Lines))
		}
	}
	if err := scan.Err(); err != nil {
		return c, err
	}
	vote.Proposal = strings.Join(proposal, " ")
	vote.Keys = longest(strings.Join(resolution, " "))
	c.Gold.Votes = []GoldVote{vote}
	c.Gold.Decisions = []GoldDecision{{Text: strings.Join(resolution, " "), Lines: vote.Lines, Keys: vote.Keys}}
	return c, c.validate()
}

func isPart(line string) bool {
	switch strings.TrimSuffix(line, ":") {
	case "Behandling", "Habilitetsvurdering", "Forslag i møte", "Avstemning", "Votering", "Vedtak":
		return true
	}
	return false
}

// say has the chair say a line. A møtebok's lines are broken for the page: one that goes on in small
// letters, or stands after a colon or comma, is said in one breath with the one before.
func (c *Case) say(text string) {
	if r, _ := utf8.DecodeRuneInString(text); len(c.Lines) > 0 {
		before := &c.Lines[len(c.Lines)-1].Text
		if unicode.IsLower(r) || strings.HasSuffix(*before, ":") || strings.HasSuffix(*before, ",") {
			*before += " " + text
			return
		}
	}
	c.Lines = append(c.Lines, Line{"?", text})
}

// member adds a person to the roster, once.
func (c *Case) member(name, party string) {
	for _, p := range c.Participants {
		if p.Name == name {
			return
		}
	}
	c.Participants = append(c.Participants, Participant{Name: name, Party: party})
}

// members reads "4: Kari Moe (AP), Ola Berg (H)".
func (c *Case) members(m []string) (*int, []string) {
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return nil, nil
	}
	var names []string
	for part := range strings.SplitSeq(m[2], ", ") {
		if p := bookPerson.FindStringSubmatch(part); p != nil {
			names = append(names, p[1])
		}
	}
	return &n, names
}

// longest are the three longest words of a text, without which its wording would be another.
func longest(text string) []string {
	var words []string
	for _, t := range norsk.Tokens(text) {
		words = append(words, t.Lower)
	}
	slices.SortStableFunc(words, func(a, b string) int { return len(b) - len(a) })
	words = slices.Compact(words)
	return words[:min(3, len(words))]
}
