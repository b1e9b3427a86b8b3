package queue

import "testing"

// Without SyncAlways a power cut takes up to two minutes of acknowledged messages.
func TestServerSyncsAlways(t *testing.T) {
	keys, err := LoadKeys(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s, err := StartServer(ServerConfig{Dir: t.TempDir(), Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Shutdown()
	if cfg := s.ns.JetStreamConfig(); cfg == nil || !cfg.SyncAlways {
		t.Errorf("JetStream runs with %+v", cfg)
	}
}
