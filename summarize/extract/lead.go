package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// leaderEndings end the names of the posts whose holders lead meetings.
var leaderEndings = []string{"leder", "lederen", "leiar", "leiaren", "ordfører", "ordførar", "rektor", "styrer", "styrar", "sjef", "sjefen"}

// Leads reports whether a role leads meetings: "prosjektleder", "dagleg leiar", "rektor".
func Leads(role string) bool {
	return slices.ContainsFunc(norsk.Tokens(role), func(t norsk.Token) bool {
		return slices.ContainsFunc(leaderEndings, func(e string) bool { return strings.HasSuffix(t.Lower, e) })
	})
}

// markLeaders marks what is said by who leads the meeting: by role, of several with such a role the one who speaks
// most often, or, where no role tells, the first voice.
func markLeaders(m *referent.Meeting, us []utterance, p *people) {
	said := map[string]int{}
	for i := range us {
		said[p.known(us[i].speaker)]++
	}
	leader := ""
	for _, person := range m.Participants {
		if Leads(person.Role) && said[person.Name] > 0 && (leader == "" || said[person.Name] > said[leader]) {
			leader = person.Name
		}
	}
	for i := range us {
		u := &us[i]
		if leader != "" {
			u.leads = p.known(u.speaker) == leader
		} else {
			u.leads = us[0].voice != "" && u.voice == us[0].voice
		}
	}
}
