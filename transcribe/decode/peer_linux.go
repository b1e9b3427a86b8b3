package decode

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
)

// sameUser reports whether the other end of a loopback connection belongs to this process's user. The
// command line of ffmpeg, secret path included, can be read by every user of the machine.
func sameUser(c net.Conn) bool {
	peer, ok := c.RemoteAddr().(*net.TCPAddr)
	if !ok || peer.IP.To4() == nil {
		return false
	}
	// A connection can be missing from a table that changes while it is read.
	for range 5 {
		if user, found := userOf(peer); found {
			return user == strconv.Itoa(os.Geteuid())
		}
	}
	return false
}

// userOf finds whose the end of a connection is that has the address peer.
func userOf(peer *net.TCPAddr) (user string, found bool) {
	f, err := os.Open("/proc/self/net/tcp") // services can be shown processes alone of /proc
	if err != nil {
		return "", false
	}
	defer f.Close()
	// The kernel prints addresses as native-endian words.
	want := fmt.Sprintf("%08X:%04X", binary.NativeEndian.Uint32(peer.IP.To4()), peer.Port)
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) > 7 && fields[1] == want {
			return fields[7], true
		}
	}
	return "", false
}
