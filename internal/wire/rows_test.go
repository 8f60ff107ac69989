package wire

import (
	"bytes"
	"testing"
)

// TestRows: rows are laid out once, by who asks for them or encodes them, and are written as numbers laid out at once are.
func TestRows(t *testing.T) {
	type lazy struct{ X *Rows }
	type ready struct{ X Floats }
	calls := 0
	r := RowsOf(func() []float64 { calls++; return []float64{1, -2.5, 0} })
	a, err := Marshal(&lazy{r})
	if err != nil {
		t.Fatal(err)
	}
	b, err := Marshal(&ready{r.Values()})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a, b) || calls != 1 {
		t.Errorf("%x after %d calls, want %x after one", a, calls, b)
	}
	var back lazy
	if err := Unmarshal(a, &back); err != nil || len(back.X.Values()) != 3 || back.X.Values()[1] != -2.5 {
		t.Errorf("%v, %v", back.X.Values(), err)
	}
	var none lazy
	if err := Unmarshal([]byte{0x81, 0xa1, 'X', 0xc0}, &none); err != nil || none.X.Values() != nil {
		t.Errorf("nothing: %v, %v", none.X.Values(), err)
	}
}
