package pipeline

import (
	"errors"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/referent/referent"
)

// reachable refuses a job of minutes to a worker elsewhere when the LLM's address means this very machine,
// and would mean the worker's there. CodeUnavailable: the worker leaves the message for another.
//
// It is refused only while a local worker does minutes. Where none does, all workers are elsewhere because
// somebody arranged it so, each with an LLM of its own, or a tunnel to one.
func (p *Pipeline) reachable(j *referent.Job, m *referent.Meeting, worker string) error {
	if j.Stage != referent.StageMinutes || m.Options.Writer == WriterBuiltin || p.cfg.Endpoint == nil ||
		strings.HasPrefix(worker, LocalWorkers) || !thisMachine(p.cfg.Endpoint.BaseURL) || !p.localWriter() {
		return nil
	}
	return referent.E(referent.CodeUnavailable, "pipeline: claim job",
		errors.New("the LLM is on the server's loopback, and a worker of the server's machine does this"))
}

// localWriter reports whether a worker on this machine does minutes.
func (p *Pipeline) localWriter() bool {
	return slices.ContainsFunc(p.Workers(), func(w WorkerInfo) bool {
		return strings.HasPrefix(w.Worker, LocalWorkers) && slices.Contains(w.Stages, referent.StageMinutes)
	})
}

// thisMachine reports whether a URL's host means whatever machine it is looked up on.
func thisMachine(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	ip = ip.Unmap()
	return ip.IsLoopback() || ip.IsUnspecified()
}
