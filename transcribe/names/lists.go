package names

import (
	_ "embed"
	"strings"
)

//go:embed everyday.txt
var everydayFile string

//go:embed known.txt
var knownFile string

var (
	// everyday are words that are nobody's name where they are heard well, in lower case.
	everyday = read(everydayFile)
	// known are names that need not mean anybody on a roster, in lower case.
	known = read(knownFile)
)

// read takes the words of a list; a line that begins with # is a remark.
func read(list string) map[string]bool {
	set := map[string]bool{}
	for line := range strings.Lines(list) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for _, w := range strings.Fields(line) {
			set[strings.ToLower(w)] = true
		}
	}
	return set
}
