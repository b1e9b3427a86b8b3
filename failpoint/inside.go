package failpoint

// Inside is what a process knows of itself and nobody sees from without. Built with the tag failpoints, a process with
// FAILPOINTS_INSIDE, a folder, writes it there at each SIGUSR1, as PID.json and, of the heap, PID.heap for go tool pprof; finely
// with FAILPOINTS_HEAPS, whose record of every place that ever allocated takes megabytes.
type Inside struct {
	Goroutines int
	Heap       uint64 // bytes that are in use after everything was collected
	Go         uint64 // bytes that Go has of the machine, after what it does not need was given back; without the record of places
	Stacks     string // goroutines by where they stand, as pprof writes them
}
