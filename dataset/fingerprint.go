package dataset

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"math"
)

// Fingerprint identifies contents: 128 bits of a SHA-256 over names, kinds, levels and values. It is the same on every
// machine and in every process.
type Fingerprint [16]byte

// String is the fingerprint in hexadecimal.
func (f Fingerprint) String() string { return hex.EncodeToString(f[:]) }

type fingerprintKey struct{}

// Fingerprint identifies the frame's contents; it is computed once.
func (f *Frame) Fingerprint() Fingerprint {
	return f.Derive(fingerprintKey{}, func() any {
		d := newDigest()
		d.integer(len(f.cols))
		for _, c := range f.cols {
			d.column(c)
		}
		return d.sum()
	}).(Fingerprint)
}

// Fingerprint identifies features, target, weights and groups.
func (s Sample) Fingerprint() Fingerprint {
	d := newDigest()
	x := s.X.Fingerprint()
	d.Write(x[:])
	d.column(s.Y)
	d.integer(len(s.W))
	d.floats(s.W)
	d.integer(len(s.Group))
	d.codes(s.Group)
	return d.sum()
}

// digest hashes with lengths before everything, so that no two contents are written alike.
type digest struct {
	hash.Hash
	buffer []byte
}

const digestBuffer = 8 << 10

func newDigest() *digest { return &digest{sha256.New(), make([]byte, 0, digestBuffer)} }

func (d *digest) sum() Fingerprint { return Fingerprint(d.Sum(nil)[:16]) }

func (d *digest) integer(n int) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(n))
	d.Write(b[:])
}

func (d *digest) text(s string) {
	d.integer(len(s))
	d.Write([]byte(s))
}

func (d *digest) column(c *Column) {
	d.text(c.Name)
	d.integer(int(c.Kind))
	d.integer(c.Len())
	d.floats(c.Float)
	d.codes(c.Code)
	d.integer(len(c.Levels))
	for _, level := range c.Levels {
		d.text(level)
	}
}

// floats writes the values' bits; every NaN is written alike, since all mean missing.
func (d *digest) floats(values []float64) {
	b := d.buffer
	for _, v := range values {
		if v != v {
			v = math.NaN()
		}
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		if len(b) == digestBuffer {
			d.Write(b)
			b = b[:0]
		}
	}
	d.Write(b)
}

func (d *digest) codes(codes []int32) {
	b := d.buffer
	for _, k := range codes {
		b = binary.LittleEndian.AppendUint32(b, uint32(k))
		if len(b) == digestBuffer {
			d.Write(b)
			b = b[:0]
		}
	}
	d.Write(b)
}
