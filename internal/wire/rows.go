package wire

import (
	"sync"

	"github.com/vmihailenco/msgpack/v5"
)

// Rows are the numbers of a table that need not be laid out before someone asks for them. They are encoded as [Floats]
// are. A nil *Rows holds none.
type Rows struct {
	once   sync.Once
	values Floats
	lay    func() []float64 // until it has been called
}

// RowsOf are those that lay returns; it is called once, or never.
func RowsOf(lay func() []float64) *Rows { return &Rows{lay: lay} }

// Values returns the numbers, shared.
func (r *Rows) Values() Floats {
	if r == nil {
		return nil
	}
	r.once.Do(func() {
		if r.lay != nil {
			r.values, r.lay = r.lay(), nil
		}
	})
	return r.values
}

var (
	_ msgpack.CustomEncoder = (*Rows)(nil)
	_ msgpack.CustomDecoder = (*Rows)(nil)
)

// EncodeMsgpack writes the block.
func (r *Rows) EncodeMsgpack(e *msgpack.Encoder) error { return r.Values().EncodeMsgpack(e) }

// DecodeMsgpack reads the block.
func (r *Rows) DecodeMsgpack(d *msgpack.Decoder) error { return r.values.DecodeMsgpack(d) }
