package queue

import (
	"strings"
	"testing"

	"github.com/referent/referent"
)

func FuzzParseSubject(f *testing.F) {
	f.Add("job.prepare.any.inter.0192f3aa-1b2c")
	f.Add("job.transcribe.any.bulk.x")
	f.Add("job.assemble.any.bulk.x")
	f.Add("job.prepare.any.bulk.x.y")
	f.Add("job.prepare.any.bulk.>")
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		m, err := parseSubject(s)
		if err != nil {
			if referent.CodeOf(err) != referent.CodeInvalid {
				t.Fatalf("code %s", referent.CodeOf(err))
			}
			return
		}
		if m.subject() != s || strings.ContainsAny(m.Job, ".*> ") {
			t.Fatalf("%q read as %+v", s, m)
		}
	})
}

func TestReachable(t *testing.T) {
	for address, want := range map[string]string{
		"nats://127.0.0.1:4222": "nats://127.0.0.1:4222",
		"tls://0.0.0.0:4222":    "tls://127.0.0.1:4222",
		"tls://[::]:4222":       "tls://[::1]:4222",
		"tls://10.1.2.3:4222":   "tls://10.1.2.3:4222",
		"nats://localhost:4222": "nats://localhost:4222",
	} {
		if got := reachable(address); got != want {
			t.Errorf("%s is reached at %s, want %s", address, got, want)
		}
	}
}

func TestIsInboxOf(t *testing.T) {
	for subject, want := range map[string]bool{
		"_INBOX_worker.UAAA.ABCDEFGHIJKLMNOPQRSTUV.1": true,
		"_INBOX_worker.UAAAB.ABCDEFGHIJKLMNOPQRSTU.1": false,
		"_INBOX_worker.UBBB.ABCDEFGHIJKLMNOPQRSTUV.1": false,
		"_INBOX_worker.UAAA":                          false,
		"_INBOX_worker":                               false,
		"_INBOX_workers.x":                            false,
		"_INBOX.x":                                    false,
		"cancel.job":                                  false,
		"$JS.API.STREAM.DELETE.JOBS_MINUTES":          false,
		"":                                            false,
	} {
		if got := IsInboxOf("UAAA", subject); got != want {
			t.Errorf("%q: %v", subject, got)
		}
	}
}
