package whispercpp

import (
	"runtime"
	"testing"
)

// What whisper.cpp 1.9 logs when it makes a state.
func TestDeviceIsReadFromTheLog(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for _, c := range []struct{ line, want string }{
		{"whisper_backend_init_gpu: device 0: CUDA0 (type: 1)\n", ""},
		{"whisper_backend_init_gpu: using CUDA0 backend\n", "CUDA0"},
		{"whisper_backend_init: using BLAS backend\n", "CUDA0"},
		{"whisper_backend_init_gpu: failed to initialize CUDA0 backend\n", Processor},
		{"whisper_backend_init_gpu: using Vulkan0 backend\n", "Vulkan0"},
		{"whisper_backend_init_gpu: no GPU found\n", Processor},
		{"whisper_init_state: compute buffer (conv) = 17.22 MB\n", Processor},
	} {
		noteDevice(c.line)
		if got := runsOn(); got != c.want {
			t.Errorf("after %q: %q, want %q", c.line, got, c.want)
		}
	}
}
