//go:build !linux

package confine

import (
	"net"
	"os"
	"os/exec"
	"time"

	"github.com/referent/referent"
)

// Cell is where one program runs; here it is not confined.
type Cell struct {
	network bool
	listen  net.Listener
}

// New makes a cell: CodeConfig when mode requires one.
func New(mode Mode, program string, network bool) (*Cell, error) {
	if mode == Require {
		return nil, lacking(Probe(program))
	}
	return &Cell{network: network}, nil
}

// Shared reports whether others of this machine can reach the program's address as well.
func (c *Cell) Shared() bool { return true }

// Start starts what fresh makes and returns the listener at the address that fresh was told, which the cell closes.
func (c *Cell) Start(fresh func(addr string) *exec.Cmd, _ Limits) (*exec.Cmd, net.Listener, error) {
	addr := ""
	if c.network {
		l, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			return nil, nil, referent.E(referent.CodeInternal, "confine: listen", err)
		}
		c.listen, addr = l, l.Addr().String()
	}
	cmd := fresh(addr)
	if err := cmd.Start(); err != nil {
		return nil, nil, referent.E(referent.CodeFFmpegMissing, "confine: start program", err).WithHint("ffmpeg is there but does not start")
	}
	return cmd, c.listen, nil
}

// Close gives back what the cell holds.
func (c *Cell) Close() {
	if c.listen != nil {
		c.listen.Close()
	}
}

// Extend has no means here.
func (c *Cell) Extend(time.Duration) {}

// Overspent cannot tell here.
func (c *Cell) Overspent(*os.ProcessState) bool { return false }

// Starved cannot tell here.
func (c *Cell) Starved(*os.ProcessState) bool { return false }

// Killed cannot tell here.
func Killed(*os.ProcessState) bool { return false }

func probe(string) Report { return Report{Plain: true, Reason: "only Linux has the means"} }
