package label

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"math"
)

const pngSignature = "\x89PNG\r\n\x1a\n"

// PNG draws the code with one bit a pixel. It is written here and not by image/png, which knows no 1-bit grey: that took
// twice the time and gave larger files. ErrSize for a size out of bounds.
func (m Matrix) PNG(size Size) ([]byte, error) {
	if err := size.check(); err != nil {
		return nil, err
	}
	side := (len(m) + 2*size.Margin) * size.Scale
	var header [13]byte
	binary.BigEndian.PutUint32(header[0:], uint32(side))
	binary.BigEndian.PutUint32(header[4:], uint32(side))
	header[8] = 1 // bits a pixel; colour type 0 is grey, and 1 is white

	var physical [9]byte // 12 pixels a millimetre (about 300 dpi), so that a program that prints begins with a useful size
	binary.BigEndian.PutUint32(physical[0:], 12_000)
	binary.BigEndian.PutUint32(physical[4:], 12_000)
	physical[8] = 1

	var out bytes.Buffer
	out.WriteString(pngSignature)
	chunk(&out, "IHDR", header[:])
	chunk(&out, "pHYs", physical[:])
	chunk(&out, "IDAT", m.scanlines(size, side))
	chunk(&out, "IEND", nil)
	return out.Bytes(), nil
}

// scanlines packs each row of modules once and repeats it: with the "up" filter a repeated line is all zeros, which
// deflate makes almost nothing of.
func (m Matrix) scanlines(size Size, side int) []byte {
	var packed bytes.Buffer
	z, err := zlib.NewWriterLevel(&packed, zlib.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant that zlib knows
	}
	width := (side + 7) / 8
	line := make([]byte, 1+width)
	same := make([]byte, 1+width)
	same[0] = 2 // filter "up": equal to the line above
	for y := -size.Margin; y < len(m)+size.Margin; y++ {
		for i := range line {
			line[i] = math.MaxUint8
		}
		line[0] = 0 // filter "none"
		for x := range m {
			if !m.dark(x, y) {
				continue
			}
			for pixel := (x + size.Margin) * size.Scale; pixel < (x+size.Margin+1)*size.Scale; pixel++ {
				line[1+pixel/8] &^= 0x80 >> (pixel % 8)
			}
		}
		_, _ = z.Write(line) // into memory: cannot fail, nor can Close
		for range size.Scale - 1 {
			_, _ = z.Write(same)
		}
	}
	_ = z.Close()
	return packed.Bytes()
}

func chunk(out *bytes.Buffer, kind string, data []byte) {
	var number [4]byte
	binary.BigEndian.PutUint32(number[:], uint32(len(data)))
	out.Write(number[:])
	out.WriteString(kind)
	out.Write(data)
	sum := crc32.ChecksumIEEE([]byte(kind))
	sum = crc32.Update(sum, crc32.IEEETable, data)
	binary.BigEndian.PutUint32(number[:], sum)
	out.Write(number[:])
}
