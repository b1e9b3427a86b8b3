package decode

import (
	"errors"

	"golang.org/x/sys/unix"
)

// confine keeps ffmpeg, which reads hostile bytes, from writing any file and from eating the machine's
// memory. Pipes and sockets are not files.
func confine(pid int) error {
	set := func(resource int, n uint64) error {
		return unix.Prlimit(pid, resource, &unix.Rlimit{Cur: n, Max: n}, nil)
	}
	err := errors.Join(set(unix.RLIMIT_FSIZE, 0), set(unix.RLIMIT_CORE, 0), set(unix.RLIMIT_AS, 4<<30))
	if errors.Is(err, unix.ESRCH) {
		return nil // it has ended already, and says why itself
	}
	return err
}
