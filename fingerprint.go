package automl

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"math"

	"github.com/lren-chuv/automl/dataset"
)

// fingerprint identifies the data that a model was learned from: names, kinds, levels and values of all columns.
func fingerprint(s dataset.Sample) string {
	h := sha256.New()
	for _, c := range append(append([]*dataset.Column(nil), s.X.Columns()...), s.Y) {
		hashColumn(h, c)
	}
	hashFloats(h, s.W)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func hashColumn(h hash.Hash, c *dataset.Column) {
	hashText(h, c.Name)
	for _, l := range c.Levels {
		hashText(h, l)
	}
	hashFloats(h, c.Float)
	buf := make([]byte, 0, 4096)
	for _, k := range c.Code {
		if buf = binary.LittleEndian.AppendUint32(buf, uint32(k)); len(buf) > 4000 {
			h.Write(buf)
			buf = buf[:0]
		}
	}
	h.Write(buf)
}

func hashText(h hash.Hash, s string) {
	h.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(s))))
	h.Write([]byte(s))
}

func hashFloats(h hash.Hash, values []float64) {
	buf := make([]byte, 0, 4096)
	for _, v := range values {
		if buf = binary.LittleEndian.AppendUint64(buf, math.Float64bits(v)); len(buf) > 4000 {
			h.Write(buf)
			buf = buf[:0]
		}
	}
	h.Write(buf)
}
