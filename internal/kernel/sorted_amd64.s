#include "textflag.h"

DATA ones16<>+0(SB)/8, $0x0001000100010001
GLOBL ones16<>(SB), RODATA|NOPTR, $8

DATA count8<>+0(SB)/8, $1.0
DATA count8<>+8(SB)/8, $2.0
DATA count8<>+16(SB)/8, $3.0
DATA count8<>+24(SB)/8, $4.0
DATA count8<>+32(SB)/8, $5.0
DATA count8<>+40(SB)/8, $6.0
DATA count8<>+48(SB)/8, $7.0
DATA count8<>+56(SB)/8, $8.0
GLOBL count8<>(SB), RODATA|NOPTR, $64

DATA place8<>+0(SB)/8, $0
DATA place8<>+8(SB)/8, $1
DATA place8<>+16(SB)/8, $2
DATA place8<>+24(SB)/8, $3
DATA place8<>+32(SB)/8, $4
DATA place8<>+40(SB)/8, $5
DATA place8<>+48(SB)/8, $6
DATA place8<>+56(SB)/8, $7
GLOBL place8<>(SB), RODATA|NOPTR, $64

// 1 - 2⁻⁴⁸: more than what rounding can do to a product
DATA slack8<>+0(SB)/8, $0x3FEFFFFFFFFFFFE0
GLOBL slack8<>(SB), RODATA|NOPTR, $8

// func split32(codes *uint16, n int, cut uint16, m, left, right *Members)
TEXT ·split32(SB), NOSPLIT, $0-48
	MOVQ codes+0(FP), SI
	MOVQ n+8(FP), CX
	MOVWLZX cut+16(FP), AX
	MOVQ m+24(FP), R8
	MOVQ left+32(FP), R9
	MOVQ right+40(FP), R10
	VPBROADCASTW AX, Z1

split:
	CMPQ CX, $32
	JLT splitPart
	VMOVDQU16 (SI), Z0

splitTurn:
	VPCMPUW $2, Z1, Z0, K1
	KMOVD K1, AX
	MOVL (R8), BX
	ANDL BX, AX
	XORL AX, BX
	MOVL AX, (R9)
	MOVL BX, (R10)
	ADDQ $64, SI
	ADDQ $4, R8
	ADDQ $4, R9
	ADDQ $4, R10
	SUBQ $32, CX
	JG split
	VZEROUPPER
	RET

splitPart:
	MOVQ $1, AX
	SHLQ CX, AX
	DECQ AX
	KMOVD AX, K2
	VMOVDQU16.Z (SI), K2, Z0
	JMP splitTurn

// func part16(rows *int32, n int, m *Members, spare *int32) (left int)
TEXT ·part16(SB), NOSPLIT, $0-40
	MOVQ rows+0(FP), SI
	MOVQ n+8(FP), CX
	MOVQ m+16(FP), R8
	MOVQ spare+24(FP), DX
	VMOVDQU64 (R8), Z20
	VMOVDQU64 64(R8), Z21
	MOVL $1, AX
	VPBROADCASTD AX, Z22
	MOVQ SI, DI                        // where the next member goes
	MOVQ $16, R10

part:
	VMOVDQU32 (SI), Z0
	VPSRLD $5, Z0, Z1
	VPERMI2D Z21, Z20, Z1              // the word of each row
	VPRORVD Z0, Z1, Z1                 // its bit, lowest
	VPTESTMD Z22, Z1, K1
	KNOTW K1, K2
	KMOVW K1, AX
	VPCOMPRESSD.Z Z0, K1, Z2
	VPCOMPRESSD.Z Z0, K2, Z3
	POPCNTL AX, AX
	MOVQ R10, BX
	SUBQ AX, BX
	VMOVDQU32 Z2, (DI)
	VMOVDQU32 Z3, (DX)
	LEAQ (DI)(AX*4), DI
	LEAQ (DX)(BX*4), DX
	ADDQ $64, SI
	SUBQ $16, CX
	JNZ part
	MOVQ rows+0(FP), AX
	SUBQ AX, DI
	SHRQ $2, DI
	MOVQ DI, left+32(FP)
	VZEROUPPER
	RET

