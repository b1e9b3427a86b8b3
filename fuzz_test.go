package referent_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// reading are the calls by which code takes bytes apart.
var reading = []string{
	"json.Unmarshal", "json.NewDecoder", "yaml.Unmarshal", "yaml.NewDecoder", "yaml.Parser", "xml.NewDecoder", "csv.NewReader",
	"html.Parse", "html.NewTokenizer", "html.ParseFragment", "zip.NewReader", "zip.OpenReader", "tar.NewReader", "gzip.NewReader",
	"zstd.NewReader", "image.Decode", "image.DecodeConfig", "binary.Read", "binary.LittleEndian", "binary.BigEndian", "wav.NewDecoder",
	"astisub.ReadFromWebVTT", "astisub.ReadFromSRT", "types.NewUnpickler", "pickle.NewUnpickler",
}

// unfuzzed are the packages that read bytes, and why nobody sends them hostile ones by themselves. A new entry is a decision.
var unfuzzed = map[string]string{
	"cmd/referent":               "reads the server's answers to its own user, and files of its own",
	"eval/minutes":               "reads gold of this repository",
	"eval/report":                "reads measurements of our own",
	"export/pdf/pdftest":         "reads what export/pdf wrote, in tests",
	"export/schema":              "reads schemas of our own",
	"locale":                     "reads the catalogue that is built in",
	"models/licences/gen":        "runs by hand, over go list",
	"models/onnx":                "writes networks; runs those whose digest is in the catalogue",
	"openid/oidctest":            "a provider for tests",
	"review":                     "copies minutes through JSON that it wrote",
	"store/sqldb":                "reads rows that it wrote",
	"store/storetest":            "reads what the tests wrote",
	"transcribe/confine":         "reads its own order",
	"transcribe/internal/sample": "reads the tests' recording",
	"transcribe/speaker":         "voiceprints, by FuzzAssemble of package transcribe",
	"transcribe/voice":           "writes voiceprints",
	"worker":                     "reads what the server says, which it trusts",
}

// Every package that takes bytes apart has a Fuzz function, or stands in the list with the reason.
func TestParsersAreFuzzed(t *testing.T) {
	reads, fuzzed := map[string]string{}, map[string]bool{}
	files := token.NewFileSet()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := d.Name(); d.IsDir() && path != "." && (strings.HasPrefix(name, ".") || name == "testdata" || name == "e2e" || name == "tools" || name == "examples" || name == "node_modules" || name == "bin" || name == "out") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		folder := filepath.ToSlash(filepath.Dir(path))
		if strings.HasSuffix(path, "_test.go") {
			b, err := os.ReadFile(path)
			fuzzed[folder] = fuzzed[folder] || strings.Contains(string(b), "\nfunc Fuzz")
			return err
		}
		tree, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && slices.Contains(reading, x.Name+"."+s.Sel.Name) {
					reads[folder] = files.Position(n.Pos()).String()
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(reads) < 20 {
		t.Fatalf("only %d packages read anything", len(reads))
	}
	for _, folder := range slices.Sorted(maps.Keys(reads)) {
		if _, excused := unfuzzed[folder]; !fuzzed[folder] && !excused {
			t.Errorf("%s takes bytes apart (%s) and has no Fuzz function", folder, reads[folder])
		}
	}
	for folder := range unfuzzed {
		if reads[folder] == "" || fuzzed[folder] {
			t.Errorf("%s stands in the list and need not", folder)
		}
	}
}
