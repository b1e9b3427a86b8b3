package summarize

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"
)

// The causes for which a call does not come through, as a person reads them.
var (
	errTimeout     = errors.New("no answer in time")
	errUnknownHost = errors.New("no such host")
	errNoServer    = errors.New("the connection is refused")
	errNoRoute     = errors.New("the host cannot be reached")
	errBroken      = errors.New("the server broke the connection off")
	errTLS         = errors.New("no trusted TLS connection comes about")
	errTransport   = errors.New("the server does not answer as a web server does")
)

// cause reduces what a transport tells to one of a fixed set: its own words can hold bytes of the server's
// answer, where it redirects to, and the whole address.
func cause(err error) error {
	is := func(targets ...error) bool {
		for _, t := range targets {
			if errors.Is(err, t) {
				return true
			}
		}
		return false
	}
	if e, ok := errors.AsType[*net.DNSError](err); ok && e.IsNotFound {
		return errUnknownHost
	}
	if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() || is(context.DeadlineExceeded) {
		return errTimeout
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return errUnknownHost
	}
	switch {
	case is(syscall.ECONNREFUSED):
		return errNoServer
	case is(syscall.ENETUNREACH, syscall.EHOSTUNREACH):
		return errNoRoute
	case secured(err):
		return errTLS
	case is(syscall.ECONNRESET, syscall.EPIPE, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed):
		return errBroken
	}
	return errTransport
}

// secured reports whether it is TLS that failed.
func secured(err error) bool {
	_, record := errors.AsType[tls.RecordHeaderError](err)
	_, alert := errors.AsType[tls.AlertError](err)
	_, verify := errors.AsType[*tls.CertificateVerificationError](err)
	_, authority := errors.AsType[x509.UnknownAuthorityError](err)
	_, name := errors.AsType[x509.HostnameError](err)
	_, invalid := errors.AsType[x509.CertificateInvalidError](err)
	return errors.Is(err, http.ErrSchemeMismatch) || record || alert || verify || authority || name || invalid
}
