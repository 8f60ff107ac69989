package main

import (
	"bytes"
	"os"
	"testing"
)

// TestReferenceIsCurrent: the committed reference is what the catalogue says now.
func TestReferenceIsCurrent(t *testing.T) {
	committed, err := os.ReadFile("../operators.md")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	write(&b)
	if !bytes.Equal(b.Bytes(), committed) {
		t.Error("docs/operators.md is not what the catalogue says: go run ./docs/operators > docs/operators.md")
	}
}
