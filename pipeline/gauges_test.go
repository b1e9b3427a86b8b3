package pipeline

import (
	"maps"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/referent/referent"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/worker/protocol"
)

// What waits for its turn, what workers can find, and what they are at are told apart, without a word of whose it is.
func TestQueueGauges(t *testing.T) {
	reg := prometheus.NewRegistry()
	r := newRig(t, func(c *Config) { c.Metrics = reg })
	for range nobodyFinds + 3 {
		r.of("health")
	}
	dictation := newMeeting()
	dictation.Kind = referent.KindDictate
	r.upload(dictation, 100)
	ok(t, r.p.dispatch(t.Context()))
	j := r.job(dictation.ID, referent.StagePrepare, 0)
	_, _, err := r.p.lease(t.Context(), j.ID, "far/1", false)
	ok(t, err)
	families, err := reg.Gather()
	ok(t, err)
	got := map[[3]string]float64{}
	for _, f := range families {
		if f.GetName() != "referent_queue_jobs" {
			continue
		}
		for _, m := range f.GetMetric() {
			labels := map[string]string{}
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = l.GetValue()
			}
			if len(labels) != 3 {
				t.Errorf("labels %v", labels)
			}
			got[[3]string{labels["stage"], labels["priority"], labels["state"]}] = m.GetGauge().GetValue()
		}
	}
	if want := 3 * 2 * (len(queue.Stages) + 1); len(got) != want {
		t.Errorf("%d lines, want %d", len(got), want)
	}
	for at, want := range map[[3]string]float64{
		{"prepare", "bulk", "waiting"}:    3,
		{"prepare", "bulk", "published"}:  nobodyFinds,
		{"prepare", "bulk", "running"}:    0,
		{"prepare", "inter", "waiting"}:   0,
		{"prepare", "inter", "published"}: 0,
		{"prepare", "inter", "running"}:   1,
	} {
		if got[at] != want {
			t.Errorf("%v: %v, want %v", at, got[at], want)
		}
	}
}

// Workers are counted by class and by whether the server's weights are in their memory, and by no name.
func TestClassGauges(t *testing.T) {
	reg := prometheus.NewRegistry()
	r := newRig(t, func(c *Config) { c.Metrics = reg })
	for name, p := range map[string]protocol.Presence{
		"far/1": {Class: protocol.GPU, Model: "base"}, "far/2": {Class: protocol.GPU}, "far/3": {Class: protocol.GPU, Model: "a-name-nobody-knows"},
		"far/4": {Class: protocol.CPU, Model: "base"}, "far/5": {Class: protocol.CPU, Model: "base"}, "far/6": {},
	} {
		r.presents(name, p)
	}
	families, err := reg.Gather()
	ok(t, err)
	got := map[[2]string]float64{}
	for _, f := range families {
		if f.GetName() != "referent_worker_classes" {
			continue
		}
		for _, m := range f.GetMetric() {
			labels := map[string]string{}
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = l.GetValue()
			}
			got[[2]string{labels["class"], labels["model"]}] = m.GetGauge().GetValue()
		}
	}
	want := map[[2]string]float64{
		{"gpu", "configured"}: 1, {"gpu", "other"}: 1, {"gpu", "none"}: 1,
		{"cpu", "configured"}: 2, {"cpu", "other"}: 0, {"cpu", "none"}: 0,
		{"unknown", "configured"}: 0, {"unknown", "other"}: 0, {"unknown", "none"}: 1,
	}
	if !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
