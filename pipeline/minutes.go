package pipeline

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/failpoint"
	"github.com/referent/referent/review"
	"github.com/referent/referent/store"
)

// MinutesVersion is one version of a meeting's minutes.
type MinutesVersion struct {
	Version int
	By      string // user id of the person who made it; "" for a machine's
	Created time.Time
	Minutes *referent.Minutes
}

// MinutesInfo tells of a version without what stands in it.
type MinutesInfo struct {
	Version  int
	By       string // user id of the person who made it; "" for a machine's
	Created  time.Time
	From     int    // the version that it was made from; 0: none, or not known
	Source   int    // another version that something of it was taken from, or that was gone back to; 0: none, or not known
	Did      string // the deed that made it, as in store.Deed.What; "": not known
	Part     string // of the minutes, where an edit made it
	Shown    bool   // it is the one that is shown
	Approved bool   // somebody answered for it
	Replaced bool   // it was approved, and another has taken its place
}

// Editor is a person who changes minutes.
type Editor struct {
	ID   string // user id
	Name string // as it stands in what the person answers for
}

// MinutesVersion reads one version of the minutes. Version 0 is the one to show: a person's newest, else the
// machine's newest. store.ErrNotFound: there is no such version.
func (p *Pipeline) MinutesVersion(ctx context.Context, meeting string, version int) (*MinutesVersion, error) {
	a, err := p.version(ctx, meeting, store.ArtifactMinutes, version)
	if err != nil {
		return nil, err
	}
	key, err := p.key(ctx, meeting)
	if err != nil {
		return nil, err
	}
	v := &MinutesVersion{Version: a.Version, By: a.Author, Created: a.Created, Minutes: new(referent.Minutes)}
	return v, p.load(ctx, a, key, v.Minutes)
}

// Minutes reads what stands in one version of the minutes: see MinutesVersion.
func (p *Pipeline) Minutes(ctx context.Context, meeting string, version int) (*referent.Minutes, error) {
	v, err := p.MinutesVersion(ctx, meeting, version)
	if err != nil {
		return nil, err
	}
	return v.Minutes, nil
}

