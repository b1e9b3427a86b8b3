package configs_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent/configs"
)

func TestQueueSettings(t *testing.T) {
	for name, tt := range map[string]struct {
		yaml string
		ok   bool
	}{
		"a cluster":             {"url: 'tls://n1.example.no:4222, tls://n2.example.no:4222'", true},
		"on this machine":       {"url: nats://127.0.0.1:4222", true},
		"in plain":              {"url: nats://n1.example.no:4222", false},
		"one of them in plain":  {"url: 'tls://n1.example.no:4222,nats://n2.example.no:4222'", false},
		"with a password":       {"url: tls://a:b@n1.example.no:4222", false},
		"another kind":          {"url: https://n1.example.no", false},
		"workers told in plain": {"public: nats://ko.example.no:4222", false},
		"two replicas":          {"replicas: 2", false},
		"no authority":          {"ca: /nowhere/ca.pem", false},
	} {
		eff, err := configs.Load(write(t, "nats:\n  "+tt.yaml+"\n"), nil, nil)
		if err != nil {
			t.Fatal(name, err)
		}
		if err := eff.Validate(); (err == nil) != tt.ok || !tt.ok && !strings.Contains(err.Error(), "nats.") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := configs.Addresses(" a, ,b,"); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("addresses %q", got)
	}
}
