package main

import (
	"crypto/tls"
	"errors"
	"time"
)

// expiresSoon is how long before its end a certificate is warned of: a letter to an authority takes weeks.
const expiresSoon = 30 * 24 * time.Hour

// certificates reads, as the service's user, what the server would show at both its addresses.
func (d *doctor) certificates(now time.Time) {
	d.certificate("certificate", d.cfg.TLSCert, d.cfg.TLSKey, now)
	if d.cfg.NATS.URL == "" {
		d.certificate("certificate:nats", d.cfg.NATS.TLSCert, d.cfg.NATS.TLSKey, now)
	}
}

func (d *doctor) certificate(check, cert, key string, now time.Time) {
	if cert == "" {
		return
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		d.add(check, bad, err.Error(), "certificate_unreadable")
		return
	}
	end := pair.Leaf.NotAfter
	detail := end.Local().Format(time.DateOnly)
	switch left := end.Sub(now); {
	case left <= 0:
		d.add(check, bad, detail, "certificate_expired")
	case left < expiresSoon:
		d.add(check, warning, detail, "certificate_expires", "days", int(left.Hours()/24))
	default:
		d.add(check, good, detail, "")
	}
}

// untrusted tells whether a server answered with a certificate that this machine does not trust.
func untrusted(err error) bool {
	var refused *tls.CertificateVerificationError
	return errors.As(err, &refused)
}
