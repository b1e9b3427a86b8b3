package confine

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strings"
	"time"
)

// trial is how long one try may take, on a machine that is busy.
const trial = 10 * time.Second

// means is what the kernel has, as the binary says that is started again for it: a container can end a process that asks.
type means struct {
	Landlock int
	Seccomp  bool
}

// probe leaves parts out until program does its least, which is to say its version.
func probe(program string) Report {
	var has means
	var reasons []string
	said, err := order{Ask: true}.trial("")
	if err == nil {
		err = json.Unmarshal([]byte(said), &has)
	}
	switch {
	case err != nil:
		reasons = append(reasons, err.Error())
	case has.Landlock == 0:
		reasons = append(reasons, "the kernel gives no Landlock")
	case !has.Seccomp:
		reasons = append(reasons, "the kernel gives no seccomp filters")
	}
	landlocks, filters := []int{has.Landlock, 0}, []bool{has.Seccomp, false}
	if has.Landlock == 0 {
		landlocks = landlocks[1:]
	}
	if !has.Seccomp {
		filters = filters[1:]
	}
	// The namespace is left out first: it is what containers forbid. What a program of one's own lacks are its files.
	for _, landlock := range landlocks {
		for _, filter := range filters {
			for _, namespace := range []bool{true, false} {
				r := Report{Landlock: landlock, Seccomp: filter, Namespace: namespace}
				o := order{Landlock: landlock, Seccomp: filter, Namespace: namespace, Listen: namespace, Port: innerPort, Limits: Limits{}.withDefaults()}
				_, err := o.trial(program)
				if err == nil {
					r.Reason = strings.Join(reasons, "; ")
					return r
				}
				if reason := err.Error(); len(reasons) == 0 || reasons[len(reasons)-1] != reason {
					reasons = append(reasons, reason)
				}
			}
		}
	}
	return Report{Plain: true, Reason: strings.Join(reasons, "; ")}
}

// trial does o, with program if there is one, and returns what the start said.
func (o order) trial(program string) (said string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), trial)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "-version")
	if o.Program = program; program != "" {
		o.Args = cmd.Args
	}
	cmd.Err = nil // what cannot be looked up, or not be run from here, is found out below
	cmd.WaitDelay = time.Second
	cmd.Env = []string{"LC_ALL=C"}
	for _, e := range os.Environ() {
		if strings.HasPrefix(e, "LD_LIBRARY_PATH=") || strings.HasPrefix(e, "PATH=") {
			cmd.Env = append(cmd.Env, e)
		}
	}
	l, said, err := o.start(cmd, trial)
	if err != nil {
		return "", err
	}
	if l != nil {
		l.Close()
	}
	return said, errors.Join(ctx.Err(), cmd.Wait())
}
