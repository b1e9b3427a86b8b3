package confine

import (
	"runtime"
	"unsafe"

	"github.com/elastic/go-seccomp-bpf"
	"github.com/elastic/go-seccomp-bpf/arch"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// denied are the calls that a decoder has no use for: other processes, namespaces and mounts, keys, tracing, the kernel's
// own machinery, its clocks, and the interfaces that were most often broken out of. Calls that an architecture does not
// have are left out.
var denied = []string{
	// Processes. A new thread is clone, below.
	"fork", "vfork", "execveat", "kill", "tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_open", "pidfd_getfd",
	"pidfd_send_signal", "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "process_mrelease", "kcmp",
	"setpriority", "sched_setaffinity", "sched_setattr", "sched_setparam", "sched_setscheduler", "ioprio_set",
	"migrate_pages", "move_pages", "setns", "unshare", "setpgid", "setsid", "personality",
	// Who it is.
	"setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setgroups", "setfsuid", "setfsgid", "capset",
	// Files: names are looked up and files read, nothing more.
	"mount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen", "fsconfig", "fsmount", "fspick",
	"mount_setattr", "name_to_handle_at", "open_by_handle_at", "mknod", "mknodat", "mkdir", "mkdirat", "rmdir", "unlink",
	"unlinkat", "rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat", "creat", "truncate",
	"ftruncate", "fallocate", "chmod", "fchmod", "fchmodat", "chown", "fchown", "lchown", "fchownat", "setxattr",
	"lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr", "utime", "utimes", "utimensat", "futimesat",
	"quotactl", "quotactl_fd", "swapon", "swapoff", "fanotify_init", "fanotify_mark", "inotify_init", "inotify_init1",
	"memfd_create", "memfd_secret", "acct", "vhangup", "sync", "syncfs",
	// The network: it connects, that is all. Which kind of socket is below.
	"socketpair", "bind", "listen", "accept", "accept4",
	// Memory shared between processes, and messages.
	"shmget", "shmat", "shmctl", "msgget", "msgsnd", "msgrcv", "msgctl", "semget", "semop", "semtimedop", "semctl",
	"mq_open", "mq_unlink", "mq_timedsend", "mq_timedreceive", "mq_notify", "mq_getsetattr",
	// Keys and the kernel.
	"add_key", "request_key", "keyctl", "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter",
	"io_uring_register", "io_setup", "io_submit", "io_cancel", "io_destroy", "kexec_load", "kexec_file_load",
	"init_module", "finit_module", "delete_module", "reboot", "syslog", "lookup_dcookie", "iopl", "ioperm", "modify_ldt",
	"vmsplice", "vm86", "vm86old", "uselib", "ustat", "sysfs", "_sysctl", "nfsservctl", "sethostname", "setdomainname",
	"settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "stime", "landlock_create_ruleset",
	"landlock_add_rule", "landlock_restrict_self", "seccomp",
}

const (
	// newest is the last call that was looked at; what came later is unknown to the program's libraries as well.
	newest = 451 // cachestat, Linux 6.5

	streamSocket = unix.SOCK_STREAM
	otherSockets = 0xf &^ streamSocket // of the bits that tell a socket's type

	refused = seccomp.ActionErrno | seccomp.Action(unix.EPERM)
	unknown = seccomp.ActionErrno | seccomp.Action(unix.ENOSYS)
)

func seccompWorks() bool {
	action := uint32(seccomp.ActionKillProcess)
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_GET_ACTION_AVAIL, 0, uintptr(unsafe.Pointer(&action)))
	if errno != 0 {
		return false
	}
	_, err := compile(true, 1)
	return err == nil
}

// compile makes the filter for a process that may connect, if network says so, and signal its own threads.
func compile(network bool, pid int) ([]unix.SockFilter, error) {
	machine, err := arch.GetInfo("")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, name := range denied {
		if _, ok := machine.SyscallNames[name]; ok {
			names = append(names, name)
		}
	}
	when := func(name string, c ...seccomp.Condition) seccomp.NameWithConditions {
		return seccomp.NameWithConditions{Name: name, Conditions: c}
	}
	is := func(argument uint32, op seccomp.Operation, value uint64) seccomp.Condition {
		return seccomp.Condition{Argument: argument, Operation: op, Value: value}
	}
	// What has conditions comes last: after them the library's program holds an argument where it held the number
	// of the call, and would take the one for the other.
	conditional := []seccomp.NameWithConditions{
		when("clone", is(0, seccomp.BitsNotSet, unix.CLONE_THREAD)),
		when("prlimit64", is(0, seccomp.NotEqual, 0)),
		when("tgkill", is(0, seccomp.NotEqual, uint64(pid))),
	}
	if network {
		conditional = append([]seccomp.NameWithConditions{
			when("socket", is(0, seccomp.NotEqual, unix.AF_INET)),
			when("socket", is(1, seccomp.BitsSet, otherSockets)),
			// MPTCP is a stream too, which Landlock does not know.
			when("socket", is(2, seccomp.NotEqual, 0), is(2, seccomp.NotEqual, unix.IPPROTO_TCP)),
		}, conditional...)
	} else {
		names = append(names, "socket", "connect")
	}
	policy := seccomp.Policy{DefaultAction: seccomp.ActionAllow, Syscalls: []seccomp.SyscallGroup{
		// Its flags lie in memory, where no filter sees them. Libraries then take clone.
		{Names: []string{"clone3"}, Action: unknown},
		{Names: names, NamesWithCondtions: conditional, Action: refused},
	}}
	program, err := policy.Assemble()
	if err != nil {
		return nil, err
	}
	const number, architecture = 0, 4 // offsets in the kernel's struct seccomp_data
	program = append([]bpf.Instruction{
		// The library lets calls of another architecture pass, as a 32-bit program makes them.
		bpf.LoadAbsolute{Off: architecture, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: uint32(machine.ID), SkipTrue: 1},
		bpf.RetConstant{Val: uint32(seccomp.ActionKillProcess)},
		bpf.LoadAbsolute{Off: number, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpGreaterThan, Val: newest, SkipFalse: 1},
		bpf.RetConstant{Val: uint32(unknown)},
	}, program...)
	raw, err := bpf.Assemble(program)
	if err != nil {
		return nil, err
	}
	filter := make([]unix.SockFilter, len(raw))
	for i, r := range raw {
		filter[i] = unix.SockFilter{Code: r.Op, Jt: r.Jt, Jf: r.Jf, K: r.K}
	}
	return filter, nil
}

// load puts the filter before this thread.
func load(filter []unix.SockFilter) error {
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&program)))
	runtime.KeepAlive(filter)
	if errno != 0 {
		return errno
	}
	return nil
}
