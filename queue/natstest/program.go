package natstest

import (
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// Program builds nats-server, of the version that the module pins, and is the path of the program.
func Program(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "nats-server")
	if out, err := exec.Command("go", "build", "-o", path, "github.com/nats-io/nats-server/v2").CombinedOutput(); err != nil {
		t.Fatalf("nats-server does not build: %v\n%s", err, out)
	}
	return path
}

// Node is a nats-server of a cluster on this machine: what `referent nats config` is asked for.
type Node struct {
	Name, URL string
	Args      []string
}

// Nodes are n nats-servers that know of each other. Each has a certificate of the authority, and a folder of its own.
func Nodes(t testing.TB, n int, ca *Authority) (nodes []Node) {
	t.Helper()
	free := Ports(t, 2*n)
	peers := ""
	for _, port := range free[n:] {
		peers += ",127.0.0.1:" + strconv.Itoa(port)
	}
	for i := range n {
		cert, key := ca.Server()
		name, port := "n"+strconv.Itoa(i+1), strconv.Itoa(free[i])
		nodes = append(nodes, Node{name, "tls://127.0.0.1:" + port, []string{"nats", "config", "--name", name, "--host", "127.0.0.1", "--port", port,
			"--peer-port", strconv.Itoa(free[n+i]), "--peers", peers[1:], "--cert", cert, "--key", key, "--ca", ca.Path, "--store-dir", t.TempDir()}})
	}
	return nodes
}
