package models_test

import (
	"bytes"
	"debug/elf"
	"os"
	"testing"

	"github.com/referent/referent/models"
)

// The library that runs ONNX networks is loaded into the process that hears meetings. Some releases of it
// carry a client that reports to their maker; none of those may be pinned.
func TestRuntimeReportsToNobody(t *testing.T) {
	path, err := models.Open("").Path("onnxruntime")
	if err != nil {
		t.Fatalf("run make weights first: %v", err)
	}
	library, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(library) < 10<<20 {
		t.Fatalf("the library is only %d bytes", len(library))
	}
	for _, trace := range []string{"OneCollector", "events.data.microsoft.com"} {
		if bytes.Contains(library, []byte(trace)) {
			t.Errorf("the library holds %q: it reports to its maker", trace)
		}
	}
}

// OpenVINO is loaded into that process as well. None of its libraries can open a connection: they ask the
// system for nothing that makes one.
func TestEncoderRuntimeOpensNoConnection(t *testing.T) {
	s := models.Open("")
	top, err := models.Lookup("openvino")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(top.Needs, top.Name) {
		path, err := s.Path(name)
		if err != nil {
			t.Fatalf("run make weights first: %v", err)
		}
		f, err := elf.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		symbols, err := f.ImportedSymbols()
		f.Close()
		if err != nil || len(symbols) == 0 {
			t.Fatalf("%s: %d symbols, %v", name, len(symbols), err)
		}
		for _, sym := range symbols {
			switch sym.Name {
			case "socket", "connect", "sendto", "sendmsg", "getaddrinfo", "gethostbyname":
				t.Errorf("%s calls %s", name, sym.Name)
			}
		}
	}
}
