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

// TestReadmeIsCurrent: the README's table of names is what the catalogue says now.
func TestReadmeIsCurrent(t *testing.T) {
	committed, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := insert(committed)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(fresh, committed) {
		t.Error("the README's table of operators is not what the catalogue says: go run ./docs/operators -readme README.md")
	}
}
