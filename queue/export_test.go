package queue

// SubjectOf is where a message is published.
func SubjectOf(m Message) string { return m.subject() }
