// Package wire is the msgpack encoding of everything that leaves the process: model files, checkpoints, messages.
//
// The decoder of msgpack/v5 trusts the lengths it reads: five hostile bytes make it allocate gigabytes, deep nesting
// overflows the stack. Unmarshal therefore walks the bytes first and refuses what no writer of ours would have written.
package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/vmihailenco/msgpack/v5"
)

// Marshal encodes v; struct fields go by name, so that a newer program may add some.
func Marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := msgpack.NewEncoder(&b)
	e.SetOmitEmpty(true)
	e.SetSortMapKeys(true)
	e.UseCompactInts(true)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Unmarshal decodes data into v after checking that its structure is sound. It never allocates more than a small
// multiple of len(data) and never panics.
func Unmarshal(data []byte, v any) (err error) {
	rest, err := skip(data, 0)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return fmt.Errorf("wire: %d bytes after the end", len(rest))
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("wire: %v", p)
		}
	}()
	return msgpack.Unmarshal(data, v)
}

const maxDepth = 64

var errShort = errors.New("wire: unexpected end of data")

// skip walks one value and returns the bytes behind it. Every element of a container takes at least one byte, so a
// length beyond the bytes left is a lie.
func skip(b []byte, depth int) ([]byte, error) {
	if depth > maxDepth {
		return nil, errors.New("wire: nested too deeply")
	}
	if len(b) == 0 {
		return nil, errShort
	}
	c := b[0]
	b = b[1:]
	switch {
	case c <= 0x7f || c >= 0xe0 || c == 0xc0 || c == 0xc2 || c == 0xc3: // small integers, nil, booleans
		return b, nil
	case c <= 0x8f:
		return skipMany(b, 2*uint64(c&0x0f), depth)
	case c <= 0x9f:
		return skipMany(b, uint64(c&0x0f), depth)
	case c <= 0xbf:
		return advance(b, uint64(c&0x1f))
	}
	switch c {
	case 0xc4, 0xd9: // bin8, str8
		return skipBytes(b, 1)
	case 0xc5, 0xda:
		return skipBytes(b, 2)
	case 0xc6, 0xdb:
		return skipBytes(b, 4)
	case 0xcc, 0xd0:
		return advance(b, 1)
	case 0xcd, 0xd1:
		return advance(b, 2)
	case 0xca, 0xce, 0xd2:
		return advance(b, 4)
	case 0xcb, 0xcf, 0xd3:
		return advance(b, 8)
	case 0xdc, 0xdd: // arrays
		n, rest, err := length(b, 2<<(c-0xdc))
		if err != nil {
			return nil, err
		}
		return skipMany(rest, n, depth)
	case 0xde, 0xdf: // maps
		n, rest, err := length(b, 2<<(c-0xde))
		if err != nil {
			return nil, err
		}
		return skipMany(rest, 2*n, depth)
	}
	return nil, fmt.Errorf("wire: byte 0x%02x is not used", c) // extension types
}

func skipMany(b []byte, n uint64, depth int) ([]byte, error) {
	if n > uint64(len(b)) {
		return nil, errShort
	}
	var err error
	for ; n > 0; n-- {
		if b, err = skip(b, depth+1); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func skipBytes(b []byte, width int) ([]byte, error) {
	n, rest, err := length(b, width)
	if err != nil {
		return nil, err
	}
	return advance(rest, n)
}

func length(b []byte, width int) (uint64, []byte, error) {
	if len(b) < width {
		return 0, nil, errShort
	}
	var n uint64
	for _, c := range b[:width] {
		n = n<<8 | uint64(c)
	}
	return n, b[width:], nil
}

func advance(b []byte, n uint64) ([]byte, error) {
	if n > uint64(len(b)) {
		return nil, errShort
	}
	return b[n:], nil
}

// Floats is a []float64 that is encoded as one block of little-endian bytes, many times faster than number by number.
type Floats []float64

var (
	_ msgpack.CustomEncoder = Floats(nil)
	_ msgpack.CustomDecoder = (*Floats)(nil)
	_ msgpack.CustomEncoder = Ints(nil)
	_ msgpack.CustomDecoder = (*Ints)(nil)
)

// EncodeMsgpack writes the block.
func (f Floats) EncodeMsgpack(e *msgpack.Encoder) error {
	b := make([]byte, 8*len(f))
	for i, v := range f {
		binary.LittleEndian.PutUint64(b[8*i:], math.Float64bits(v))
	}
	return e.EncodeBytes(b)
}

// DecodeMsgpack reads the block.
func (f *Floats) DecodeMsgpack(d *msgpack.Decoder) error {
	b, err := d.DecodeBytes()
	if err != nil {
		return err
	}
	if len(b)%8 != 0 {
		return errors.New("wire: floats cut short")
	}
	if b == nil {
		*f = nil
		return nil
	}
	*f = make(Floats, len(b)/8)
	for i := range *f {
		(*f)[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
	}
	return nil
}

// Ints is a []int32 that is encoded as one block of little-endian bytes.
type Ints []int32

// EncodeMsgpack writes the block.
func (f Ints) EncodeMsgpack(e *msgpack.Encoder) error {
	b := make([]byte, 4*len(f))
	for i, v := range f {
		binary.LittleEndian.PutUint32(b[4*i:], uint32(v))
	}
	return e.EncodeBytes(b)
}

// DecodeMsgpack reads the block.
func (f *Ints) DecodeMsgpack(d *msgpack.Decoder) error {
	b, err := d.DecodeBytes()
	if err != nil {
		return err
	}
	if len(b)%4 != 0 {
		return errors.New("wire: integers cut short")
	}
	if b == nil {
		*f = nil
		return nil
	}
	*f = make(Ints, len(b)/4)
	for i := range *f {
		(*f)[i] = int32(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return nil
}
