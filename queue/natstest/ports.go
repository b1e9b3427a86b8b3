// Package natstest helps tests that start nats-servers in processes of their own, alone or within Referent.
package natstest

import (
	"math/rand/v2"
	"net"
	"strconv"
	"testing"
)

// Ports are n ports of this machine that nothing listens at, all different. They lie below those that systems give to
// outgoing connections: one of those would be taken before the process that it is meant for is up.
func Ports(t testing.TB, n int) (ports []int) {
	t.Helper()
	for range 100 * n {
		port := 20_000 + rand.IntN(10_000)
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			continue // taken
		}
		defer l.Close() // when all are found
		if ports = append(ports, port); len(ports) == n {
			return ports
		}
	}
	t.Fatal("no free ports")
	return nil
}
