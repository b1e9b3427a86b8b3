package checkpoint

import (
	"bytes"
	"encoding/binary"
)

// What follows an opcode of a pickle. Only the opcodes that torch.save writes (protocol 2) are here.
var (
	pickleFixed = map[byte]int{ // bytes
		'(': 0, ')': 0, ']': 0, '}': 0, 't': 0, 'R': 0, 'Q': 0, 's': 0, 'u': 0, 'a': 0, 'e': 0, 'N': 0, 'b': 0,
		0x85: 0, 0x86: 0, 0x87: 0, 0x88: 0, 0x89: 0,
		'K': 1, 'q': 1, 'h': 1, 0x80: 1, 'M': 2, 'J': 4, 'r': 4, 'j': 4, 'G': 8,
	}
	pickleCounted = map[byte]int{'X': 4, 'U': 1, 0x8a: 1} // bytes of the length of what follows
	pickleLines   = map[byte]int{'c': 2}
)

const pickleStop = '.'

// checkPickle walks through a pickle without running it, for its machine allocates as much as a length
// says before it looks whether there is so much.
func checkPickle(raw []byte) error {
	for len(raw) > 0 {
		op := raw[0]
		raw = raw[1:]
		if op == pickleStop {
			return nil
		}
		if n, ok := pickleFixed[op]; ok && n <= len(raw) {
			raw = raw[n:]
			continue
		}
		if width, ok := pickleCounted[op]; ok && width <= len(raw) {
			var length [8]byte
			copy(length[:], raw[:width])
			n := binary.LittleEndian.Uint64(length[:])
			if raw = raw[width:]; n <= uint64(len(raw)) {
				raw = raw[n:]
				continue
			}
		}
		lines, ok := pickleLines[op]
		for range lines {
			at := bytes.IndexByte(raw, '\n')
			if at < 0 {
				ok = false
				break
			}
			raw = raw[at+1:]
		}
		if !ok {
			return badFormat("a PyTorch description with what torch.save does not write")
		}
	}
	return badFormat("a PyTorch description that stops early")
}
