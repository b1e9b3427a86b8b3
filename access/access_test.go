package access_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent/access"
)

const user = "kari"

func member(roles map[string][]access.Role) access.Member {
	return access.Member{User: user, Roles: roles}
}

// in is a meeting of a department, made by somebody else.
func in(department string) access.Meeting {
	return access.Meeting{Owner: "ola", Department: department, Health: strings.HasPrefix(department, "health")}
}

func approved(m access.Meeting) access.Meeting { m.Approved = true; return m }

func TestDecide(t *testing.T) {
	roles := func(department string, of ...access.Role) map[string][]access.Role {
		return map[string][]access.Role{department: of}
	}
	mine := access.Meeting{Owner: user}
	for _, c := range []struct {
		name string
		who  access.Member
		on   access.Meeting
		p    access.Permission
		want access.Reason
	}{
		{"the owner of a meeting without a department does everything", member(nil), mine, access.Approve, access.ByOwner},
		{"another's meeting is hidden", member(nil), in(""), access.SeeMeeting, access.Hidden},
		{"a role for all gives nothing in a meeting without a department", member(roles(access.All, access.Admin)), in(""), access.SeeMeeting, access.Hidden},
		{"an administrator does, as ever", access.Member{User: user, Administrator: true}, in(""), access.ReadContent, access.ByAdministrator},
		{"an administrator sees a department's meeting", access.Member{User: user, Administrator: true}, in("school"), access.SeeMeeting, access.ByRole},
		{"and does not read it", access.Member{User: user, Administrator: true}, in("school"), access.ReadContent, access.NoRole},
		{"unless he is given it", access.Member{User: user, Administrator: true, Roles: roles("school", access.Referent)}, in("school"), access.ReadContent, access.ByRole},
		{"who made a department's meeting and has no role there does not see it", member(nil), access.Meeting{Owner: user, Department: "school"}, access.SeeMeeting, access.Hidden},
		{"a registrar does not read what he registered", member(roles("school", access.Registrar)), access.Meeting{Owner: user, Department: "school"}, access.ReadContent, access.NoRole},
		{"roles add up", member(roles("school", access.Registrar, access.Referent)), in("school"), access.ReadContent, access.ByRole},
		{"another department is hidden", member(roles("school", access.Referent)), in("roads"), access.SeeMeeting, access.Hidden},
		{"the archive reads what is approved", member(roles("school", access.Archive)), approved(in("school")), access.ReadContent, access.ByRole},
		{"and not before", member(roles("school", access.Archive)), in("school"), access.ReadContent, access.NotApproved},
		{"a role for all reaches a department", member(roles(access.All, access.Referent)), in("school"), access.ReadContent, access.ByRole},
		{"but not one of health", member(roles(access.All, access.Referent, access.Archive)), in("health"), access.SeeMeeting, access.NeedToKnow},
		{"nor does an administrator", access.Member{User: user, Administrator: true}, in("health"), access.SeeMeeting, access.NeedToKnow},
		{"its own people do", member(roles("health", access.Referent)), in("health"), access.ReadContent, access.ByRole},
		{"one of health's people is nobody elsewhere in health", member(roles("health", access.Referent)), in("health2"), access.SeeMeeting, access.Hidden},
		{"a department called as all are is no way in", member(roles(access.All, access.Referent)), in(access.All), access.SeeMeeting, access.Hidden},
		{"nobody owns what nobody made", access.Member{}, access.Meeting{}, access.SeeMeeting, access.Hidden},
		{"what is not about meetings is not decided here", member(roles("school", access.Admin)), in("school"), access.ManageUsers, access.Hidden},
	} {
		got := access.Decide(c.who, c.on, c.p)
		allowed := slices.Contains([]access.Reason{access.ByOwner, access.ByAdministrator, access.ByRole}, c.want)
		if got.Reason != c.want || got.Allowed != allowed {
			t.Errorf("%s: %+v, want %s", c.name, got, c.want)
		}
	}
}

