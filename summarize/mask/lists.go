package mask

import (
	_ "embed"
	"strings"
)

//go:embed names.txt
var namesFile string

// lists are the words of names.txt by the list they stand in.
var lists = func() map[string]map[string]bool {
	all := map[string]map[string]bool{}
	for line := range strings.Lines(namesFile) {
		name, words, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || name == "#" {
			continue
		}
		if all[name] == nil {
			all[name] = map[string]bool{}
		}
		for w := range strings.FieldsSeq(words) {
			all[name][fold(w)] = true
		}
	}
	return all
}()

var (
	firstNames  = lists["first"]
	eitherNames = lists["either"]
	lastNames   = lists["last"]
	farmNames   = lists["farm"]
	places      = lists["place"]
	bodies      = lists["body"]
	tails       = lists["tail"]
	starts      = lists["start"]
)
