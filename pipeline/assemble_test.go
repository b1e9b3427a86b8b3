package pipeline

import (
	"testing"
	"time"

	"github.com/referent/referent"
)

// A long meeting is put together in more time than a worker has between two signs of life: nobody takes it from the
// server meanwhile.
func TestAssemblyTakesItsTime(t *testing.T) {
	var r *rig
	r = newRig(t, func(c *Config) {
		c.Assemble = func(a referent.Assembly) (*referent.Transcript, *referent.Voices) {
			r.clock.advance(10 * time.Minute)
			if lost, err := r.db.ExpiredLeases(t.Context(), r.clock.now()); len(lost) != 0 || err != nil {
				t.Errorf("leases that ran out: %+v, %v", lost, err)
			}
			return join(a)
		}
	})
	r.run()
	m := r.create(1000)
	r.hand("far/one").until(m.ID, referent.StateDraft)
}
