package worker

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// roleEnv makes the test binary one of the processes of the supervisor's tests.
const roleEnv = "REFERENT_TEST_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(roleEnv) {
	case "child":
		childMain()
	case "deaf":
		deafMain()
	case "supervisor":
		supervisorMain()
	}
	goleak.VerifyTestMain(m)
}

// childMain tells its pid on stderr and ends in good order when asked, or when its parent is gone.
func childMain() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	ctx, end := UntilParentDies(ctx, os.Stdin)
	defer end()
	fmt.Fprintln(os.Stderr, os.Getpid())
	<-ctx.Done()
	os.Exit(0)
}

// deafMain does not listen to being asked to stop.
func deafMain() {
	signal.Ignore(syscall.SIGTERM)
	fmt.Fprintln(os.Stderr, os.Getpid())
	endless, stop := context.WithTimeout(context.Background(), time.Minute) // should its killing fail
	defer stop()
	<-endless.Done()
	os.Exit(1)
}

// supervisorMain supervises one child until it is killed.
func supervisorMain() {
	s, err := NewSupervisor(SupervisorConfig{
		Count:   1,
		Name:    func(int) string { return "local/0" },
		Command: func(int) *exec.Cmd { return roleCommand("child") },
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	s.Run(context.Background())
}

func roleCommand(role string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleEnv+"="+role)
	return cmd
}
