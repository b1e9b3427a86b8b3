package pipeline

import (
	"errors"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/referent/referent"
)

// errFarModel refuses a job to a worker of a release that does not tell its class. CodeUnavailable: it leaves the message for another.
var errFarModel = referent.E(referent.CodeUnavailable, "pipeline: claim job",
	errors.New("the LLM is on the server's loopback, and a worker of the server's machine does this"))

// elsewhere reports whether a worker is on another machine than the LLM that a job of minutes with these options needs: its
// address means this very machine, and would mean the worker's there.
//
// It is so only while a local worker does minutes. Where none does, all workers are elsewhere because
// somebody arranged it so, each with an LLM of its own, or a tunnel to one.
func (p *Pipeline) elsewhere(j *referent.Job, o referent.Options, worker string, all []WorkerInfo) bool {
	return j.Stage == referent.StageMinutes && o.Writer != WriterBuiltin && p.cfg.Endpoint != nil &&
		!strings.HasPrefix(worker, LocalWorkers) && thisMachine(p.cfg.Endpoint.BaseURL) && localWriter(all)
}

// localWriter reports whether one of all is on this machine and does minutes.
func localWriter(all []WorkerInfo) bool {
	return slices.ContainsFunc(all, func(w WorkerInfo) bool {
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
