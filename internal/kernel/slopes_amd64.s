#include "textflag.h"

// where the first and the second half of eight gradients and hessians stand among eight of either
DATA firsts<>+0(SB)/8, $0
DATA firsts<>+8(SB)/8, $8
DATA firsts<>+16(SB)/8, $1
DATA firsts<>+24(SB)/8, $9
DATA firsts<>+32(SB)/8, $2
DATA firsts<>+40(SB)/8, $10
DATA firsts<>+48(SB)/8, $3
DATA firsts<>+56(SB)/8, $11
GLOBL firsts<>(SB), RODATA|NOPTR, $64

DATA lasts<>+0(SB)/8, $4
DATA lasts<>+8(SB)/8, $12
DATA lasts<>+16(SB)/8, $5
DATA lasts<>+24(SB)/8, $13
DATA lasts<>+32(SB)/8, $6
DATA lasts<>+40(SB)/8, $14
DATA lasts<>+48(SB)/8, $7
DATA lasts<>+56(SB)/8, $15
GLOBL lasts<>(SB), RODATA|NOPTR, $64

// where gradients and hessians stand in two times four of both
DATA evens<>+0(SB)/8, $0
DATA evens<>+8(SB)/8, $2
DATA evens<>+16(SB)/8, $4
DATA evens<>+24(SB)/8, $6
DATA evens<>+32(SB)/8, $8
DATA evens<>+40(SB)/8, $10
DATA evens<>+48(SB)/8, $12
DATA evens<>+56(SB)/8, $14
GLOBL evens<>(SB), RODATA|NOPTR, $64

DATA odds<>+0(SB)/8, $1
DATA odds<>+8(SB)/8, $3
DATA odds<>+16(SB)/8, $5
DATA odds<>+24(SB)/8, $7
DATA odds<>+32(SB)/8, $9
DATA odds<>+40(SB)/8, $11
DATA odds<>+48(SB)/8, $13
DATA odds<>+56(SB)/8, $15
GLOBL odds<>(SB), RODATA|NOPTR, $64

