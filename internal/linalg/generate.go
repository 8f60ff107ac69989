package linalg

//go:generate go -C ../../tools/asm run . -pkg linalg -out ../../internal/linalg/tile_amd64.s -stubs ../../internal/linalg/tile_stubs_amd64.go
