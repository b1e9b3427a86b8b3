//go:build !linux

package decode

import "net"

// sameUser cannot tell here; the secret path alone protects the recording.
func sameUser(net.Conn) bool { return true }
