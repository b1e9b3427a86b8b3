package look

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
)

// Color is an sRGB colour of 8 bits a channel.
type Color struct{ R, G, B uint8 }

var (
	white = Color{255, 255, 255}
	black = Color{}

	hexColor = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)
)

// ParseColor reads "#005b7f".
func ParseColor(s string) (Color, error) {
	if !hexColor.MatchString(s) {
		return Color{}, fmt.Errorf("%q is no colour", s)
	}
	n, err := strconv.ParseUint(s[1:], 16, 32)
	return Color{uint8(n >> 16), uint8(n >> 8), uint8(n)}, err
}

func (c Color) String() string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// Luminance is how much light the colour gives, 0 to 1, as WCAG 2 reckons it.
func (c Color) Luminance() float64 {
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

// Contrast is the ratio of WCAG 2 between two colours, 1 to 21.
func Contrast(a, b Color) float64 { return ratio(a.Luminance(), b.Luminance()) }

func ratio(a, b float64) float64 { return (max(a, b) + 0.05) / (min(a, b) + 0.05) }

// linear is the light of a channel, 0 to 1.
func linear(channel uint8) float64 {
	v := float64(channel) / 255
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

// channel is the opposite of linear.
func channel(light float64) uint8 {
	v := light * 12.92
	if light > 0.0031308 {
		v = 1.055*math.Pow(light, 1/2.4) - 0.055
	}
	return uint8(math.Round(255 * min(max(v, 0), 1)))
}

// hue is a colour without its lightness, in Oklab, where hues look the same however light they are:
// the direction from grey, and how far it goes.
type hue struct{ a, b, chroma float64 }

// hueOf returns the hue of c; a grey has none, and chroma 0.
func hueOf(c Color) hue {
	r, g, b := linear(c.R), linear(c.G), linear(c.B)
	l := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
	m := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
	s := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
	h := hue{a: 1.9779984951*l - 2.4285922050*m + 0.4505937099*s, b: 0.0259040371*l + 0.7827717662*m - 0.8086757660*s}
	h.chroma = math.Hypot(h.a, h.b)
	if h.chroma < 0.004 {
		return hue{}
	}
	h.a, h.b = h.a/h.chroma, h.b/h.chroma
	return h
}

// light is what Oklab's lightness and the hue at a chroma give, as linear red, green and blue.
func (h hue) light(lightness, chroma float64) (r, g, b float64) {
	oa, ob := h.a*chroma, h.b*chroma
	l := lightness + 0.3963377774*oa + 0.2158037573*ob
	m := lightness - 0.1055613458*oa - 0.0638541728*ob
	s := lightness - 0.0894841775*oa - 1.2914855480*ob
	l, m, s = l*l*l, m*m*m, s*s*s
	return 4.0767416621*l - 3.3077115913*m + 0.2309699292*s, -1.2684380046*l + 2.6097574011*m - 0.3413193965*s, -0.0041960863*l - 0.7034186147*m + 1.7076147010*s
}

// shade is the colour of this hue that has the luminance, with at most the chroma: less where the screen cannot
// show as much of it at that lightness.
func (h hue) shade(luminance, chroma float64) Color {
	shown := func(lightness float64) (r, g, b float64) {
		part := bisect(func(part float64) bool {
			r, g, b := h.light(lightness, part*chroma)
			return min(r, g, b) >= 0 && max(r, g, b) <= 1
		})
		return h.light(lightness, part*chroma)
	}
	r, g, b := shown(bisect(func(lightness float64) bool {
		r, g, b := shown(lightness)
		return 0.2126*r+0.7152*g+0.0722*b <= luminance
	}))
	return Color{channel(r), channel(g), channel(b)}
}

// bisect is the largest number of 0 to 1 that holds is true of, where it is true up to some number only.
func bisect(holds func(float64) bool) float64 {
	low, high := 0.0, 1.0
	for range 40 {
		if mid := (low + high) / 2; holds(mid) {
			low = mid
		} else {
			high = mid
		}
	}
	return low
}
