package look

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/referent/referent"
)

// What stands upon what, at least with which contrast. The neutral colours are Designsystemet's own, which the
// accent stands upon too.
var pairs = []struct {
	upper []string
	lower []string
	least float64
}{
	{[]string{"text-default"}, []string{"background-default", "background-tinted", "surface-default", "surface-tinted", "surface-hover", "surface-active", "neutral"}, 7},
	{[]string{"text-subtle", "border-strong"}, []string{"background-default", "background-tinted", "surface-default", "surface-tinted", "surface-hover", "surface-active", "neutral"}, 4.5},
	{[]string{"border-default"}, []string{"background-default", "background-tinted", "surface-default", "surface-tinted"}, 3},
	{[]string{"base-contrast-default"}, []string{"base-default", "base-hover", "base-active"}, 4.5},
	{[]string{"base-contrast-subtle"}, []string{"base-default"}, 4.5},
}

func TestEveryColourCanBeRead(t *testing.T) {
	var colors []Color
	for r := 0; r < 256; r += 51 {
		for g := 0; g < 256; g += 51 {
			for b := 0; b < 256; b += 51 {
				colors = append(colors, Color{uint8(r), uint8(g), uint8(b)})
			}
		}
	}
	for _, s := range []string{"#005b7f", "#ffcc00", "#c8102e", "#777777", "#767676", "#fefefe", "#010101"} {
		c, err := ParseColor(s)
		if err != nil || c.String() != s {
			t.Fatalf("%s: %v, %v", s, c, err)
		}
		colors = append(colors, c)
	}
	neutral := map[bool]Color{false: {0xf3, 0xf3, 0xf4}, true: {0x26, 0x28, 0x2b}}
	for _, c := range colors {
		for _, isDark := range []bool{false, true} {
			steps, base := light, c
			if isDark {
				steps, base = dark, c.onDark()
			}
			names, scale := c.scale(steps, base)
			if len(names) != 16 || len(scale) != 16 {
				t.Fatalf("%s has %v", c, names)
			}
			scale["neutral"] = neutral[isDark]
			for _, p := range pairs {
				for _, u := range p.upper {
					for _, l := range p.lower {
						if got := Contrast(scale[u], scale[l]); got < p.least {
							t.Errorf("%s, dark %v: %s %s upon %s %s: %.2f", c, isDark, u, scale[u], l, scale[l], got)
						}
					}
				}
			}
			if isDark && Contrast(base, scale["surface-active"]) < 3 {
				t.Errorf("%s: the base %s goes under in the dark", c, base)
			}
		}
	}
}

// The scale is of the organisation's hue, and its own colour is in it unchanged.
func TestTheColourIsTheirs(t *testing.T) {
	red, err := ParseColor("#c8102e")
	if err != nil {
		t.Fatal(err)
	}
	_, scale := red.scale(light, red)
	if scale["base-default"] != red {
		t.Errorf("the base is %s", scale["base-default"])
	}
	for name, c := range scale {
		if c != white && c != black && (c.R <= c.G || c.R <= c.B) {
			t.Errorf("%s is %s, which is not red", name, c)
		}
	}
	_, scale = Color{0x80, 0x80, 0x80}.scale(light, Color{0x80, 0x80, 0x80})
	for name, c := range scale {
		if int(max(c.R, c.G, c.B))-int(min(c.R, c.G, c.B)) > 1 {
			t.Errorf("of grey, %s is %s", name, c)
		}
	}
	if Contrast(white, black) != 21 {
		t.Errorf("white upon black is %v", Contrast(white, black))
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	file := func(name string, body []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, body, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewRGBA(image.Rect(0, 0, 40, 20))); err != nil {
		t.Fatal(err)
	}
	svg := file("a.svg", []byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><path d="M0 0h4v4z"/></svg>`))
	for _, c := range []struct{ logo, form string }{{svg, "svg"}, {file("b.png", picture.Bytes()), "png"}, {"", ""}} {
		l, err := Load("Fjordvik  kommune", c.logo, "#005b7f")
		if err != nil || l.Form != c.form || (l.Logo == nil) != (c.form == "") || l.Name != "Fjordvik kommune" || !strings.Contains(string(l.Theme), "base-default: #005b7f;") {
			t.Errorf("%q: %+v, %v", c.form, l, err)
		}
	}
	if l, err := Load("", "", ""); err != nil || l.Name != "" || l.Theme != nil {
		t.Errorf("nothing: %+v, %v", l, err)
	}
	html := file("c.svg", []byte(`<html><script>1</script></html>`))
	for what, err := range map[string]error{
		"no name":         second(Load("", svg, "")),
		"no file":         second(Load("Fjordvik", filepath.Join(dir, "none.svg"), "")),
		"a page":          second(Load("Fjordvik", html, "")),
		"half a drawing":  second(Load("Fjordvik", file("d.svg", []byte(`<svg><path`)), "")),
		"a large file":    second(Load("Fjordvik", file("e.svg", append([]byte("<svg/>"), bytes.Repeat([]byte(" "), maxLogo)...)), "")),
		"no colour":       second(Load("Fjordvik", "", "blue")),
		"a short colour":  second(Load("Fjordvik", "", "#fff")),
		"a style instead": second(Load("Fjordvik", "", "#005b7f;}")),
		"a long name":     second(Load(strings.Repeat("a", maxName+1), "", "")),
	} {
		if referent.CodeOf(err) != referent.CodeConfig {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func second(_ *Look, err error) error { return err }