// MinutesVersions lists the versions, the oldest first.
func (p *Pipeline) MinutesVersions(ctx context.Context, meeting string) ([]MinutesInfo, error) {
	arts, err := p.cfg.Store.Artifacts(ctx, meeting)
	if err != nil {
		return nil, err
	}
	deeds, err := p.cfg.Store.History(ctx, meeting)
	if err != nil {
		return nil, err
	}
	best, err := shown(ctx, p.cfg.Store, meeting, store.ArtifactMinutes)
	if errors.Is(err, store.ErrNotFound) { // there are none, or no longer
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var list []MinutesInfo
	for _, a := range arts {
		if a.Kind != store.ArtifactMinutes {
			continue
		}
		v := MinutesInfo{Version: a.Version, By: a.Author, Created: a.Created, Shown: a.Version == best.Version}
		if i := slices.IndexFunc(deeds, func(d store.Deed) bool { return d.Version == a.Version }); i >= 0 {
			v.From, v.Source, v.Did, v.Part = deeds[i].From, deeds[i].Source, deeds[i].What, deeds[i].Part
			v.Approved = v.Did == store.DeedApproved
			v.Replaced = v.Approved && !v.Shown
		}
		list = append(list, v)
	}
	return list, nil
}

// SaveMinutes stores a person's version of the minutes, written as a whole. From then on it is the one shown,
// whatever machines write later. version is the one that the person had before them: CodeConflict with a
// *VersionConflict says that it is not the shown one any more, and nothing is changed; with version 0 it takes the
// place of whichever is shown. CodeConflict without it: the meeting has no transcript yet, or is approved.
func (p *Pipeline) SaveMinutes(ctx context.Context, meeting string, by Editor, version int, m *referent.Minutes) (*MinutesVersion, error) {
	const op = "pipeline: save minutes"
	if m == nil {
		return nil, invalid(op, "a version has a text")
	}
	return p.nextMinutes(ctx, meeting, by, version, minutesStep{op: op, what: store.DeedSaved,
		write: func(from *referent.Minutes, _ review.Person) (*referent.Minutes, error) {
			return review.Handed(from, m)
		}})
}

// EditMinutes stores a person's version of the minutes, made by an edit from the shown one. version and errors are
// as with SaveMinutes, and those of review.Apply and review.Taken; store.ErrNotFound: there are no minutes yet, or no
// version to restore or take from.
func (p *Pipeline) EditMinutes(ctx context.Context, meeting string, by Editor, version int, e review.Edit) (*MinutesVersion, error) {
	st := minutesStep{op: "pipeline: edit minutes", what: string(e.Do), part: string(e.List), edit: e, needs: true,
		write: func(from *referent.Minutes, who review.Person) (*referent.Minutes, error) {
			if e.Do != review.Restore && e.Do != review.Take {
				return review.Apply(from, e, who)
			}
			if e.Version < 1 || e.Do == review.Restore && e.List != "" {
				return nil, invalid("pipeline: edit minutes", "a version is restored by its number, as a whole, and taken from by its number")
			}
			src, err := p.source(ctx, meeting, e.Version)
			if err != nil {
				return nil, err
			}
			if e.Do == review.Take {
				return review.Taken(from, src, review.Part{List: e.List, Index: e.Index}, who)
			}
			return review.Restored(src.Minutes)
		}}
	if e.Do == review.Restore || e.Do == review.Take {
		st.source = e.Version
	}
	return p.nextMinutes(ctx, meeting, by, version, st)
}

// source is a version of the minutes as something to take from.
func (p *Pipeline) source(ctx context.Context, meeting string, version int) (review.Source, error) {
	v, err := p.MinutesVersion(ctx, meeting, version)
	if err != nil {
		return review.Source{}, err
	}
	return review.Source{Version: v.Version, Minutes: v.Minutes, Person: v.By != ""}, nil
}

// MinutesParts lists the parts of the version that is shown and of another, and what would come of taking each from
// that: see review.Parts. It tells which is shown. Errors are those of review.Parts; store.ErrNotFound: there is no
// such version.
func (p *Pipeline) MinutesParts(ctx context.Context, meeting string, from int) (shown int, parts []review.Offer, err error) {
	now, err := p.MinutesVersion(ctx, meeting, 0)
	if err != nil {
		return 0, nil, err
	}
	src, err := p.source(ctx, meeting, from)
	if err != nil {
		return 0, nil, err
	}
	parts, err = review.Parts(now.Minutes, src)
	return now.Version, parts, err
}

// Approve makes the shown version the one that the person answers for: a version of its own, without the label of
// machine-made text, locked from then on. version is the one that the person read, and is never 0. CodeUnchecked:
// something in it is still to be checked; CodeConflict as with SaveMinutes. The meeting becomes of the kind and in the
// written form that the minutes name, whatever it was to become since: how long it is kept goes by the kind.
func (p *Pipeline) Approve(ctx context.Context, meeting string, by Editor, version int) (*MinutesVersion, error) {
	const op = "pipeline: approve minutes"
	if version < 1 || by.Name == "" {
		return nil, invalid(op, "a person approves the version that they read")
	}
	return p.nextMinutes(ctx, meeting, by, version, minutesStep{op: op, what: store.DeedApproved, needs: true, to: referent.StateApproved,
		write: review.Approved})
}

// Reopen takes approved minutes up again, to be corrected: a new draft is made of them. The approved version stays
// readable. CodeConflict: they are not approved; with a *VersionConflict: version is not the one shown any more.
func (p *Pipeline) Reopen(ctx context.Context, meeting string, by Editor, version int) (*MinutesVersion, error) {
	return p.nextMinutes(ctx, meeting, by, version, minutesStep{op: "pipeline: reopen minutes", what: store.DeedReopened, needs: true, to: referent.StateReviewed,
		write: func(from *referent.Minutes, _ review.Person) (*referent.Minutes, error) { return review.Reopened(from) }})
}

// History lists who did what with the minutes, the first first.
func (p *Pipeline) History(ctx context.Context, meeting string) ([]store.Deed, error) {
	return p.cfg.Store.History(ctx, meeting)
}

// minutesStep is how one version of the minutes becomes another.
type minutesStep struct {
	op, what, part string         // what and part stand in the history
	source         int            // a version that something is taken from, or gone back to; 0: none
	edit           review.Edit    // of an edit
	needs          bool           // there must be minutes already
	to             referent.State // "": the meeting becomes reviewed where it was not
	write          func(from *referent.Minutes, who review.Person) (*referent.Minutes, error)
}

// nextMinutes makes the step. One that is for whichever version is shown is made anew when somebody was faster.
func (p *Pipeline) nextMinutes(ctx context.Context, meeting string, by Editor, version int, st minutesStep) (*MinutesVersion, error) {
	if by.ID == "" {
		return nil, invalid(st.op, "a version has an author")
	}
	for try := 1; ; try++ {
		v, err := p.tryMinutes(ctx, meeting, by, version, st)
		if _, faster := errors.AsType[*VersionConflict](err); faster && version == 0 && try < editTries {
			continue
		}
		return v, err
	}
}

func (p *Pipeline) tryMinutes(ctx context.Context, meeting string, by Editor, version int, st minutesStep) (*MinutesVersion, error) {
	key, err := p.key(ctx, meeting)
	if err != nil {
		return nil, err
	}
	from, err := p.MinutesVersion(ctx, meeting, 0)
	if errors.Is(err, store.ErrNotFound) && !st.needs {
		from, err = &MinutesVersion{}, nil
	}
	if err != nil {
		return nil, err
	}
	if version != 0 && version != from.Version {
		return nil, outdated(st.op, from.Version)
	}
	made, err := st.write(from.Minutes, review.Person{Name: by.Name, At: p.now()})
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(made)
	if err != nil {
		return nil, referent.E(referent.CodeInvalid, st.op, err)
	}
	if len(data) > maxResult {
		return nil, referent.E(referent.CodeTooLarge, st.op, nil)
	}
	name, err := seal(ctx, p.cfg.Vault, meeting, key, data)
	if err != nil {
		return nil, referent.E(referent.CodeOf(err), st.op, err)
	}
	failpoint.Hit("minutes.sealed")
	a := store.Artifact{Meeting: meeting, Kind: store.ArtifactMinutes, Blob: name, Size: int64(len(data)), Author: by.ID}
	err = p.do(ctx, func(ctx context.Context, s *step) error { return s.putMinutes(ctx, &a, made, from.Version, st) })
	if err != nil {
		return nil, p.dropBlobs(ctx, err, name)
	}
	failpoint.Hit("minutes.saved")
	return &MinutesVersion{Version: a.Version, By: by.ID, Created: a.Created, Minutes: made}, nil
}

// putMinutes stores the version if nobody was faster, makes it the one that is found, and moves the meeting on.
func (s *step) putMinutes(ctx context.Context, a *store.Artifact, made *referent.Minutes, from int, st minutesStep) error {
	now, err := shown(ctx, s, a.Meeting, store.ArtifactMinutes)
	switch {
	case errors.Is(err, store.ErrNotFound):
		now = &store.Artifact{}
	case err != nil:
		return err
	}
	if now.Version != from {
		return outdated(st.op, now.Version)
	}
	m, err := s.Meeting(ctx, a.Meeting)
	if err != nil {
		return err
	}
	if err := s.mayWrite(ctx, m, st); err != nil {
		return err
	}
	a.Created = s.now
	if err := s.PutArtifact(ctx, a); err != nil {
		return err
	}
	err = s.AddDeed(ctx, &store.Deed{Meeting: a.Meeting, What: st.what, Part: st.part, Version: a.Version, From: from, Source: st.source, By: a.Author, At: s.now})
	if err != nil {
		return err
	}
	if err := s.findMinutes(ctx, a.Meeting, made, st.following()); err != nil {
		return err
	}
	if st.what == store.DeedApproved {
		failpoint.Hit("minutes.approving")
		if s.kinds.Find(made.Kind) != nil {
			m.Kind = made.Kind
		}
		if written(made.Language) {
			m.Language = made.Language
		}
	}
	switch m.State {
	case referent.StateFailed, referent.StateCancelled: // what the machine could not, a person did
		m.Failure, m.Progress = nil, 1
		return s.move(ctx, m, referent.StateReviewed)
	case referent.StateDraft, referent.StateReviewed, referent.StateApproved, referent.StateExported:
		if to := cmp.Or(st.to, referent.StateReviewed); to != m.State {
			return s.move(ctx, m, to)
		}
	}
	return s.tell(ctx, m, store.Event{Type: "minutes"})
}

// mayWrite holds a step against where the meeting is in its life.
func (s *step) mayWrite(ctx context.Context, m *referent.Meeting, st minutesStep) error {
	locked := m.State.Approved()
	switch {
	case m.State == referent.StatePurged:
		return refused(st.op, "the meeting is being erased")
	case st.what == store.DeedReopened && !locked:
		return refused(st.op, "the minutes are not approved")
	case st.what != store.DeedReopened && locked:
		return refused(st.op, "the minutes are approved")
	case st.what == store.DeedApproved && m.State != referent.StateDraft && m.State != referent.StateReviewed:
		return refused(st.op, "the minutes are being made")
	}
	for _, kind := range []store.ArtifactKind{store.ArtifactTranscript, store.ArtifactMinutes} { // minutes outlive the transcript
		if _, err := s.Artifact(ctx, m.ID, kind, 0); !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return refused(st.op, "the meeting has no transcript yet")
}
