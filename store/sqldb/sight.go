package sqldb

import (
	"fmt"
	"strings"

	"github.com/referent/referent/store"
)

// maxBranches bounds the parts that a list is merged from. Each walks an index and stops after a page;
// whoever sees more departments than that sees so much that walking all of the list and leaving out what
// they do not see costs less.
const maxBranches = 48

// Args collects the arguments of a statement.
type Args []any

// Arg adds an argument and returns its place.
func (n *Args) Arg(v any) string {
	*n = append(*n, v)
	return fmt.Sprintf("$%d", len(*n))
}

// branches are the conditions under which rows are seen, each one for an index of its own: none for a
// sight that sees nothing, and one that always holds for the program itself. times is how many parts a
// branch becomes; narrow is false when there would be too many.
func branches(seen *store.Sight, times int, n *Args) (conditions []string, narrow bool) {
	if seen == nil {
		return []string{""}, true
	}
	if (len(seen.Departments)+1)*max(times, 1) > maxBranches {
		return nil, false
	}
	switch {
	case seen.Unassigned:
		conditions = append(conditions, "department = ''")
	case seen.Owner != "":
		conditions = append(conditions, "department = '' AND owner = "+n.Arg(seen.Owner))
	}
	for _, d := range seen.Departments {
		conditions = append(conditions, "department = "+n.Arg(d))
	}
	return conditions, true
}

// visible is the same as one condition, for rows that are found otherwise. alias is that of the table, with
// its dot. The expressions keep the planner from walking all that is seen instead.
func visible(seen *store.Sight, alias string, n *Args) string {
	if seen == nil {
		return "1 = 1"
	}
	alternatives := []string{"1 = 0"}
	switch {
	case seen.Unassigned:
		alternatives = append(alternatives, alias+"department || '' = ''")
	case seen.Owner != "":
		alternatives = append(alternatives, fmt.Sprintf("(%[1]sdepartment || '' = '' AND %[1]sowner || '' = %[2]s)", alias, n.Arg(seen.Owner)))
	}
	if len(seen.Departments) > 0 {
		alternatives = append(alternatives, alias+"department || '' IN "+n.list(seen.Departments))
	}
	return "(" + strings.Join(alternatives, " OR ") + ")"
}

// list adds the values and returns them as SQL's list. The last is repeated up to a power of two, so that
// the cache holds few statements however many departments there are.
func (n *Args) list(values []string) string {
	size := 1
	for size < len(values) {
		size *= 2
	}
	places := make([]string, size)
	for i := range places {
		places[i] = n.Arg(values[min(i, len(values)-1)])
	}
	return "(" + strings.Join(places, ", ") + ")"
}

// joined is all of the conditions as one.
func joined(conditions []string) string { return strings.Join(conditions, " AND ") }

// merged joins parts that are each in order and within the limit; of none it makes no statement.
func merged(parts []string, order string) string {
	switch len(parts) {
	case 0:
		return ""
	case 1:
		return parts[0]
	}
	for i, p := range parts {
		parts[i] = fmt.Sprintf("SELECT * FROM (%s) AS b%d", p, i)
	}
	return strings.Join(parts, " UNION ALL ") + order
}
