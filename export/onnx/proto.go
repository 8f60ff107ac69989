package onnx

import (
	"encoding/binary"
	"math"
)

// message is a protocol buffer in the making; the numbers of its fields are those of onnx.proto.
type message []byte

func (m *message) varint(field int, v int64) {
	*m = binary.AppendUvarint(*m, uint64(field)<<3)
	*m = binary.AppendUvarint(*m, uint64(v))
}

func (m *message) bytes(field int, v []byte) {
	*m = binary.AppendUvarint(*m, uint64(field)<<3|2)
	*m = binary.AppendUvarint(*m, uint64(len(v)))
	*m = append(*m, v...)
}

func (m *message) text(field int, v string) { m.bytes(field, []byte(v)) }

// Element types of tensors.
const (
	int64Type  = 7
	doubleType = 11
)

func doubles(name string, v []float64, dims ...int) message {
	raw := make([]byte, 0, 8*len(v))
	for _, x := range v {
		raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(x))
	}
	return tensor(name, doubleType, raw, dims)
}

func integers(name string, v []int64, dims ...int) message {
	raw := make([]byte, 0, 8*len(v))
	for _, x := range v {
		raw = binary.LittleEndian.AppendUint64(raw, uint64(x))
	}
	return tensor(name, int64Type, raw, dims)
}

func tensor(name string, kind int64, raw []byte, dims []int) message {
	var m message
	for _, d := range dims {
		m.varint(1, int64(d))
	}
	m.varint(2, kind)
	if name != "" {
		m.text(8, name)
	}
	m.bytes(9, raw)
	return m
}

// value describes an input or output: rows × cols, or a list of rows if cols is 0.
func value(name string, kind int64, cols int) message {
	var rows, shape, typed, kinds, m message
	rows.text(2, "rows")
	shape.bytes(1, rows)
	if cols > 0 {
		var c message
		c.varint(1, int64(cols))
		shape.bytes(1, c)
	}
	typed.varint(1, kind)
	typed.bytes(2, shape)
	kinds.bytes(1, typed)
	m.text(1, name)
	m.bytes(2, kinds)
	return m
}

// attribute is a named constant of a node: an int, a string, a list of one of them, or a tensor.
func attribute(name string, v any) message {
	var m message
	m.text(1, name)
	switch v := v.(type) {
	case int64:
		m.varint(3, v)
		m.varint(20, 2)
	case string:
		m.text(4, v)
		m.varint(20, 3)
	case message:
		m.bytes(5, v)
		m.varint(20, 4)
	case []int64:
		for _, i := range v {
			m.varint(8, i)
		}
		m.varint(20, 7)
	case []string:
		for _, s := range v {
			m.text(9, s)
		}
		m.varint(20, 8)
	}
	return m
}