// func sift32(order *uint16, n int, m *Members, dst *uint16) int
TEXT ·sift32(SB), NOSPLIT, $0-40
	MOVQ order+0(FP), SI
	MOVQ n+8(FP), CX
	MOVQ m+16(FP), R8
	MOVQ dst+24(FP), DI
	VMOVDQU64 (R8), Z20
	VMOVDQU64 64(R8), Z21
	VPBROADCASTW ones16<>(SB), Z22
	MOVL $15, AX
	VPBROADCASTW AX, Z23
	MOVL $-1, AX
	KMOVD AX, K2

sift:
	CMPQ CX, $32
	JLT siftPart
	VMOVDQU16 (SI), Z0

siftTurn:
	VPSRLW $4, Z0, Z1
	VPERMI2W Z21, Z20, Z1              // the word of each row
	VPANDQ Z23, Z0, Z2
	VPSLLVW Z2, Z22, Z2                // its bit
	VPTESTMW Z2, Z1, K2, K1
	KMOVD K1, AX
	VPCOMPRESSW.Z Z0, K1, Z3
	POPCNTL AX, AX
	VMOVDQU16 Z3, (DI)
	LEAQ (DI)(AX*2), DI
	ADDQ $64, SI
	SUBQ $32, CX
	JG sift
	SUBQ dst+24(FP), DI
	SHRQ $1, DI
	MOVQ DI, ret+32(FP)
	VZEROUPPER
	RET

siftPart:
	MOVQ $1, AX
	SHLQ CX, AX
	DECQ AX
	KMOVD AX, K2
	VMOVDQU16.Z (SI), K2, Z0
	JMP siftTurn

// func siftBoth32(order, codes *uint16, n int, m *Members, dst, own *uint16) int
TEXT ·siftBoth32(SB), NOSPLIT, $0-56
	MOVQ order+0(FP), SI
	MOVQ codes+8(FP), BX
	MOVQ n+16(FP), CX
	MOVQ m+24(FP), R8
	MOVQ dst+32(FP), DI
	MOVQ own+40(FP), DX
	VMOVDQU64 (R8), Z20
	VMOVDQU64 64(R8), Z21
	VPBROADCASTW ones16<>(SB), Z22
	MOVL $15, AX
	VPBROADCASTW AX, Z23
	MOVL $-1, AX
	KMOVD AX, K2

both:
	CMPQ CX, $32
	JLT bothPart
	VMOVDQU16 (SI), Z0
	VMOVDQU16 (BX), Z4

bothTurn:
	VPSRLW $4, Z0, Z1
	VPERMI2W Z21, Z20, Z1
	VPANDQ Z23, Z0, Z2
	VPSLLVW Z2, Z22, Z2
	VPTESTMW Z2, Z1, K2, K1
	KMOVD K1, AX
	VPCOMPRESSW.Z Z0, K1, Z3
	VPCOMPRESSW.Z Z4, K1, Z5
	POPCNTL AX, AX
	VMOVDQU16 Z3, (DI)
	VMOVDQU16 Z5, (DX)
	LEAQ (DI)(AX*2), DI
	LEAQ (DX)(AX*2), DX
	ADDQ $64, SI
	ADDQ $64, BX
	SUBQ $32, CX
	JG both
	SUBQ dst+32(FP), DI
	SHRQ $1, DI
	MOVQ DI, ret+48(FP)
	VZEROUPPER
	RET

bothPart:
	MOVQ $1, AX
	SHLQ CX, AX
	DECQ AX
	KMOVD AX, K2
	VMOVDQU16.Z (SI), K2, Z0
	VMOVDQU16.Z (BX), K2, Z4
	JMP bothTurn

// func ends32(codes *uint16, n int, ends *uint8)
TEXT ·ends32(SB), NOSPLIT, $0-24
	MOVQ codes+0(FP), SI
	MOVQ n+8(FP), CX
	MOVQ ends+16(FP), DI

ends:
	VMOVDQU16 (SI), Z0
	VPCMPUW $4, 2(SI), Z0, K1
	KMOVD K1, (DI)
	ADDQ $64, SI
	ADDQ $4, DI
	SUBQ $32, CX
	JG ends
	VZEROUPPER
	RET

// func sums1(rows *uint16, n int, words, sums *int64)
TEXT ·sums1(SB), NOSPLIT, $0-32
	MOVQ rows+0(FP), SI
	MOVQ n+8(FP), CX
	MOVQ words+16(FP), BX
	MOVQ sums+24(FP), DI
	XORQ R8, R8
	SUBQ $4, CX
	JLT sumsPart

