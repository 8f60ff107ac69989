// Command asm writes the assembly of internal/linalg with avo: go generate ./internal/linalg calls it.
package main
