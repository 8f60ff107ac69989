package linalg

//go:generate go -C ../../tools/asm run . -pkg linalg -out ../../internal/linalg/kernels_amd64.s -stubs ../../internal/linalg/kernels_amd64.go