sums4:
	MOVWLZX (SI), AX
	MOVWLZX 2(SI), DX
	MOVWLZX 4(SI), R9
	MOVWLZX 6(SI), R10
	ADDQ (BX)(AX*8), R8
	MOVQ R8, (DI)
	ADDQ (BX)(DX*8), R8
	MOVQ R8, 8(DI)
	ADDQ (BX)(R9*8), R8
	MOVQ R8, 16(DI)
	ADDQ (BX)(R10*8), R8
	MOVQ R8, 24(DI)
	ADDQ $8, SI
	ADDQ $32, DI
	SUBQ $4, CX
	JGE sums4

sumsPart:
	ADDQ $4, CX
	JZ sumsDone

sumsOne:
	MOVWLZX (SI), AX
	ADDQ (BX)(AX*8), R8
	MOVQ R8, (DI)
	ADDQ $2, SI
	ADDQ $8, DI
	DECQ CX
	JNZ sumsOne

sumsDone:
	RET

// func line8(s *Scan, sums *int64, ends *uint8, turns, first int, floor float64) (at int, score float64)
//
// Eight places a turn, as scan8 does, but for the sums, which are there already.
TEXT ·line8(SB), NOSPLIT, $0-64
	MOVQ s+0(FP), DI
	MOVQ sums+8(FP), SI
	MOVQ ends+16(FP), R8
	MOVQ turns+24(FP), CX
	MOVQ first+32(FP), DX
	VBROADCASTSD floor+40(FP), Z1      // best score
	VPTERNLOGD $0xFF, Z2, Z2, Z2       // its place: -1
	VPBROADCASTQ 16(DI), Z6            // hessianMask
	VBROADCASTSD 72(DI), Z10           // all
	VBROADCASTSD 80(DI), Z11           // total
	VBROADCASTSD 64(DI), Z12           // l2
	VBROADCASTSD 48(DI), Z16           // low
	VBROADCASTSD 56(DI), Z17           // high
	VMOVQ 0(DI), X18                   // gradientShift
	VMOVQ 8(DI), X19                   // hessianShift
	VBROADCASTSD slack8<>(SB), Z22
	VMULPD Z22, Z1, Z23                // what a cut must reach for its score to be worked out

line:
	MOVBLZX (R8), AX
	TESTL AX, AX
	JZ lineNext
	KMOVW AX, K2
	VMOVDQU64 (SI), Z13
	VPSRLQ X19, Z13, Z14
	VPANDQ Z6, Z14, Z14
	VCVTQQ2PD Z14, Z14                 // h
	VCMPPD $13, Z16, Z14, K2, K2       // h ≥ low
	VCMPPD $2, Z17, Z14, K2, K2        // h ≤ high
	VSUBPD Z14, Z10, Z15
	VADDPD Z12, Z14, Z14               // l
	VADDPD Z12, Z15, Z15               // r
	VPSRAQ X18, Z13, Z13
	VCVTQQ2PD Z13, Z13                 // g
	VSUBPD Z13, Z11, Z21               // total - g
	VMULPD Z15, Z13, Z13
	VMULPD Z14, Z21, Z21
	VSUBPD Z21, Z13, Z13               // u
	VMULPD Z13, Z13, Z13
	VMULPD Z15, Z14, Z14
	VMULPD Z23, Z14, Z15
	VCMPPD $14, Z15, Z13, K2, K2       // may be above the best
	KORTESTB K2, K2
	JZ lineNext
	VDIVPD Z14, Z13, Z13               // score
	VCMPPD $14, Z1, Z13, K2, K2        // above the best
	VMOVAPD Z13, K2, Z1
	VPBROADCASTQ DX, Z14
	VPADDQ place8<>(SB), Z14, K2, Z2
	VMULPD Z22, Z1, Z23

