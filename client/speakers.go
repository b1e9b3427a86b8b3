package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/referent/referent/speakers"
	"github.com/referent/referent/store"
)

// Speakers lists the speakers of a meeting's transcript.
func (c *Client) Speakers(ctx context.Context, id string) (*speakers.Listing, error) {
	return call[speakers.Listing](ctx, c, http.MethodGet, at(id)+"/speakers", nil)
}

// SuggestSpeakers suggests names for the speakers that have none, from what was said.
func (c *Client) SuggestSpeakers(ctx context.Context, id string) (*speakers.Suggested, error) {
	return call[speakers.Suggested](ctx, c, http.MethodGet, at(id)+"/speakers/suggestions", nil)
}

// The edits below take the version of the transcript that the edit is for; 0 is whichever is the newest.
// When somebody else changed it meanwhile the error is CodeConflict, with a *Problem in its chain whose
// Version is the newest, and nothing is changed.

// RenameSpeaker names a speaker; an empty name takes the name back.
func (c *Client) RenameSpeaker(ctx context.Context, id, speaker, name string, version int) (*speakers.Change, error) {
	return call[speakers.Change](ctx, c, http.MethodPatch, speakerAt(id, speaker), map[string]any{"name": name, "version": version})
}

// MergeSpeakers makes all that one speaker said another's.
func (c *Client) MergeSpeakers(ctx context.Context, id, from, into string, version int) (*speakers.Change, error) {
	return call[speakers.Change](ctx, c, http.MethodPost, speakerAt(id, from)+"/merge", map[string]any{"into": into, "version": version})
}

// SplitSpeaker parts a speaker who is two people by how the segments sound. CodeOneVoice: they sound like
// one. CodeVoicesGone: how they sound is not known any more.
func (c *Client) SplitSpeaker(ctx context.Context, id, speaker string, version int) (*speakers.Change, error) {
	return call[speakers.Change](ctx, c, http.MethodPost, speakerAt(id, speaker)+"/split", map[string]any{"version": version})
}

// Move says how MoveSegment moves.
type Move struct {
	To      string // a speaker's id, or speakers.New
	Alike   bool   // also all segments of the present speaker that sound like it
	DryRun  bool   // tell what would move and change nothing
	Version int
}

// MoveSegment gives a segment to another speaker.
func (c *Client) MoveSegment(ctx context.Context, id, segment string, m Move) (*speakers.Change, error) {
	return call[speakers.Change](ctx, c, http.MethodPost, at(id)+"/segments/"+url.PathEscape(segment)+"/speaker",
		map[string]any{"to": m.To, "alike": m.Alike, "dry_run": m.DryRun, "version": m.Version})
}

// Corrections lists the names that were put in the place of what was heard.
func (c *Client) Corrections(ctx context.Context, id string) (*speakers.Corrected, error) {
	return call[speakers.Corrected](ctx, c, http.MethodGet, at(id)+"/corrections", nil)
}

// RevertCorrection takes back the correction at the index of the list of that version, which must be
// given, and returns the list that is left.
func (c *Client) RevertCorrection(ctx context.Context, id string, index, version int) (*speakers.Corrected, error) {
	return call[speakers.Corrected](ctx, c, http.MethodPost, at(id)+"/corrections/"+strconv.Itoa(index)+"/revert",
		map[string]any{"version": version})
}

// DeleteAudio deletes a meeting's recording and all that was made of its sound but words, and returns
// the proof.
func (c *Client) DeleteAudio(ctx context.Context, id string) (*store.Receipt, error) {
	return call[store.Receipt](ctx, c, http.MethodDelete, at(id)+"/audio", nil)
}

func speakerAt(id, speaker string) string { return at(id) + "/speakers/" + url.PathEscape(speaker) }
