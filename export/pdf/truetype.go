package pdf

import (
	"encoding/binary"
	"errors"
	"slices"

	"golang.org/x/image/font/sfnt"
)

var be = binary.BigEndian

var errFont = errors.New("the TrueType file is damaged")

// fontTables gives the tables of a TrueType file by name.
func fontTables(data []byte) (map[string][]byte, error) {
	if len(data) < 12 {
		return nil, errFont
	}
	n := int(be.Uint16(data[4:]))
	if len(data) < 12+16*n {
		return nil, errFont
	}
	out := map[string][]byte{}
	for i := range n {
		e := data[12+16*i:]
		at, size := int(be.Uint32(e[8:])), int(be.Uint32(e[12:]))
		if at < 0 || size < 0 || at > len(data) || size > len(data)-at {
			return nil, errFont
		}
		out[string(e[:4])] = data[at : at+size]
	}
	for name, least := range map[string]int{"head": 54, "hhea": 36, "maxp": 6, "hmtx": 4, "loca": 4, "glyf": 1} {
		if len(out[name]) < least {
			return nil, errFont
		}
	}
	return out, nil
}

// cut is a TrueType file that has the outlines of the glyphs that are used, and of those that they are put
// together from, and no others. Glyphs keep their numbers: the room of those left out is empty, which packs to
// nothing.
func cut(tables map[string][]byte, used []sfnt.GlyphIndex) ([]byte, error) {
	glyphs := int(be.Uint16(tables["maxp"][4:]))
	long := be.Uint16(tables["head"][50:]) != 0
	loca, glyf := tables["loca"], tables["glyf"]
	outline := func(g int) ([]byte, error) {
		var from, to int
		switch {
		case g >= glyphs:
			return nil, errFont
		case long && len(loca) >= 4*g+8:
			from, to = int(be.Uint32(loca[4*g:])), int(be.Uint32(loca[4*g+4:]))
		case !long && len(loca) >= 2*g+4:
			from, to = 2*int(be.Uint16(loca[2*g:])), 2*int(be.Uint16(loca[2*g+2:]))
		default:
			return nil, errFont
		}
		if from > to || to > len(glyf) {
			return nil, errFont
		}
		return glyf[from:to], nil
	}
	keep := make([]bool, glyphs)
	todo := []int{0} // what readers show for a glyph that is not there
	for _, g := range used {
		todo = append(todo, int(g))
	}
	for len(todo) > 0 {
		g := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		o, err := outline(g)
		if err != nil {
			return nil, err
		}
		if keep[g] {
			continue
		}
		keep[g] = true
		parts, err := components(o)
		if err != nil {
			return nil, err
		}
		todo = append(todo, parts...)
	}

	newLoca := make([]byte, 4*(glyphs+1))
	var newGlyf []byte
	metrics := slices.Clone(tables["hmtx"])
	full := int(be.Uint16(tables["hhea"][34:])) // of the metrics: width and bearing; then bearings alone
	if full > glyphs || len(metrics) < 4*full+2*(glyphs-full) {
		return nil, errFont
	}
	for g, k := range keep {
		be.PutUint32(newLoca[4*g:], uint32(len(newGlyf)))
		switch {
		case k:
			o, _ := outline(g) // read once already
			newGlyf = append(newGlyf, o...)
			newGlyf = append(newGlyf, make([]byte, -len(newGlyf)&3)...)
		case g < full-1: // the last one is that of all that follow
			clear(metrics[4*g : 4*g+4])
		case g >= full:
			clear(metrics[4*full+2*(g-full):][:2])
		}
	}
	be.PutUint32(newLoca[4*glyphs:], uint32(len(newGlyf)))
	head := slices.Clone(tables["head"])
	be.PutUint16(head[50:], 1) // offsets of four bytes
	return assemble(map[string][]byte{"cvt ": tables["cvt "], "fpgm": tables["fpgm"], "glyf": newGlyf, "head": head, "hhea": tables["hhea"],
		"hmtx": metrics, "loca": newLoca, "maxp": tables["maxp"], "prep": tables["prep"]}), nil
}

// The flags of a component, as the TrueType specification numbers them.
const (
	wordArguments = 1 << 0
	oneScale      = 1 << 3
	moreFollow    = 1 << 5
	twoScales     = 1 << 6
	fourScales    = 1 << 7
)

// components are the glyphs that an outline is put together from.
func components(outline []byte) ([]int, error) {
	if len(outline) < 10 || int16(be.Uint16(outline)) >= 0 {
		return nil, nil
	}
	var out []int
	for at := 10; ; {
		if len(outline) < at+4 {
			return nil, errFont
		}
		flags := be.Uint16(outline[at:])
		out = append(out, int(be.Uint16(outline[at+2:])))
		if flags&moreFollow == 0 {
			return out, nil
		}
		at += 6
		if flags&wordArguments != 0 {
			at += 2
		}
		switch {
		case flags&oneScale != 0:
			at += 2
		case flags&twoScales != 0:
			at += 4
		case flags&fourScales != 0:
			at += 8
		}
	}
}

// assemble writes tables as a TrueType file; a table without bytes is left out.
func assemble(tables map[string][]byte) []byte {
	var names []string
	for name, t := range tables {
		if len(t) > 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	power, shift := 1, 0
	for power*2 <= len(names) {
		power, shift = power*2, shift+1
	}
	out := be.AppendUint32(nil, 0x00010000)
	for _, v := range []int{len(names), 16 * power, shift, 16 * (len(names) - power)} {
		out = be.AppendUint16(out, uint16(v))
	}
	at := len(out) + 16*len(names)
	var body []byte
	adjust := 0
	for _, name := range names {
		t := slices.Clone(tables[name])
		if name == "head" {
			be.PutUint32(t[8:], 0)
			adjust = at + len(body) + 8
		}
		out = append(out, name...)
		size := len(t)
		t = append(t, make([]byte, -len(t)&3)...)
		for _, v := range []uint32{sum(t), uint32(at + len(body)), uint32(size)} {
			out = be.AppendUint32(out, v)
		}
		body = append(body, t...)
	}
	out = append(out, body...)
	be.PutUint32(out[adjust:], 0xb1b0afba-sum(out))
	return out
}

// sum adds up words of four bytes.
func sum(b []byte) uint32 {
	var s uint32
	for ; len(b) >= 4; b = b[4:] {
		s += be.Uint32(b)
	}
	return s
}