lineNext:
	ADDQ $8, DX
	ADDQ $64, SI
	INCQ R8
	DECQ CX
	JNZ line
	VPMOVQ2M Z2, K1
	KORTESTB K1, K1
	JC lineNone                        // as for most columns: all places are -1 still
	VEXTRACTF64X4 $1, Z1, Y13
	VMAXPD Y13, Y1, Y13
	VEXTRACTF128 $1, Y13, X14
	VMAXPD X14, X13, X13
	VPERMILPD $1, X13, X14
	VMAXSD X14, X13, X13
	VMOVSD X13, score+56(FP)
	VBROADCASTSD X13, Z13
	VCMPPD $0, Z13, Z1, K1             // lanes that have it: the first place among them
	VPTERNLOGD $0xFF, Z14, Z14, Z14
	VMOVDQA64 Z2, K1, Z14
	VEXTRACTI64X4 $1, Z14, Y13
	VPMINUQ Y13, Y14, Y14
	VEXTRACTI128 $1, Y14, X13
	VPMINUQ X13, X14, X14
	VPSRLDQ $8, X14, X13
	VPMINUQ X13, X14, X14
	VMOVQ X14, AX
	MOVQ AX, at+48(FP)
	VZEROUPPER
	RET

lineNone:
	MOVQ $-1, at+48(FP)
	VMOVSD X1, score+56(FP)
	VZEROUPPER
	RET

// 1 - 2⁻¹²: more than what approximate roots lack
DATA rough8<>+0(SB)/8, $0x3FEFFE0000000000
GLOBL rough8<>(SB), RODATA|NOPTR, $8

DATA margin8<>+0(SB)/8, $8.0
GLOBL margin8<>(SB), RODATA|NOPTR, $8

DATA size8<>+0(SB)/8, $0x7FFFFFFFFFFFFFFF
GLOBL size8<>(SB), RODATA|NOPTR, $8

// func roots8(n int, roots *float64)
TEXT ·roots8(SB), NOSPLIT, $0-16
	MOVQ n+0(FP), CX
	MOVQ roots+8(FP), DI
	VCVTSI2SDQ CX, X0, X0
	VBROADCASTSD X0, Z0
	VMOVUPD count8<>(SB), Z1
	VBROADCASTSD count8<>+56(SB), Z5

roots:
	VSUBPD Z1, Z0, Z2
	VMULPD Z1, Z2, Z2
	VRSQRT14PD Z2, Z3
	VMULPD Z3, Z2, Z2
	VMOVUPD Z2, (DI)
	VADDPD Z5, Z1, Z1
	ADDQ $64, DI
	SUBQ $8, CX
	JG roots
	VZEROUPPER
	RET

// func lineEven8(s *Scan, sums *int64, ends *uint8, roots *float64, turns, first int, floor float64) (at int, score float64)
//
// With n rows, of which l go left and r right, u is n times d = g - total/n·l, so that a score above the best takes a d
// above √best·√(l r)/n in size. Sums of gradients are below 2⁵¹, and what rounding does to u/n and d is less than 3: only
// where d is above that less 8 is the score looked at.
TEXT ·lineEven8(SB), NOSPLIT, $0-72
	MOVQ s+0(FP), DI
	MOVQ sums+8(FP), SI
	MOVQ ends+16(FP), R8
	MOVQ roots+24(FP), R9
	MOVQ turns+32(FP), CX
	MOVQ first+40(FP), DX
	VBROADCASTSD floor+48(FP), Z1      // best score
	VPTERNLOGD $0xFF, Z2, Z2, Z2       // its place: -1
	VBROADCASTSD 72(DI), Z10           // all
	VBROADCASTSD 80(DI), Z11           // total
	VMOVQ 0(DI), X18                   // gradientShift
	VDIVPD Z10, Z11, Z6                // total/n
	VPXORQ Z20, Z20, Z20
	VBROADCASTSD rough8<>(SB), Z22
	VDIVPD Z10, Z22, Z22
	VBROADCASTSD margin8<>(SB), Z8
	VBROADCASTSD size8<>(SB), Z9
	VBROADCASTSD count8<>+56(SB), Z5
	VCVTSI2SDQ DX, X3, X3
	VBROADCASTSD X3, Z3
	VADDPD count8<>(SB), Z3, Z3        // l
	VMAXPD Z20, Z1, Z23
	VSQRTPD Z23, Z23
	VMULPD Z22, Z23, Z23               // √best/n

