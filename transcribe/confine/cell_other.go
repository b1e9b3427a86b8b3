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
	listen net.Listener
	addr   string
}

// New makes a cell: CodeConfig when mode requires one.
func New(mode Mode, network bool) (*Cell, error) {
	if mode == Require {
		return nil, lacking(Probe())
	}
	c := &Cell{}
	if network {
		l, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			return nil, referent.E(referent.CodeInternal, "confine: listen", err)
		}
		c.listen, c.addr = l, l.Addr().String()
	}
	return c, nil
}

// Addr is the address that the program reads from.
func (c *Cell) Addr() string { return c.addr }

// Shared reports whether others of this machine can reach Addr as well.
func (c *Cell) Shared() bool { return true }

// Start starts cmd and returns the listener at Addr, which the cell closes.
func (c *Cell) Start(cmd *exec.Cmd, _ Limits) (net.Listener, error) {
	if err := cmd.Start(); err != nil {
		return nil, referent.E(referent.CodeFFmpegMissing, "confine: start program", err).WithHint("ffmpeg is there but does not start")
	}
	return c.listen, nil
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

// Killed cannot tell here.
func Killed(*os.ProcessState) bool { return false }

func probe() Report { return Report{Reason: "only Linux has the means"} }