func TestDecideSystem(t *testing.T) {
	for _, c := range []struct {
		name string
		who  access.Member
		p    access.Permission
		want bool
	}{
		{"everybody", access.Member{}, access.Public, true},
		{"a stranger's account", access.Member{}, access.OwnAccount, false},
		{"one's account", member(nil), access.OwnAccount, true},
		{"no rule", access.Member{User: user, Administrator: true}, "", false},
		{"an administrator", access.Member{User: user, Administrator: true}, access.ManageUsers, true},
		{"admin for all", member(map[string][]access.Role{access.All: {access.Admin}}), access.ManageSystem, true},
		{"admin of one department", member(map[string][]access.Role{"school": {access.Admin}}), access.ManageUsers, false},
		{"auditor for all reads", member(map[string][]access.Role{access.All: {access.Auditor}}), access.ReadAudit, true},
		{"and does not manage", member(map[string][]access.Role{access.All: {access.Auditor}}), access.ManageUsers, false},
		{"a token without the scope", access.Member{User: user, Administrator: true, Roles: map[string][]access.Role{access.All: {access.Admin}}}.Ordinary(), access.ManageUsers, false},
	} {
		if got := access.DecideSystem(c.who, c.p); got.Allowed != c.want {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
	who := member(map[string][]access.Role{access.All: {access.Admin, access.Referent}, "school": {access.Admin}})
	if ordinary := who.Ordinary(); len(ordinary.Roles[access.All]) != 1 || len(ordinary.Roles["school"]) != 1 || len(who.Roles[access.All]) != 2 {
		t.Errorf("without administration: %+v of %+v", ordinary, who)
	}
}

func TestSomewhere(t *testing.T) {
	for _, c := range []struct {
		name string
		who  access.Member
		want bool
	}{
		{"an administrator", access.Member{User: user, Administrator: true}, true},
		{"admin of a department", member(map[string][]access.Role{"school": {access.Referent}, "roads": {access.Admin}}), true},
		{"admin for all", member(map[string][]access.Role{access.All: {access.Admin}}), true},
		{"others", member(map[string][]access.Role{"school": {access.Referent, access.Auditor}}), false},
		{"nobody", member(nil), false},
	} {
		if got := c.who.Somewhere(access.ManageWords); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// Lists show exactly what may be seen one by one, for each role in each place.
func TestReachAgreesWithDecide(t *testing.T) {
	departments := []access.Department{{ID: "school"}, {ID: "roads"}, {ID: "health", Health: true}}
	var people []access.Member
	for _, administrator := range []bool{false, true} {
		people = append(people, access.Member{User: user, Administrator: administrator})
		for _, place := range []string{"school", "health", access.All} {
			for _, a := range access.Roles {
				for _, b := range access.Roles {
					people = append(people, access.Member{User: user, Administrator: administrator, Roles: map[string][]access.Role{place: {a}, "roads": {b}}})
				}
			}
		}
	}
	seen := 0
	for _, who := range people {
		for _, p := range access.MeetingPermissions() {
			reach := who.Reach(p, departments)
			for _, department := range []string{"", "school", "roads", "health"} {
				for _, owner := range []string{user, "ola"} {
					for _, done := range []bool{false, true} {
						on := access.Meeting{Owner: owner, Department: department, Health: department == "health", Approved: done}
						listed := department == "" && (reach.Owner == owner || reach.Unassigned) ||
							slices.Contains(reach.Departments, department) || done && slices.Contains(reach.Approved, department)
						if got := access.Decide(who, on, p).Allowed; got != listed {
							t.Fatalf("%+v, %s, %+v: decided %v, listed %v", who, p, on, got, listed)
						}
						seen++
					}
				}
			}
		}
	}
	if seen < 10000 {
		t.Errorf("only %d cases", seen)
	}
}

// What nobody sees nobody can do anything with, and every role sees the meetings of its department.
func TestTableIsSound(t *testing.T) {
	for _, r := range access.Roles {
		if r.Holds(access.SeeMeeting) != access.Always {
			t.Errorf("a %s does not see meetings", r)
		}
		if r.Holds(access.Export) > r.Holds(access.ReadContent) {
			t.Errorf("a %s takes out what they may not read", r)
		}
	}
	for _, r := range []access.Role{access.Registrar, access.Admin, access.Auditor} {
		for _, p := range []access.Permission{access.ReadContent, access.CorrectContent, access.Review, access.Approve, access.Export} {
			if r.Holds(p) != access.Never {
				t.Errorf("a %s holds %s", r, p)
			}
		}
	}
	for _, p := range access.SystemPermissions() {
		if access.OwnerHolds(p) != access.Never {
			t.Errorf("owning a meeting gives %s", p)
		}
	}
	if access.Role("stranger").Holds(access.SeeMeeting) != access.Never {
		t.Error("a role that is none holds something")
	}
	if access.Permission("").Known() || access.Permission("see").Known() || !access.Erase.Known() {
		t.Error("Known does not know")
	}
}

// The table that people read is this table.
func TestDocumentedTable(t *testing.T) {
	page, err := os.ReadFile("../docs/access.md")
	if err != nil {
		t.Fatal(err)
	}
	cells := map[access.Grant]string{access.Never: "–", access.Approved: "godkjent", access.Always: "ja"}
	for _, p := range slices.Concat(access.MeetingPermissions(), access.SystemPermissions()) {
		row := fmt.Sprintf("`%s` | %s |", p, cells[access.OwnerHolds(p)])
		for _, r := range access.Roles {
			row += " " + cells[r.Holds(p)] + " |"
		}
		if !strings.Contains(string(page), row+"\n") {
			t.Errorf("docs/access.md lacks the row: | … | %s", row)
		}
	}
	for _, r := range access.Roles {
		if !strings.Contains(string(page), "`"+string(r)+"`") {
			t.Errorf("docs/access.md does not tell of %s", r)
		}
	}
}
