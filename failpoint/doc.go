// Package failpoint names the steps at which a process can be made to fail, for package e2e/chaos. In the program that
// people run, [Hit] is an empty function and no name is in the binary; built with the tag failpoints it looks in
// the folder that FAILPOINTS names for a file called as the step, and does once what stands in it:
//
//	kill 3      the process dies by SIGKILL when a process comes there for the third time
//	stop 1      it stands still (SIGSTOP) until somebody sends SIGCONT
//	hang 1 90s  the goroutine sleeps there
//
// Whoever comes first and renames the file to name.done is the one who fails, so that a process that is started again
// does not die at the same step for ever, and that what was done can be counted. [Now] is the clock of the
// pipeline: the file clock holds by how much it goes wrong.
//
// go.etcd.io/gofail was looked at: it rewrites the source before the build and back after it, so that what is tested is
// not the tree that is committed; its points live in one process, are told of over HTTP, and forget at its
// death that they have been hit.
package failpoint
