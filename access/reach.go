package access

import "slices"

// Department is what counts of a department.
type Department struct {
	ID     string
	Health bool
}

// Reach is where somebody holds a permission about meetings: for lists, which a database answers without
// asking about each meeting.
type Reach struct {
	Owner       string   // in meetings without a department that are this user's
	Unassigned  bool     // in all meetings without a department
	Departments []string // in all meetings of these, sorted
	Approved    []string // in the approved meetings of these, sorted
}

// Reach says where m holds p. departments are all there are. It agrees with Decide on every meeting.
func (m Member) Reach(p Permission, departments []Department) Reach {
	var r Reach
	if m.User == "" || !p.OfMeeting() {
		return r
	}
	if OwnerHolds(p) == Always {
		r.Owner = m.User
	}
	r.Unassigned = m.Administrator && unassigned(p) == Always
	for _, d := range departments {
		switch best(m.in(d.ID, d.Health), p) {
		case Always:
			r.Departments = append(r.Departments, d.ID)
		case Approved:
			r.Approved = append(r.Approved, d.ID)
		}
	}
	slices.Sort(r.Departments)
	slices.Sort(r.Approved)
	return r
}

// In lists what m holds in a department, in the order of the table: always, and when minutes are approved.
func (m Member) In(d Department) (always, approved []Permission) {
	for _, p := range ofMeetings {
		switch best(m.in(d.ID, d.Health), p) {
		case Always:
			always = append(always, p)
		case Approved:
			approved = append(approved, p)
		}
	}
	return always, approved
}
