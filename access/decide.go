package access

import (
	"maps"
	"slices"
)

// All stands for every department that is not one of health, where a role is given.
const All = "*"

// Member is somebody with what they are.
type Member struct {
	User string
	// Administrator is who runs an installation that has no departments: they hold Admin for All, and do
	// with meetings without a department what the owners do.
	Administrator bool
	Roles         map[string][]Role // by department, or All
}

// Meeting is what counts of a meeting.
type Meeting struct {
	Owner      string
	Department string // "": its owner's alone
	Health     bool   // the department is one of health
	Approved   bool   // the minutes are approved
}

// Reason is why something is allowed or not. It is a word for logs and answers, without a person in it.
type Reason string

const (
	ByOwner         Reason = "owner"         // allowed: the meeting is theirs
	ByAdministrator Reason = "administrator" // allowed: an administrator, and a meeting without a department
	ByRole          Reason = "role"          // allowed: a role of theirs holds it
	BySigningIn     Reason = "signed_in"     // allowed: everybody who is signed in may
	Hidden          Reason = "hidden"        // refused: they may not even know of the meeting
	NeedToKnow      Reason = "need_to_know"  // refused and hidden: a role for all does not reach into health
	NotApproved     Reason = "not_approved"  // refused until the minutes are approved
	NoRole          Reason = "no_role"       // refused: no role of theirs holds it
)

// Decision is the answer.
type Decision struct {
	Allowed bool
	Reason  Reason
}

// Hides reports whether whoever was refused must not learn that there is such a meeting.
func (d Decision) Hides() bool { return d.Reason == Hidden || d.Reason == NeedToKnow }

// Decide says whether m may do p with the meeting. Creating is decided over the meeting that would be.
func Decide(m Member, on Meeting, p Permission) Decision {
	if !p.OfMeeting() || m.User == "" {
		return Decision{false, Hidden}
	}
	if on.Department == "" {
		switch own := OwnerHolds(p); {
		case on.Owner == m.User && (own != Never || !m.Administrator):
			return cell(own, on, ByOwner)
		case m.Administrator:
			return cell(unassigned(p), on, ByAdministrator)
		}
		return Decision{false, Hidden}
	}
	roles := m.in(on.Department, on.Health)
	if best(roles, SeeMeeting) != Always {
		if on.Health && best(m.everywhere(), SeeMeeting) == Always {
			return Decision{false, NeedToKnow}
		}
		return Decision{false, Hidden}
	}
	return cell(best(roles, p), on, ByRole)
}

// DecideSystem says whether m may do p, which is about the installation or needs no role.
func DecideSystem(m Member, p Permission) Decision {
	switch {
	case p == Public, p == OwnAccount && m.User != "":
		return Decision{true, BySigningIn}
	case p.OfSystem() && best(m.everywhere(), p) == Always:
		return Decision{true, ByRole}
	}
	return Decision{false, NoRole}
}

// Administers reports whether m holds any permission about the installation.
func (m Member) Administers() bool {
	return slices.ContainsFunc(ofSystem, func(p Permission) bool { return DecideSystem(m, p).Allowed })
}

// Somewhere reports whether m holds p, which is about meetings, in any department.
func (m Member) Somewhere(p Permission) bool {
	for _, roles := range m.Roles {
		if best(roles, p) == Always {
			return true
		}
	}
	return best(m.everywhere(), p) == Always
}

// Ordinary is m without what concerns the whole installation: what a token without the scope admin carries.
func (m Member) Ordinary() Member {
	roles := maps.Clone(m.Roles)
	if all, there := roles[All]; there {
		roles[All] = slices.DeleteFunc(slices.Clone(all), func(r Role) bool { return r == Admin || r == Auditor })
	}
	return Member{User: m.User, Roles: roles}
}

// everywhere are the roles that m has for All.
func (m Member) everywhere() []Role {
	if m.Administrator {
		return append([]Role{Admin}, m.Roles[All]...)
	}
	return m.Roles[All]
}

// in are the roles that m has in a department.
func (m Member) in(department string, health bool) []Role {
	if department == All {
		return nil // the name of no department
	}
	if health {
		return m.Roles[department]
	}
	return slices.Concat(m.Roles[department], m.everywhere())
}

// unassigned is what an administrator holds where there is no department: what owners do, and what binds owners.
func unassigned(p Permission) Grant { return max(OwnerHolds(p), Admin.Holds(p)) }

// best is the most that one of the roles holds.
func best(roles []Role, p Permission) Grant {
	most := Never
	for _, r := range roles {
		most = max(most, r.Holds(p))
	}
	return most
}

func cell(g Grant, on Meeting, because Reason) Decision {
	switch {
	case g == Always, g == Approved && on.Approved:
		return Decision{true, because}
	case g == Approved:
		return Decision{false, NotApproved}
	}
	return Decision{false, NoRole}
}