even:
	MOVBLZX (R8), AX
	TESTL AX, AX
	JZ evenNext
	KMOVW AX, K2
	VMOVDQU64 (SI), Z13
	VPSRAQ X18, Z13, Z13
	VCVTQQ2PD Z13, Z13                 // g
	VMOVAPD Z13, Z14
	VFNMADD231PD Z6, Z3, Z14           // d
	VPANDQ Z9, Z14, Z14
	VMOVUPD (R9), Z15
	VFMSUB213PD Z8, Z23, Z15
	VCMPPD $14, Z15, Z14, K2, K2       // may be above the best
	KORTESTB K2, K2
	JZ evenNext
	VSUBPD Z3, Z10, Z4                 // r
	VSUBPD Z13, Z11, Z21               // total - g
	VMULPD Z4, Z13, Z13
	VMULPD Z3, Z21, Z21
	VSUBPD Z21, Z13, Z13               // u
	VMULPD Z13, Z13, Z13
	VMULPD Z4, Z3, Z14
	VDIVPD Z14, Z13, Z13               // score
	VCMPPD $14, Z1, Z13, K2, K2        // above the best
	KORTESTB K2, K2
	JZ evenNext
	VMOVAPD Z13, K2, Z1
	VPBROADCASTQ DX, Z14
	VPADDQ place8<>(SB), Z14, K2, Z2
	VMAXPD Z20, Z1, Z23
	VSQRTPD Z23, Z23
	VMULPD Z22, Z23, Z23

evenNext:
	VADDPD Z5, Z3, Z3
	ADDQ $8, DX
	ADDQ $64, SI
	ADDQ $64, R9
	INCQ R8
	DECQ CX
	JNZ even
	VPMOVQ2M Z2, K1
	KORTESTB K1, K1
	JC evenNone
	VEXTRACTF64X4 $1, Z1, Y13
	VMAXPD Y13, Y1, Y13
	VEXTRACTF128 $1, Y13, X14
	VMAXPD X14, X13, X13
	VPERMILPD $1, X13, X14
	VMAXSD X14, X13, X13
	VMOVSD X13, score+64(FP)
	VBROADCASTSD X13, Z13
	VCMPPD $0, Z13, Z1, K1
	VPTERNLOGD $0xFF, Z14, Z14, Z14
	VMOVDQA64 Z2, K1, Z14
	VEXTRACTI64X4 $1, Z14, Y13
	VPMINUQ Y13, Y14, Y14
	VEXTRACTI128 $1, Y14, X13
	VPMINUQ X13, X14, X14
	VPSRLDQ $8, X14, X13
	VPMINUQ X13, X14, X14
	VMOVQ X14, AX
	MOVQ AX, at+56(FP)
	VZEROUPPER
	RET

evenNone:
	MOVQ $-1, at+56(FP)
	VMOVSD X1, score+64(FP)
	VZEROUPPER
	RET

// func gini8(p *Poll, sums *int64, ends *uint8, turns, first int, floor float64) (at int, value float64)
//
// All numbers are whole and small: no sum or product is rounded, so that it does not matter which are fused.
TEXT ·gini8(SB), NOSPLIT, $0-64
	MOVQ p+0(FP), DI
	MOVQ sums+8(FP), SI
	MOVQ ends+16(FP), R8
	MOVQ turns+24(FP), CX
	MOVQ first+32(FP), DX
	VBROADCASTSD floor+40(FP), Z1      // best value
	VPTERNLOGD $0xFF, Z2, Z2, Z2       // its place: -1
	VMOVQ 0(DI), X18                   // Bits
	VPBROADCASTQ 8(DI), Z11            // Total
	VPTERNLOGD $0xFF, Z7, Z7, Z7
	VPSLLQ X18, Z7, Z6
	VPANDNQ Z7, Z6, Z6                 // mask of a field
	VBROADCASTSD slack8<>(SB), Z22
	VMULPD Z22, Z1, Z23                // what a cut must reach for its value to be worked out
	VMOVDQA64 Z11, Z13
	VPXORQ Z28, Z28, Z28
	VPXORQ Z17, Z17, Z17
	VPSRLQ X18, Z13, Z13
	VPANDQ Z6, Z13, Z24
	VCVTQQ2PD Z24, Z24                 // rows of class 0 on both sides
	VADDPD Z24, Z17, Z17
	VFMADD231PD Z24, Z24, Z28
	VPSRLQ X18, Z13, Z13
	VPANDQ Z6, Z13, Z25
	VCVTQQ2PD Z25, Z25                 // rows of class 1 on both sides
	VADDPD Z25, Z17, Z17
	VFMADD231PD Z25, Z25, Z28
	VPSRLQ X18, Z13, Z13
	VPANDQ Z6, Z13, Z26
	VCVTQQ2PD Z26, Z26                 // rows of class 2 on both sides
	VADDPD Z26, Z17, Z17
	VFMADD231PD Z26, Z26, Z28
	VPSRLQ X18, Z13, Z13
	VPANDQ Z6, Z13, Z27
	VCVTQQ2PD Z27, Z27                 // rows of class 3 on both sides
	VADDPD Z27, Z17, Z17
	VFMADD231PD Z27, Z27, Z28

