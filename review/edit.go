package review

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/referent/referent"
)

// Do is what an edit does.
type Do string

const (
	Set     Do = "set"     // other words for a statement; where it was heard stays
	Add     Do = "add"     // a statement of the person's own, before the one at Index
	Delete  Do = "delete"  //
	Move    Do = "move"    // to the place To in its list
	Accept  Do = "accept"  // what was to be checked, or may have been forgotten, goes into the minutes
	Dismiss Do = "dismiss" // it was looked into and stays out; of Missing: it is in order
	Confirm Do = "confirm" // a vote is right as it stands
	Restore Do = "restore" // everything becomes as it was in another version: see Restored
	Take    Do = "take"    // one part becomes as it is in another version: see Taken
)

// List is a part of the minutes that an edit is for.
type List string

const (
	Head           List = "head"           // title, date, place, present and absent
	Items          List = "items"          // the themes' headings
	Points         List = "points"         // of the theme Edit.Of
	Decisions      List = "decisions"      //
	Actions        List = "actions"        //
	Votes          List = "votes"          //
	Movements      List = "movements"      //
	Recommendation List = "recommendation" // of the case Edit.Of: there is one
	Proposals      List = "proposals"      // of the case Edit.Of
	Closed         List = "closed"         // of the case Edit.Of: there is one
	NextMeeting    List = "next_meeting"   // there is one
	NeedsReview    List = "needs_review"
	PossiblyMissed List = "possibly_missed"
	Missing        List = "missing"
	Cases          List = "cases" // of take: a case of a protocol with all that stands in its name
)

// Edit is one small change. It is for one version of the minutes: what it counts are places in that.
type Edit struct {
	Do      Do    `json:"do" enum:"set,add,delete,move,accept,dismiss,confirm,restore,take" doc:"set: other words, heard where it was heard before; add: a statement of one's own before the one at index; accept: what was to be checked or may have been forgotten goes into the minutes; dismiss: it stays out; confirm: a vote is right; restore: all becomes as it was in version; take: one part becomes as it is in version, and the rest stays: list and index are those of list-minutes-parts."`
	List    List  `json:"list,omitempty" enum:"head,items,points,decisions,actions,votes,movements,recommendation,proposals,closed,next_meeting,needs_review,possibly_missed,missing,cases" doc:"The part of the minutes. Not for restore; cases only for take."`
	Of      int   `json:"of,omitempty" minimum:"0" doc:"Of points: the theme, from 0. Of recommendation, proposals and closed: the case, from 0. Accepted as points: the theme that they go into; as many as there are means a new one, headed by words.case."`
	Index   int   `json:"index,omitempty" minimum:"0" doc:"The place in the list, from 0; of take, in that of the version that it is taken from."`
	To      int   `json:"to,omitempty" minimum:"0" doc:"Of move: the place afterwards."`
	As      List  `json:"as,omitempty" enum:"decisions,actions,points" doc:"Of accept: what it becomes."`
	Version int   `json:"version,omitempty" minimum:"0" doc:"Of restore and take: the version that it comes from."`
	Words   Words `json:"words,omitzero" doc:"Of set, add and accept: all the words of the statement; what is left out is empty. Accepted without a text, it keeps its own."`
}

// Person is who makes an edit, and when.
type Person struct {
	Name string
	At   time.Time
}

// Apply makes new minutes of m as the edit says. CodeInvalid: the edit cannot be what it is; CodeNotFound: m has
// no such statement. Restore and Take are not for it: see Restored and
// Taken.
func Apply(m *referent.Minutes, e Edit, who Person) (*referent.Minutes, error) {
	if err := e.Words.clean(); err != nil {
		return nil, err
	}
	out, err := clone(m)
	if err != nil {
		return nil, err
	}
	switch e.Do {
	case Set, Add, Delete, Move:
		err = change(out, e, who)
	case Accept, Dismiss, Confirm:
		err = settle(out, e, who)
	default:
		err = invalid("there is no such edit")
	}
	if err != nil {
		return nil, err
	}
	if e.Do == Set {
		markReworded(m, out)
	}
	return out, nil
}

// clone is a draft that shares nothing with m, and whose lists are never null in JSON.
func clone(m *referent.Minutes) (*referent.Minutes, error) {
	data, err := json.Marshal(m)
	if err != nil {
		return nil, referent.E(referent.CodeInvalid, "review: copy minutes", err)
	}
	out := new(referent.Minutes)
	if err := json.Unmarshal(data, out); err != nil {
		return nil, referent.E(referent.CodeInvalid, "review: copy minutes", err)
	}
	out.Label, out.Approval = referent.DraftLabel, nil
	present(&out.Present)
	present(&out.Absent)
	present(&out.Items)
	present(&out.Decisions)
	present(&out.Actions)
	present(&out.Votes)
	present(&out.NeedsReview)
	present(&out.PossiblyMissed)
	present(&out.Missing)
	return out, nil
}

func present[T any](list *[]T) {
	if *list == nil {
		*list = []T{}
	}
}

const op = "review: edit minutes"

func invalid(why string) error { return referent.E(referent.CodeInvalid, op, errors.New(why)) }

func notThere() error {
	return referent.E(referent.CodeNotFound, op, errors.New("the minutes have no such statement"))
}
