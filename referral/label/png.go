package label

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"math"
)

const pngSignature = "\x89PNG\r\n\x1a\n"

// Colour types of the PNG format.
const (
	pngGrey    = 0
	pngColour  = 2 // three bytes a pixel
	pngPalette = 3
)

// PNG draws the code, a logo in real colours and everything else with one bit a pixel. It is written here and not by
// image/png, which knows no 1-bit grey: that took twice the time and gave larger files. ErrSize for a size out of bounds.
func (d Drawing) PNG(size Size) ([]byte, error) {
	r, err := d.raster(size)
	if err != nil {
		return nil, err
	}
	var header [13]byte
	binary.BigEndian.PutUint32(header[0:], uint32(r.side))
	binary.BigEndian.PutUint32(header[4:], uint32(r.side))
	header[8], header[9] = r.pixelFormat()

	var physical [9]byte
	binary.BigEndian.PutUint32(physical[0:], pixelsPerMillimetre*1000)
	binary.BigEndian.PutUint32(physical[4:], pixelsPerMillimetre*1000)
	physical[8] = 1 // a metre

	var out bytes.Buffer
	out.WriteString(pngSignature)
	chunk(&out, "IHDR", header[:])
	chunk(&out, "pHYs", physical[:])
	if header[9] == pngPalette {
		dark, light := d.design.Dark, d.design.Light
		chunk(&out, "PLTE", []byte{dark.R, dark.G, dark.B, light.R, light.G, light.B})
	}
	chunk(&out, "IDAT", r.scanlines())
	chunk(&out, "IEND", nil)
	return out.Bytes(), nil
}

// pixelFormat is the bits of a channel, and the colour type. In grey and in the palette, 1 is light.
func (r raster) pixelFormat() (bits, colourType byte) {
	switch {
	case r.logo != nil:
		return 8, pngColour
	case r.design.Dark == Black && r.design.Light == White:
		return 1, pngGrey
	}
	return 1, pngPalette
}

// scanlines packs each row of modules once and repeats it: with the "up" filter a repeated line is all zeros, which
// deflate makes almost nothing of.
func (r raster) scanlines() []byte {
	var packed bytes.Buffer
	z, err := zlib.NewWriterLevel(&packed, zlib.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant that zlib knows
	}
	width := (r.side + 7) / 8
	if r.logo != nil {
		width = 3 * r.side
	}
	line := make([]byte, 1+width) // filter "none"
	same := make([]byte, 1+width)
	same[0] = 2 // filter "up": equal to the line above
	for y := range r.side {
		if y > 0 && r.module(y) == r.module(y-1) && !r.hasLogo(y) && !r.hasLogo(y-1) {
			_, _ = z.Write(same) // into memory: cannot fail, nor can Close
			continue
		}
		if r.logo != nil {
			r.colourLine(y, line[1:])
		} else {
			r.bitLine(y, line[1:])
		}
		_, _ = z.Write(line)
	}
	_ = z.Close()
	return packed.Bytes()
}

func (r raster) bitLine(y int, line []byte) {
	for i := range line {
		line[i] = math.MaxUint8
	}
	r.runs(r.module(y), func(x, length int) {
		for pixel := r.offset + x*r.scale; pixel < r.offset+(x+length)*r.scale; pixel++ {
			line[pixel/8] &^= 0x80 >> (pixel % 8)
		}
	})
}

func (r raster) colourLine(y int, line []byte) {
	for x := range r.side {
		c := r.at(x, y)
		line[3*x], line[3*x+1], line[3*x+2] = c.R, c.G, c.B
	}
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