gini:
	MOVBLZX (R8), AX
	TESTL AX, AX
	JZ giniNext
	KMOVW AX, K2
	VMOVDQU64 (SI), Z13                // left
	VPSRLQ X18, Z13, Z13
	VPANDQ Z6, Z13, Z15
	VMOVDQA64 Z15, Z3
	VCVTQQ2PD Z15, Z15
	VMULPD Z15, Z15, Z4                // sum of squares
	VMULPD Z24, Z15, Z5               // sum of products with those of both sides
	VPSRLQ X18, Z13, Z13
	VPANDQ Z6, Z13, Z15
	VPADDQ Z15, Z3, Z3
	VCVTQQ2PD Z15, Z15
	VFMADD231PD Z15, Z15, Z4
	VFMADD231PD Z25, Z15, Z5
	VPSRLQ X18, Z13, Z13
	VPANDQ Z6, Z13, Z15
	VPADDQ Z15, Z3, Z3
	VCVTQQ2PD Z15, Z15
	VFMADD231PD Z15, Z15, Z4
	VFMADD231PD Z26, Z15, Z5
	VPSRLQ X18, Z13, Z13
	VPANDQ Z6, Z13, Z15
	VPADDQ Z15, Z3, Z3
	VCVTQQ2PD Z15, Z15
	VFMADD231PD Z15, Z15, Z4
	VFMADD231PD Z27, Z15, Z5
	VCVTQQ2PD Z3, Z3                   // weight of the left side
	VSUBPD Z3, Z17, Z15                // of the right one
	VADDPD Z4, Z28, Z14
	VADDPD Z5, Z5, Z5
	VSUBPD Z5, Z14, Z5                 // (t-l)² is t² - 2tl + l²
	VMULPD Z15, Z4, Z4
	VFMADD231PD Z3, Z5, Z4
	VMULPD Z15, Z3, Z5
	VMULPD Z23, Z5, Z15
	VCMPPD $14, Z15, Z4, K2, K2        // may be above the best
	KORTESTB K2, K2
	JZ giniNext
	VDIVPD Z5, Z4, Z13
	VCMPPD $14, Z1, Z13, K2, K2        // above the best
	VMOVAPD Z13, K2, Z1
	VPBROADCASTQ DX, Z14
	VPADDQ place8<>(SB), Z14, K2, Z2
	VMULPD Z22, Z1, Z23

giniNext:
	ADDQ $8, DX
	ADDQ $64, SI
	INCQ R8
	DECQ CX
	JNZ gini
	VPMOVQ2M Z2, K1
	KORTESTB K1, K1
	JC giniNone
	VEXTRACTF64X4 $1, Z1, Y13
	VMAXPD Y13, Y1, Y13
	VEXTRACTF128 $1, Y13, X14
	VMAXPD X14, X13, X13
	VPERMILPD $1, X13, X14
	VMAXSD X14, X13, X13
	VMOVSD X13, value+56(FP)
	VBROADCASTSD X13, Z13
	VCMPPD $0, Z13, Z1, K1
	VPTERNLOGD $0xFF, Z14, Z14, Z14
	VMOVDQA64 Z2, K1, Z14
	VEXTRACTI64X4 $1, Z14, Y13
	VPMINUQ Y13, Y14, Y14
	VEXTRACTI128 $1, Y14, X13
	VPMINUQ X13, X14, X14
	VPSRLDQ $8, X14, X13
	VPMINUQ X13, X14, X14
	VMOVQ X14, AX
	MOVQ AX, at+48(FP)
	VZEROUPPER
	RET

giniNone:
	MOVQ $-1, at+48(FP)
	VMOVSD X1, value+56(FP)
	VZEROUPPER
	RET
