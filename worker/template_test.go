package worker

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/worker/protocol"
)

// Minutes of an organisation's own kind are written by the rules of its base, with the template before the
// writer, and say which template they were made for.
func TestMinutesOfATemplate(t *testing.T) {
	d := newDesk(t)
	data, err := json.Marshal(&referent.Transcript{Schema: referent.TranscriptSchema})
	if err != nil {
		t.Fatal(err)
	}
	tpl := &referent.Template{ID: "hms", Base: referent.KindReferat, Name: referent.Forms{NB: "HMS-møte"}, SHA256: "ab",
		Sections: []referent.TemplateSection{{Source: referent.SectionText, Heading: referent.Forms{NB: "Avvik"}}, {Source: referent.SectionItems}}}
	d.add("m", &deskJob{task: protocol.Task{Stage: referent.StageMinutes, Meeting: referent.Meeting{Kind: referent.KindReferat}, Template: tpl},
		source: map[protocol.Source][]byte{protocol.SourceTranscript: data}})
	d.hire(func(c *Config) {
		c.Stages = []referent.Stage{referent.StageMinutes}
		c.Minutes = writeFunc(func(_ context.Context, m *referent.Meeting, _ *referent.Transcript, _ *referent.Endpoint, _ referent.Checkpoints, _ func(float64)) (*referent.Minutes, error) {
			return &referent.Minutes{Kind: m.Kind, Title: m.Template.Written()[0].Heading.In(referent.Bokmal)}, nil
		})
	})
	d.waitFor("m", "the job is done", done)
	d.see("m", func(j *deskJob) {
		var r referent.Minutes
		if err := json.Unmarshal(j.result, &r); err != nil || r.Kind != "hms" || r.Title != "Avvik" || r.Provenance.Template != "hms" || r.Provenance.TemplateSHA != "ab" {
			t.Errorf("result %.300s, %v", j.result, err)
		}
	})
}