// func odds8(dst, scores *float64, n int, far float64)
TEXT ·odds8(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ scores+8(FP), SI
	MOVQ n+16(FP), CX
	VBROADCASTSD far+24(FP), Z0
	MOVQ $0x8000000000000000, AX
	VPBROADCASTQ AX, Z2
	VPXORQ Z2, Z0, Z1

near:
	VMOVUPD (SI), Z3
	VMINPD Z3, Z0, Z3 // of NaN and a number the last one to be named, here the first
	VMAXPD Z3, Z1, Z3
	VPXORQ Z2, Z3, Z3
	VMOVUPD Z3, (DI)
	ADDQ $64, SI
	ADDQ $64, DI
	SUBQ $8, CX
	JNZ near
	VZEROUPPER
	RET

// func logistic8(odds, weight *float64, class *int32, out *Slope, n int)
TEXT ·logistic8(SB), NOSPLIT, $0-40
	MOVQ odds+0(FP), SI
	MOVQ weight+8(FP), BX
	MOVQ class+16(FP), DX
	MOVQ out+24(FP), DI
	MOVQ n+32(FP), CX
	MOVQ $0x3ff0000000000000, AX
	VPBROADCASTQ AX, Z0 // 1
	VMOVDQU64 firsts<>(SB), Z1
	VMOVDQU64 lasts<>(SB), Z2

logistic:
	VADDPD (SI), Z0, Z3
	VDIVPD Z3, Z0, Z3 // the chance of the second class
	VMOVUPD (BX), Z4
	VCVTDQ2PD (DX), Z5
	VSUBPD Z5, Z3, Z5
	VMULPD Z5, Z4, Z5 // gradients
	VMULPD Z3, Z4, Z4
	VSUBPD Z3, Z0, Z3
	VMULPD Z3, Z4, Z4 // hessians
	VMOVAPD Z5, Z6
	VPERMT2PD Z4, Z1, Z5
	VPERMT2PD Z4, Z2, Z6
	VMOVUPD Z5, (DI)
	VMOVUPD Z6, 64(DI)
	ADDQ $64, SI
	ADDQ $64, BX
	ADDQ $32, DX
	ADDQ $128, DI
	SUBQ $8, CX
	JNZ logistic
	VZEROUPPER
	RET

// func extent8(slopes *Slope, n int, x *bitExtent)
TEXT ·extent8(SB), NOSPLIT, $0-24
	MOVQ slopes+0(FP), SI
	MOVQ n+8(FP), CX
	MOVQ x+16(FP), DI
	MOVQ $0x7fffffffffffffff, AX
	VPBROADCASTQ AX, Z0
	VPXORQ Z1, Z1, Z1 // largest: of gradients where they stand, of hessians next to them
	VMOVDQA64 Z0, Z2  // smallest

sizes:
	VPANDQ (SI), Z0, Z3
	VPANDQ 64(SI), Z0, Z4
	VPMAXUQ Z3, Z1, Z1
	VPMINUQ Z3, Z2, Z2
	VPMAXUQ Z4, Z1, Z1
	VPMINUQ Z4, Z2, Z2
	ADDQ $128, SI
	SUBQ $8, CX
	JNZ sizes

	VEXTRACTI64X4 $1, Z1, Y3
	VPMAXUQ Y3, Y1, Y1
	VEXTRACTI128 $1, Y1, X3
	VPMAXUQ X3, X1, X1
	VEXTRACTI64X4 $1, Z2, Y4
	VPMINUQ Y4, Y2, Y2
	VEXTRACTI128 $1, Y2, X4
	VPMINUQ X4, X2, X2
	VMOVQ X1, (DI)
	VPEXTRQ $1, X2, 8(DI)
	VPEXTRQ $1, X1, 16(DI)
	VZEROUPPER
	RET

// func pack8(slopes *Slope, words *int64, n int, p *runPacking) int64
//
// Gradients and hessians are rounded side by side, and each shifted by its own count.
TEXT ·pack8(SB), NOSPLIT, $0-40
	MOVQ slopes+0(FP), SI
	MOVQ words+8(FP), DI
	MOVQ n+16(FP), CX
	MOVQ p+24(FP), BX
	VBROADCASTF64X2 (BX), Z0 // steps of gradients and hessians
	VBROADCASTI64X2 16(BX), Z1 // their shifts
	VPBROADCASTQ 32(BX), Z2
	MOVQ $0x4338000000000000, AX
	VPBROADCASTQ AX, Z3
	VPXORQ Z4, Z4, Z4 // sums
	VMOVDQU64 evens<>(SB), Z8
	VMOVDQU64 odds<>(SB), Z9

words:
	VMULPD (SI), Z0, Z5
	VMULPD 64(SI), Z0, Z6
	VADDPD Z3, Z5, Z5
	VADDPD Z3, Z6, Z6
	VPSUBQ Z3, Z5, Z5
	VPSUBQ Z3, Z6, Z6
	VPSLLVQ Z1, Z5, Z5
	VPSLLVQ Z1, Z6, Z6
	VMOVDQA64 Z5, Z7
	VPERMT2Q Z6, Z8, Z5
	VPERMT2Q Z6, Z9, Z7
	VPADDQ Z7, Z5, Z5
	VPADDQ Z2, Z5, Z5
	VPADDQ Z5, Z4, Z4
	VMOVDQU64 Z5, (DI)
	ADDQ $128, SI
	ADDQ $64, DI
	SUBQ $8, CX
	JNZ words

	VEXTRACTI64X4 $1, Z4, Y5
	VPADDQ Y5, Y4, Y4
	VEXTRACTI128 $1, Y4, X5
	VPADDQ X5, X4, X4
	VPEXTRQ $1, X4, AX
	VMOVQ X4, BX
	ADDQ BX, AX
	MOVQ AX, ret+32(FP)
	VZEROUPPER
	RET
