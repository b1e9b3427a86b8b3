package whispercpp

// #include <stdlib.h>
// #include "shim.h"
import "C"

import (
	"strings"
	"sync"
	"unsafe"
)

// buildStamp is set by the linker (-X): the hash of the native build and whisper.cpp's version.
var buildStamp = "unstamped"

// BuildStamp names the native build that is linked in, as "hash version".
func BuildStamp() string { return buildStamp }

// Engine names whisper.cpp and its version, for a result's provenance.
func Engine() string {
	return "whisper.cpp v" + strings.TrimPrefix(C.GoString(C.whisper_version()), "v")
}

// SystemInfo is whisper.cpp's own line about the processor features it was built for.
func SystemInfo() string {
	quiet()
	return strings.TrimSpace(C.GoString(C.whisper_print_system_info()))
}

// Device is something ggml can compute on.
type Device struct {
	Name        string
	Description string
	GPU         bool
	Memory      int64 // bytes in all; 0: not known
}

// Devices lists what this build can compute on, on this machine.
func Devices() []Device {
	quiet()
	var all []Device
	for i := range C.ggml_backend_dev_count() {
		d := C.ggml_backend_dev_get(i)
		var free, total C.size_t
		C.ggml_backend_dev_memory(d, &free, &total)
		kind := C.ggml_backend_dev_type(d)
		all = append(all, Device{
			Name:        C.GoString(C.ggml_backend_dev_name(d)),
			Description: strings.TrimSpace(C.GoString(C.ggml_backend_dev_description(d))),
			GPU:         kind == C.GGML_BACKEND_DEVICE_TYPE_GPU || kind == C.GGML_BACKEND_DEVICE_TYPE_IGPU,
			Memory:      int64(total),
		})
	}
	return all
}

// Processor is the name of the device that is always there.
const Processor = "cpu"

// Opens is the first graphics processor of this build, which whisper.cpp takes when it is to take one, if it can be opened on
// this machine, else [Processor]. It is tried once in a process.
var Opens = sync.OnceValue(func() string {
	for i, d := range Devices() {
		switch {
		case !d.GPU:
		case bool(C.rf_opens(C.size_t(i))):
			return d.Name
		default:
			return Processor
		}
	}
	return Processor
})

// runsOn is what the state that this thread made last runs on; "": that is not known.
func runsOn() string { return C.GoString(C.rf_runs_on()) }

// noteDevice hands the shim a line as whisper.cpp logs it.
func noteDevice(line string) {
	text := C.CString(line)
	defer C.free(unsafe.Pointer(text))
	C.rf_note_device(text)
}

// Trim gives the C allocator's free memory back to the system. It is worth it after loading something, of
// which the form on disk, the form in memory and what was needed between the two were all there for a while.
func Trim() { C.rf_trim() }
