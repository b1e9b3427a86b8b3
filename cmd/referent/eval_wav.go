package main

import (
	"encoding/binary"
	"io"

	"github.com/referent/referent"
)

// encodeWAV writes one channel of 16-bit samples at 16 kHz with the 44 bytes of header that every player
// understands.
func encodeWAV(w io.Writer, samples []int16) error {
	const sampleBytes, headerBytes = 2, 44
	size := uint32(len(samples) * sampleBytes)
	header := struct {
		RIFF       [4]byte
		Size       uint32
		WAVE, Fmt  [4]byte
		FmtSize    uint32
		Format     uint16 // 1: plain samples
		Channels   uint16
		Rate       uint32
		ByteRate   uint32
		BlockAlign uint16
		Bits       uint16
		Data       [4]byte
		DataSize   uint32
	}{
		[4]byte{'R', 'I', 'F', 'F'}, size + headerBytes - 8, [4]byte{'W', 'A', 'V', 'E'}, [4]byte{'f', 'm', 't', ' '}, 16,
		1, 1, referent.SampleRate, referent.SampleRate * sampleBytes, sampleBytes, 8 * sampleBytes, [4]byte{'d', 'a', 't', 'a'}, size,
	}
	if err := binary.Write(w, binary.LittleEndian, header); err != nil {
		return referent.E(referent.CodeDiskFull, "eval: write sound", err)
	}
	if err := binary.Write(w, binary.LittleEndian, samples); err != nil {
		return referent.E(referent.CodeDiskFull, "eval: write sound", err)
	}
	return nil
}
