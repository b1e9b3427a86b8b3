//go:build !linux

package postgres

import "syscall"

// giveUp leaves it to keepalive.
func giveUp(string, string, syscall.RawConn) error { return nil }
