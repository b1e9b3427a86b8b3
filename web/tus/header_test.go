package tus_test

import (
	"encoding/base64"
	"maps"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/referent/referent/web/tus"
)

func TestParseMetadata(t *testing.T) {
	good := map[string]map[string]string{
		"":                                 {},
		"title TcO4dGU=":                   {"title": "Møte"},
		"title TcO4dGU=,kind cmVmZXJhdA==": {"title": "Møte", "kind": "referat"},
		"confidential":                     {"confidential": ""},
		"a YQ==, b Yg==":                   {"a": "a", "b": "b"},
	}
	for header, want := range good {
		if got, err := tus.ParseMetadata(header); err != nil || !maps.Equal(got, want) {
			t.Errorf("%q: got %v, %v", header, got, err)
		}
	}
	for _, header := range []string{"title %%%", "title YQ==,title YQ==", ",", "a YQ==,", "tøtle YQ==", "a /w==",
		strings.Repeat("a YQ==,", 40), "a " + strings.Repeat("YWFh", 40000), "a YR==", "a Y\nQ=="} {
		if got, err := tus.ParseMetadata(header); err == nil {
			t.Errorf("%.40q: got %v", header, got)
		}
	}
}

func TestParseChecksum(t *testing.T) {
	c, err := tus.ParseChecksum("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=")
	if err != nil || c.Algorithm != "sha1" || len(c.Sum) != 20 {
		t.Errorf("got %+v, %v", c, err)
	}
	if c, err := tus.ParseChecksum(""); c != nil || err != nil {
		t.Errorf("none: got %+v, %v", c, err)
	}
	for _, header := range []string{"sha1", "sha1 ", "sha1 YQ==", "crc32 YQ==", "SHA1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", "sha256 Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
		"sha1 Kq5sNclPz7QV\r\n2+lfQIuc6R7oRu0="} {
		if c, err := tus.ParseChecksum(header); err == nil {
			t.Errorf("%q: got %+v", header, c)
		}
	}
}

func FuzzUploadMetadata(f *testing.F) {
	for _, seed := range []string{"", "title TcO4dGU=", "a YQ==,b", "filename w6Ygw7gg4oCm,meeting YWJj", ",,", "a b c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		pairs, err := tus.ParseMetadata(header)
		if err != nil {
			return
		}
		// What was accepted can be written again and reads the same.
		var again []string
		for k, v := range pairs {
			if k == "" || !utf8.ValidString(v) {
				t.Fatalf("accepted key %q, value %q", k, v)
			}
			again = append(again, k+" "+base64.StdEncoding.EncodeToString([]byte(v)))
		}
		back, err := tus.ParseMetadata(strings.Join(again, ","))
		if err != nil || !maps.Equal(back, pairs) {
			t.Fatalf("%v came back as %v, %v", pairs, back, err)
		}
	})
}

func FuzzUploadChecksum(f *testing.F) {
	for _, seed := range []string{"", "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", "md5 YQ==", "sha256  x", "\x00",
		"sha1 Kq5sNclPz7QV\r\n2+lfQIuc6R7oRu0="} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		c, err := tus.ParseChecksum(header)
		if err != nil || c == nil {
			return
		}
		if c.Algorithm+" "+base64.StdEncoding.EncodeToString(c.Sum) != header {
			t.Fatalf("%q was read as %+v", header, c)
		}
	})
}
