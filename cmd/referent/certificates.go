package main

import (
	"crypto/tls"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/referent/referent"
)

// newCertificateGauge tells when what the server shows expires. It is read when the server starts, so a new file alone
// changes nothing: that is seen by the doctor, which reads the files.
func newCertificateGauge() *prometheus.GaugeVec {
	return prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "referent_certificate_expiry_timestamp_seconds",
		Help: "When the certificate that the server shows expires, in Unix time, by where it is shown: web or nats.",
	}, []string{"at"})
}

// serverTLS loads the certificate that is shown at one of the server's addresses; without one it returns nil.
func (s *system) serverTLS(at, cert, key string) (*tls.Config, error) {
	if cert == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, referent.E(referent.CodeConfig, "referent: load TLS certificate", err).WithHint("both files must be PEM and belong together")
	}
	s.shown.WithLabelValues(at).Set(float64(pair.Leaf.NotAfter.Unix()))
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}
