package pipeline

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/templates"
)

// A meeting may be of an organisation's own kind: its writer gets the template and the kind whose rules hold,
// and a dictation of its own goes before bulk work as any other.
func TestOwnTemplate(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.yaml": "id: avvik\nbase: hjemmetjenestenotat\nname: {nb: Avvik}\nsections: [{source: text, heading: {nb: Hendelse}}]\n",
		"b.yaml": string(templates.Example),
	} {
		ok(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	catalogue, err := templates.Load(dir)
	ok(t, err)
	r := newRig(t, func(c *Config) { c.Templates = catalogue })
	create := func(k referent.Kind, l referent.Language) (*referent.Meeting, error) {
		m := &referent.Meeting{Owner: "u", Kind: k, Language: l}
		return m, r.p.Create(t.Context(), m)
	}
	for _, c := range []struct {
		kind      referent.Kind
		form      referent.Language
		base      referent.Kind
		priority  referent.Priority
		templated bool
	}{
		{"prosjektmote", referent.Nynorsk, referent.KindReferat, referent.PriorityBulk, true},
		{"avvik", referent.Bokmal, referent.KindCareNote, referent.PriorityInteractive, true},
		{referent.KindProtocol, referent.Bokmal, referent.KindProtocol, referent.PriorityBulk, false},
		{"", referent.Bokmal, referent.KindReferat, referent.PriorityBulk, false},
	} {
		m, err := create(c.kind, c.form)
		ok(t, err)
		var job *referent.Job
		ok(t, r.p.do(t.Context(), func(ctx context.Context, s *step) error {
			if err := s.add(ctx, m, referent.StageMinutes, 0); err != nil {
				return err
			}
			jobs, err := s.JobsOf(ctx, m.ID)
			job = &jobs[0]
			return err
		}))
		if job.Priority != c.priority {
			t.Errorf("%s: priority %v", c.kind, job.Priority)
		}
		task, err := r.p.task(t.Context(), job, m)
		ok(t, err)
		if task.Meeting.Kind != c.base || (task.Template != nil) != c.templated || c.templated && task.Template.ID != string(c.kind) {
			t.Errorf("%s: the writer gets kind %s, template %v", c.kind, task.Meeting.Kind, task.Template)
		}
	}
	// What there is none of is refused, and so is a form that the template lacks: minutes are not written in
	// the other.
	for kind, form := range map[referent.Kind]referent.Language{"vits": referent.Bokmal, "avvik": referent.Nynorsk} {
		_, err := create(kind, form)
		wantCode(t, err, referent.CodeInvalid)
	}
	// A template that is taken away later stops the minutes with a cause that can be mended.
	m, err := create("avvik", referent.Bokmal)
	ok(t, err)
	r.p.cfg.Templates = nil
	_, err = r.p.task(t.Context(), &referent.Job{Stage: referent.StageMinutes, Meeting: m.ID}, m)
	wantCode(t, err, referent.CodeConfig)
	if referent.CodeOf(err).Permanent() || referent.HintOf(err) == "" {
		t.Errorf("%v", err)
	}
}
