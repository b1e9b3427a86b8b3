package look

import (
	"fmt"
	"strings"
)

// step is one of the custom properties of a scale, made of a hue: its luminance, and at most how much colour.
type step struct {
	name      string
	luminance float64
	chroma    float64
}

// The steps have the luminance that Designsystemet's own scales have, so that what can be read upon what is the
// same in every hue; but what lies under text while it is pointed at and pressed is a little nearer to the rest,
// so that text-subtle has 4.5 there too.
var (
	light = []step{
		{"background-default", 1, 0}, {"background-tinted", 0.897, 0.015},
		{"surface-default", 1, 0}, {"surface-tinted", 0.809, 0.035}, {"surface-hover", 0.74, 0.05}, {"surface-active", 0.69, 0.06},
		{"border-subtle", 0.5, 0.09}, {"border-default", 0.189, 0.2}, {"border-strong", 0.109, 0.2},
		{"text-subtle", 0.109, 0.2}, {"text-default", 0.0245, 0.1},
	}
	dark = []step{
		{"background-default", 0.0091, 0.025}, {"background-tinted", 0.014, 0.03},
		{"surface-default", 0.021, 0.035}, {"surface-tinted", 0.027, 0.04}, {"surface-hover", 0.034, 0.045}, {"surface-active", 0.043, 0.05},
		{"border-subtle", 0.08, 0.07}, {"border-default", 0.22, 0.09}, {"border-strong", 0.39, 0.08},
		{"text-subtle", 0.39, 0.08}, {"text-default", 0.84, 0.02},
	}
)

// leastOnDark is the luminance that a base colour has at least in the dark: 3 to 1 and more against every surface
// there, and 4.5 to 1 and more under black text.
const leastOnDark = 0.24

// scale is the whole scale of c: the names of Designsystemet's custom properties without their beginning, in order.
func (c Color) scale(steps []step, base Color) (names []string, colors map[string]Color) {
	h, colors := hueOf(c), map[string]Color{}
	add := func(name string, color Color) { names, colors[name] = append(names, name), color }
	for _, s := range steps {
		add(s.name, h.shade(s.luminance, min(s.chroma, h.chroma)))
	}
	// Upon the base stands white text, or black where white cannot be read; one of them always can.
	y, text, toward := base.Luminance(), white, 0.0
	subtle := 4.6*(y+0.05) - 0.05
	if Contrast(white, base) < 4.5 {
		text, toward = black, 1
		subtle = (y+0.05)/4.6 - 0.05
	}
	away := func(part float64) Color { return h.shade(y+(toward-y)*part, h.chroma) }
	add("base-default", base)
	add("base-hover", away(0.25))
	add("base-active", away(0.45))
	add("base-contrast-subtle", h.shade(min(max(subtle, 0), 1), min(h.chroma, 0.05)))
	add("base-contrast-default", text)
	return names, colors
}

// onDark is the base colour in the dark: the same, or lighter where it would go under.
func (c Color) onDark() Color {
	if c.Luminance() >= leastOnDark {
		return c
	}
	h := hueOf(c)
	return h.shade(leastOnDark, h.chroma)
}

// Theme is a style sheet that makes c Designsystemet's accent colour, in the light and in the dark. It stands
// outside of every layer, and so above the theme that comes with Designsystemet.
func (c Color) Theme() []byte {
	var b strings.Builder
	rule := func(selector string, steps []step, base Color) {
		names, colors := c.scale(steps, base)
		b.WriteString(selector + " {\n")
		for _, name := range names {
			fmt.Fprintf(&b, "  --ds-color-accent-%s: %s;\n", name, colors[name])
		}
		b.WriteString("}\n")
	}
	fmt.Fprintf(&b, "/* The scale of %s. */\n", c)
	rule(`:root, [data-color-scheme="light"]`, light, c)
	rule(`[data-color-scheme="dark"]`, dark, c.onDark())
	b.WriteString("@media (prefers-color-scheme: dark) {\n")
	rule(`[data-color-scheme="auto"]`, dark, c.onDark())
	b.WriteString("}\n")
	return []byte(b.String())
}
