package gp

import "testing"

func TestCreditGoesToWhatPays(t *testing.T) {
	var c credit
	for i := range beginning - 1 {
		c.add("good", 1, i%2 == 0)
		if f := c.factor("good"); f != 1 {
			t.Fatalf("after %d children the factor is %g", i+1, f)
		}
	}
	for i := range 400 {
		c.add("good", 1, i%2 == 0)
		c.add("slow", 8, i%2 == 0)
		c.add("poor", 1, i%20 == 0)
	}
	good, slow, poor, unknown := c.factor("good"), c.factor("slow"), c.factor("poor"), c.factor("unknown")
	if !(good > 1.5 && good <= most && slow < 0.9 && poor < 0.9 && poor >= 1./most && unknown == 1) {
		t.Errorf("factors: good %.2f, slow %.2f, poor %.2f, unknown %.2f", good, slow, poor, unknown)
	}
	for range 2000 { // the past fades
		c.add("good", 1, false)
		c.add("poor", 1, true)
	}
	if g, p := c.factor("good"), c.factor("poor"); !(p > 1.5 && g < 0.7) {
		t.Errorf("after the tide turned: good %.2f, poor %.2f", g, p)
	}
}
