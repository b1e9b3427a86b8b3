package access

import "slices"

// Role is what a person does in a department. Roles add up: nobody loses anything by having one more.
type Role string

const (
	Registrar Role = "registrar" // registers meetings, uploads, puts the details right
	Referent  Role = "referent"  // writes: corrects transcript and minutes, goes through them
	Approver  Role = "approver"  // approves
	Archive   Role = "archive"   // keeps what is approved, and erases when its time is over
	Admin     Role = "admin"     // runs the installation: sees what there is, reads nothing of it
	Auditor   Role = "auditor"   // reads receipts of erasure, what will be erased when, and who has read what
)

// Roles lists every role in the order of the table.
var Roles = []Role{Registrar, Referent, Approver, Archive, Admin, Auditor}

// Known reports whether r is one of Roles.
func (r Role) Known() bool { return slices.Contains(Roles, r) }

// Grant is one cell of the table. The greater goes before the smaller where roles meet.
type Grant int

const (
	Never    Grant = iota
	Approved       // only when the meeting's minutes are approved
	Always
)

// The cells as the table shows them, all of one width.
const (
	___ = Never
	apr = Approved
	yes = Always
)

// columns of the table: the owner of a meeting without a department, then Roles.
const columns = 7

// table is the whole of the rules. A row that is missing grants nothing.
var table = map[Permission][columns]Grant{
	// in turn: owner, registrar, referent, approver, archive, admin, auditor
	SeeMeeting:     {yes, yes, yes, yes, yes, yes, yes},
	CreateMeeting:  {yes, yes, ___, ___, ___, ___, ___},
	Upload:         {yes, yes, ___, ___, ___, ___, ___},
	ChangeDetails:  {yes, yes, yes, ___, ___, ___, ___},
	Process:        {yes, yes, yes, ___, ___, yes, ___},
	ReadContent:    {yes, ___, yes, yes, apr, ___, ___},
	CorrectContent: {yes, ___, yes, ___, ___, ___, ___},
	Review:         {yes, ___, yes, ___, ___, ___, ___},
	Approve:        {yes, ___, ___, yes, ___, ___, ___},
	Export:         {yes, ___, yes, yes, apr, ___, ___},
	Erase:          {yes, ___, ___, ___, yes, ___, ___},
	Hold:           {___, ___, ___, ___, yes, yes, ___}, // not the owner: it binds the owner too
	SeeReaders:     {yes, ___, ___, yes, ___, ___, yes}, // who answers for the minutes, and who looks after; not one's colleagues
	ManageWords:    {___, ___, ___, ___, ___, yes, ___},

	ManageUsers:  {___, ___, ___, ___, ___, yes, ___},
	ManageSystem: {___, ___, ___, ___, ___, yes, ___},
	ReadAudit:    {___, ___, ___, ___, ___, yes, yes},
}

// OwnerHolds is what the owner of a meeting without a department holds.
func OwnerHolds(p Permission) Grant { return table[p][0] }

// Holds is what the role holds of the permission, in a department that it is held in.
func (r Role) Holds(p Permission) Grant {
	i := slices.Index(Roles, r)
	if i < 0 {
		return Never
	}
	return table[p][i+1]
}
