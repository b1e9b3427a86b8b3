package confine

import (
	"bufio"
	"debug/elf"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The kernel's interface is three calls. go-landlock wraps them, but takes the rights from all threads of a process, by
// a signal to each where the kernel is older than that; here one thread is all that goes on.

func landlockVersion() int {
	v, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 {
		return 0
	}
	return int(v)
}

const landlockRuleNetPort = 2 // LANDLOCK_RULE_NET_PORT, which package unix lacks

// handled are the rights over files that Landlock of a version takes away.
func handled(version int) uint64 {
	rights := uint64(unix.LANDLOCK_ACCESS_FS_MAKE_SYM<<1 - 1)
	for since, right := range map[int]uint64{
		2: unix.LANDLOCK_ACCESS_FS_REFER, 3: unix.LANDLOCK_ACCESS_FS_TRUNCATE,
		5: unix.LANDLOCK_ACCESS_FS_IOCTL_DEV, 9: unix.LANDLOCK_ACCESS_FS_RESOLVE_UNIX,
	} {
		if version >= since {
			rights |= right
		}
	}
	return rights
}

// landlock leaves this thread what lies at or below readable, to be read, the files executable to be executed, and TCP
// connections to port, unless it is 0.
func landlock(version int, readable, executable []string, port int) error {
	rules := unix.LandlockRulesetAttr{Handled_access_fs: handled(version)}
	size := unsafe.Sizeof(rules.Handled_access_fs)
	if version >= 4 {
		rules.Handled_access_net = unix.LANDLOCK_ACCESS_NET_BIND_TCP | unix.LANDLOCK_ACCESS_NET_CONNECT_TCP
		size += unsafe.Sizeof(rules.Handled_access_net)
	}
	if version >= 6 {
		rules.Scoped = unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | unix.LANDLOCK_SCOPE_SIGNAL
		size += unsafe.Sizeof(rules.Scoped)
	}
	if version >= 10 {
		rules.Handled_access_net |= unix.LANDLOCK_ACCESS_NET_BIND_UDP | unix.LANDLOCK_ACCESS_NET_CONNECT_SEND_UDP
	}
	set, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&rules)), size, 0)
	if errno != 0 {
		return errno
	}
	defer unix.Close(int(set))
	for _, path := range readable {
		if err := allow(set, path, unix.LANDLOCK_ACCESS_FS_READ_FILE|unix.LANDLOCK_ACCESS_FS_READ_DIR); err != nil {
			return err
		}
	}
	for _, path := range executable {
		if err := allow(set, path, unix.LANDLOCK_ACCESS_FS_READ_FILE|unix.LANDLOCK_ACCESS_FS_EXECUTE); err != nil {
			return err
		}
	}
	if port != 0 && version >= 4 {
		rule := struct{ access, port uint64 }{unix.LANDLOCK_ACCESS_NET_CONNECT_TCP, uint64(port)}
		if _, _, errno := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, set, landlockRuleNetPort, uintptr(unsafe.Pointer(&rule)), 0, 0, 0); errno != 0 {
			return errno
		}
	}
	if _, _, errno := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, set, 0, 0); errno != 0 {
		return errno
	}
	return nil
}

// allow adds rights over path and what lies below it. What is not there needs none.
func allow(set uintptr, path string, rights uint64) error {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENOTDIR) || errors.Is(err, unix.EACCES) {
		return nil
	}
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFDIR {
		rights &^= unix.LANDLOCK_ACCESS_FS_READ_DIR // the kernel refuses what a file cannot have
	}
	rule := unix.LandlockPathBeneathAttr{Allowed_access: rights, Parent_fd: int32(fd)}
	if _, _, errno := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, set, unix.LANDLOCK_RULE_PATH_BENEATH, uintptr(unsafe.Pointer(&rule)), 0, 0, 0); errno != 0 {
		return errno
	}
	return nil
}

// needs are the folders and files that a program of this machine reads before it does anything: its libraries, where
// the loader looks for them, and itself with its loader, which are executed.
func needs(program string) (readable, executable []string) {
	readable = []string{
		"/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/local/lib64",
		"/nix/store", "/gnu/store", "/etc/ld.so.cache", "/etc/ld.so.preload", "/dev/null", "/dev/urandom",
	}
	readable = append(readable, libraryFolders()...)
	if program == "" {
		return readable, nil
	}
	executable = []string{program}
	if real, err := filepath.EvalSymlinks(program); err == nil {
		// A build of one's own has its libraries beside it; where it lies in /usr or / they are there already.
		if own := filepath.Join(filepath.Dir(real), "..", "lib"); strings.Count(own, "/") > 1 {
			readable = append(readable, own)
		}
	}
	if f, err := elf.Open(program); err == nil {
		defer f.Close()
		if s := f.Section(".interp"); s != nil && s.Size < 4096 {
			if loader, err := s.Data(); err == nil {
				executable = append(executable, strings.TrimRight(string(loader), "\x00"))
			}
		}
		readable = append(readable, besides(f, program)...)
	}
	return readable, executable
}

// besides are the libraries in the folders that the program itself names, which are often its own. What else lies there
// is none of them.
func besides(f *elf.File, program string) (libraries []string) {
	real, err := filepath.EvalSymlinks(program)
	if err != nil {
		return nil
	}
	origin := strings.NewReplacer("$ORIGIN", filepath.Dir(real), "${ORIGIN}", filepath.Dir(real))
	for _, tag := range []elf.DynTag{elf.DT_RPATH, elf.DT_RUNPATH} {
		lists, _ := f.DynString(tag) // a program that is linked statically has none
		for _, list := range lists {
			for _, folder := range filepath.SplitList(list) {
				if folder = origin.Replace(folder); !filepath.IsAbs(folder) {
					continue
				}
				entries, _ := os.ReadDir(folder) // it need not be there
				for _, e := range entries {
					if strings.HasPrefix(e.Name(), "lib") && strings.Contains(e.Name(), ".so") {
						libraries = append(libraries, filepath.Join(folder, e.Name()))
					}
				}
			}
		}
	}
	return libraries
}

// libraryFolders are those that the administrator has added.
func libraryFolders() []string {
	var folders []string
	add := func(path string) {
		if path = filepath.Clean(strings.TrimSpace(path)); filepath.IsAbs(path) && path != "/" {
			folders = append(folders, path)
		}
	}
	for _, path := range filepath.SplitList(os.Getenv("LD_LIBRARY_PATH")) {
		add(path)
	}
	lists, _ := filepath.Glob("/etc/ld.so.conf.d/*.conf") // the pattern is right
	for _, list := range append(lists, "/etc/ld.so.conf") {
		f, err := os.Open(list)
		if err != nil {
			continue
		}
		for lines := bufio.NewScanner(f); lines.Scan(); {
			add(lines.Text())
		}
		f.Close()
	}
	return folders
}
