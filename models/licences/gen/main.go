// Command gen lists the licences of the Go modules that a program links, for models.GoModules.
//
// It asks `go list` for the packages and reads the licence files from the module cache, NOTICE files
// included. A module whose licence it does not recognise makes it fail, so that a person looks.
package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

type module struct {
	Path    string   `json:"path"`
	Version string   `json:"version"`
	SPDX    string   `json:"spdx"`
	Texts   []string `json:"texts"`
}

func main() {
	out := flag.String("out", "gomodules.json", "file to write")
	flag.Parse()
	if err := run(*out, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "licences:", err)
		os.Exit(1)
	}
}

func run(out string, packages []string) error {
	dirs, err := linked(packages)
	if err != nil {
		return err
	}
	var list struct {
		Modules []module          `json:"modules"`
		Texts   map[string]string `json:"texts"`
	}
	list.Texts = map[string]string{}
	for id, dir := range dirs {
		path, version, _ := strings.Cut(id, "@")
		m := module{Path: path, Version: version}
		files, err := licenceFiles(dir)
		if err != nil {
			return err
		}
		var kinds []string
		for _, file := range files {
			raw, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			text := strings.TrimSpace(strings.ReplaceAll(string(raw), "\r\n", "\n")) + "\n"
			sum := sha256.Sum256([]byte(text))
			key := hex.EncodeToString(sum[:8])
			list.Texts[key] = text
			m.Texts = append(m.Texts, key)
			for _, kind := range classify(text) {
				if !slices.Contains(kinds, kind) {
					kinds = append(kinds, kind)
				}
			}
		}
		if len(kinds) == 0 {
			return fmt.Errorf("%s: no licence that is recognised in %v", id, files)
		}
		m.SPDX = strings.Join(kinds, " AND ")
		list.Modules = append(list.Modules, m)
	}
	slices.SortFunc(list.Modules, func(a, b module) int { return cmp.Compare(a.Path, b.Path) })
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(list); err != nil {
		return err
	}
	return os.WriteFile(out, buf.Bytes(), 0o644)
}

// linked gives the folder of each module that the packages link, by "path@version". Go's own library is
// one of them.
func linked(packages []string) (map[string]string, error) {
	cmd := exec.Command("go", append([]string{"list", "-deps", "-json=Module,Standard"}, packages...)...)
	cmd.Stderr = os.Stderr
	raw, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	dirs := map[string]string{"go@" + runtime.Version(): strings.TrimSpace(string(goroot))}
	for dec := json.NewDecoder(bytes.NewReader(raw)); ; {
		var p struct {
			Module *struct {
				Path, Version, Dir string
				Main               bool
				Replace            *struct{ Path, Version, Dir string }
			}
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return dirs, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		if p.Module == nil || p.Module.Main {
			continue
		}
		dir := p.Module.Dir
		if p.Module.Replace != nil {
			dir = p.Module.Replace.Dir
		}
		dirs[p.Module.Path+"@"+p.Module.Version] = dir
	}
}

var licenceName = regexp.MustCompile(`(?i)^((?:un)?licen[cs]e|copying|notice|patents)([-._].*)?$`)

// licenceFiles finds the texts at the top of a module.
func licenceFiles(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, e := range entries {
		if e.Type().IsRegular() && licenceName.MatchString(e.Name()) && filepath.Ext(e.Name()) != ".go" {
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	return files, nil
}

// marks are phrases that stand in one licence and in no other; all of a licence's phrases must be there.
var marks = []struct {
	spdx    string
	phrases []string
	without string
}{
	{"Apache-2.0", []string{"apache license", "version 2.0, january 2004"}, ""},
	{"Apache-2.0", []string{"licensed under the apache license, version 2.0"}, "version 2.0, january 2004"},
	{"MPL-2.0", []string{"mozilla public license", "2.0"}, "apache license"},
	{"MIT", []string{"permission is hereby granted, free of charge", "the software is provided \"as is\""}, ""},
	{"BSD-3-Clause", []string{"redistribution and use in source and binary forms", "endorse or promote products"}, ""},
	{"BSD-2-Clause", []string{"redistribution and use in source and binary forms"}, "endorse or promote products"},
	{"ISC", []string{"permission to use, copy, modify, and/or distribute this software for any purpose"}, ""},
	{"ISC", []string{"permission to use, copy, modify, and distribute this software for any purpose"}, ""},
	{"Unlicense", []string{"this is free and unencumbered software released into the public domain"}, ""},
	{"CC0-1.0", []string{"cc0 1.0 universal"}, ""},
	{"CC-BY-4.0", []string{"creative commons attribution 4.0"}, ""},
	{"OFL-1.1", []string{"sil open font license"}, ""},
	{"blessing", []string{"the author disclaims copyright to this source code"}, ""},
}

// classify names the licences in a text. A patent grant or a notice has none and is kept as it is.
func classify(text string) []string {
	folded := strings.Join(strings.Fields(strings.ToLower(strings.NewReplacer("“", `"`, "”", `"`, "''", `"`, "``", `"`).Replace(text))), " ")
	var found []string
	for _, m := range marks {
		all := m.without == "" || !strings.Contains(folded, m.without)
		for _, phrase := range m.phrases {
			all = all && strings.Contains(folded, phrase)
		}
		if all && !slices.Contains(found, m.spdx) {
			found = append(found, m.spdx)
		}
	}
	return found
}
