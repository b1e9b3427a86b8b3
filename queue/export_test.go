package queue

import "time"

// SubjectOf is where a message is published.
func SubjectOf(m Message) string { return m.subject() }

// AdmitFor makes connections of workers to the cluster live that long, instead of [admittedFor].
func (c *Cluster) AdmitFor(d time.Duration) { c.admittedFor = d }
