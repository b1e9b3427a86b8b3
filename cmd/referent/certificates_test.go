package main

import (
	"crypto/tls"
	"log/slog"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/referent/referent/configs"
	"github.com/referent/referent/queue/natstest"
)

// What the server shows at both its addresses is told of before it expires.
func TestShownCertificatesAreTold(t *testing.T) {
	cert, key := natstest.NewAuthority(t).Named("moter.example.no")
	cfg := configs.Defaults()
	cfg.DataDir, cfg.Listen, cfg.Workers = t.TempDir(), "127.0.0.1:0", 0
	cfg.TLSCert, cfg.TLSKey, cfg.NATS.TLSCert, cfg.NATS.TLSKey = cert, key, cert, key
	s, err := openSystem(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	told := prometheus.NewRegistry()
	told.MustRegister(s.shown)
	families, err := told.Gather()
	if err != nil || len(families) != 1 || families[0].GetName() != "referent_certificate_expiry_timestamp_seconds" {
		t.Fatalf("it tells %v, %v", families, err)
	}
	ends := map[string]float64{}
	for _, m := range families[0].GetMetric() {
		ends[m.GetLabel()[0].GetValue()] = m.GetGauge().GetValue()
	}
	if end := float64(pair.Leaf.NotAfter.Unix()); len(ends) != 2 || ends["web"] != end || ends["nats"] != end {
		t.Errorf("it tells %v, want %v of web and nats", ends, end)
	}
}
