package access

import "slices"

// Permission is what an act needs. The zero value is no permission at all: nothing may be registered with it.
type Permission string

// The permissions that need no role.
const (
	Public     Permission = "public"      // everybody, signed in or not: health, sign-in and its files
	OwnAccount Permission = "own_account" // everybody who is signed in: their account, tokens and language, the API's description
)

// The permissions about meetings. They are held in a department, or as the owner of a meeting without one.
const (
	SeeMeeting     Permission = "see_meeting"     // that there is one: its details, state and progress
	CreateMeeting  Permission = "create_meeting"  // make one, or move one here
	Upload         Permission = "upload"          // bring its recording
	ChangeDetails  Permission = "change_details"  // title, date, participants, agenda
	Process        Permission = "process"         // stop its work, try again, write the minutes anew
	ReadContent    Permission = "read_content"    // hear the recording, read and search transcript and minutes
	CorrectContent Permission = "correct_content" // change transcript, speakers and minutes
	Review         Permission = "review"          // say that the minutes have been gone through; no route needs it yet
	Approve        Permission = "approve"         // approve the minutes
	Export         Permission = "export"          // take documents and the recording out
	Erase          Permission = "erase"           // erase the meeting, or its audio alone
	Hold           Permission = "hold"            // put a legal hold on the meeting, and lift it
	SeeReaders     Permission = "see_readers"     // who has read the meeting
	ManageWords    Permission = "manage_words"    // say which names and words its recordings are likely to hold
)

// The permissions about the installation. Only a role for all departments holds them.
const (
	ManageUsers  Permission = "manage_users"  // users, departments and who is a member
	ManageSystem Permission = "manage_system" // workers, given-up jobs, figures, endpoints, the word list of all
	ReadAudit    Permission = "read_audit"    // receipts of erasure, what the calendar will erase, what administrators did, who read what
)

// ofMeetings and ofSystem are in the order of the table.
var (
	ofMeetings = []Permission{SeeMeeting, CreateMeeting, Upload, ChangeDetails, Process, ReadContent, CorrectContent, Review, Approve, Export, Erase, Hold, SeeReaders, ManageWords}
	ofSystem   = []Permission{ManageUsers, ManageSystem, ReadAudit}
)

// MeetingPermissions lists what can be held about meetings, in the order of the table.
func MeetingPermissions() []Permission { return slices.Clone(ofMeetings) }

// SystemPermissions lists what can be held about the installation, in the order of the table.
func SystemPermissions() []Permission { return slices.Clone(ofSystem) }

// Known reports whether p is one of the constants above.
func (p Permission) Known() bool {
	return p == Public || p == OwnAccount || p.OfMeeting() || p.OfSystem()
}

// ShowsContent reports whether what is answered to somebody who holds p can hold what was said or written in a meeting.
func (p Permission) ShowsContent() bool {
	switch p {
	case ReadContent, CorrectContent, Review, Approve, Export:
		return true
	}
	return false
}

// OfMeeting reports whether p is about a meeting.
func (p Permission) OfMeeting() bool { return slices.Contains(ofMeetings, p) }

// OfSystem reports whether p is about the installation.
func (p Permission) OfSystem() bool { return slices.Contains(ofSystem, p) }
