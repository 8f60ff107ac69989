#include "textflag.h"

DATA steps<>+0(SB)/8, $0
DATA steps<>+8(SB)/8, $1
DATA steps<>+16(SB)/8, $2
DATA steps<>+24(SB)/8, $3
GLOBL steps<>(SB), RODATA|NOPTR, $32

DATA fours<>+0(SB)/8, $4
DATA fours<>+8(SB)/8, $4
DATA fours<>+16(SB)/8, $4
DATA fours<>+24(SB)/8, $4
GLOBL fours<>(SB), RODATA|NOPTR, $32

DATA signs<>+0(SB)/8, $0x8000000000000000
DATA signs<>+8(SB)/8, $0x8000000000000000
DATA signs<>+16(SB)/8, $0x8000000000000000
DATA signs<>+24(SB)/8, $0x8000000000000000
GLOBL signs<>(SB), RODATA|NOPTR, $32

DATA upper<>+0(SB)/8, $0
DATA upper<>+8(SB)/8, $0
DATA upper<>+16(SB)/8, $-1
DATA upper<>+24(SB)/8, $-1
GLOBL upper<>(SB), RODATA|NOPTR, $32

// func scan(s *Scan, cells *int64, n int, left int64, floor float64, best *lanes) (end int64)
//
// Four cells a turn: their prefix sums, the fields of these as floats, the scores, and in every lane the best so far.
// Integers below 2⁵² become floats by setting the exponent of 2⁵² and subtracting it; the gradient is first moved to
// where it cannot be negative.
TEXT ·scan(SB), NOSPLIT, $0-56
	MOVQ s+0(FP), DI
	MOVQ cells+8(FP), SI
	MOVQ n+16(FP), CX
	MOVQ best+40(FP), DX

	VPBROADCASTQ left+24(FP), Y0       // sum of all cells so far
	VBROADCASTSD floor+32(FP), Y1      // best score
	VPCMPEQQ Y2, Y2, Y2                // its position: -1
	VMOVDQU steps<>(SB), Y3            // positions of this turn

	VPBROADCASTQ 16(DI), Y6            // hessianMask
	VPBROADCASTQ 24(DI), Y7            // countMask
	MOVQ 32(DI), AX
	DECQ AX
	VMOVQ AX, X8
	VPBROADCASTQ X8, Y8                // least - 1
	VPBROADCASTQ 40(DI), Y9            // last
	VBROADCASTSD 72(DI), Y10           // all
	VBROADCASTSD 80(DI), Y11           // total
	MOVQ $0x4330000000000000, AX
	VMOVQ AX, X12
	VPBROADCASTQ X12, Y12              // 2⁵², as bits and as a float

loop:
	VMOVDQU (SI), Y13
	VPSLLDQ $8, Y13, Y14
	VPADDQ Y14, Y13, Y13
	VPERMQ $0x50, Y13, Y14
	VPAND upper<>(SB), Y14, Y14
	VPADDQ Y14, Y13, Y13               // prefix sums of the four
	VPERMQ $0xFF, Y13, Y14
	VPADDQ Y0, Y13, Y13                // left
	VPADDQ Y14, Y0, Y0

	VPAND Y7, Y13, Y14                 // count
	VPCMPGTQ Y9, Y14, Y15              // too many
	VPCMPGTQ Y8, Y14, Y14              // enough
	VMOVMSKPD Y14, AX
	TESTL AX, AX
	JZ next
	VMOVMSKPD Y15, AX
	CMPL AX, $15
	JEQ done
	VPANDN Y14, Y15, Y15               // mask of the cuts that may be

	VPSRLQ 8(DI), Y13, Y14              // hessianShift
	VPAND Y6, Y14, Y14
	VPOR Y12, Y14, Y14
	VSUBPD Y12, Y14, Y14               // h
	VBROADCASTSD 48(DI), Y4
	VCMPPD $13, Y4, Y14, Y4            // h ≥ low
	VPAND Y4, Y15, Y15
	VBROADCASTSD 56(DI), Y4
	VCMPPD $2, Y4, Y14, Y4             // h ≤ high
	VPAND Y4, Y15, Y15
	VBROADCASTSD 64(DI), Y5            // l2
	VSUBPD Y14, Y10, Y4
	VADDPD Y5, Y14, Y14                // l
	VADDPD Y5, Y4, Y4                  // r

	VPXOR signs<>(SB), Y13, Y13
	VPSRLQ 0(DI), Y13, Y13             // gradientShift
	VPOR Y12, Y13, Y13
	VBROADCASTSD 88(DI), Y5
	VSUBPD Y5, Y13, Y13                // g

	VSUBPD Y13, Y11, Y5                // total - g
	VMULPD Y4, Y13, Y13
	VMULPD Y14, Y5, Y5
	VSUBPD Y5, Y13, Y13                // u
	VMULPD Y13, Y13, Y13
	VMULPD Y4, Y14, Y14
	VDIVPD Y14, Y13, Y13               // score
	VCMPPD $14, Y1, Y13, Y14           // above the best
	VPAND Y15, Y14, Y14
	VBLENDVPD Y14, Y13, Y1, Y1
	VBLENDVPD Y14, Y3, Y2, Y2

next:
	VPADDQ fours<>(SB), Y3, Y3
	ADDQ $32, SI
	SUBQ $4, CX
	JNZ loop

done:
	VMOVUPD Y1, (DX)
	VMOVDQU Y2, 32(DX)
	VMOVQ X0, AX
	MOVQ AX, end+48(FP)
	VZEROUPPER
	RET

DATA eight<>+0(SB)/8, $0
DATA eight<>+8(SB)/8, $1
DATA eight<>+16(SB)/8, $2
DATA eight<>+24(SB)/8, $3
DATA eight<>+32(SB)/8, $4
DATA eight<>+40(SB)/8, $5
DATA eight<>+48(SB)/8, $6
DATA eight<>+56(SB)/8, $7
GLOBL eight<>(SB), RODATA|NOPTR, $64

// 1 - 2⁻⁴⁸: more than what rounding can do to a product
DATA slack<>+0(SB)/8, $0x3FEFFFFFFFFFFFE0
GLOBL slack<>(SB), RODATA|NOPTR, $8

// func scanSpans(s *Scan, cells *int64, columns *Span, n int, left int64, floor float64) (column, at int, score float64)
//
// The same for eight cells a turn and any number of them: cells behind the last are read as 0, which repeats the last cut.
// Scores are quotients that are worked out only where products say that one of the eight may be above the best. A column
// without such a cut is followed by the next, for which all but the sums is at hand.
TEXT ·scanSpans(SB), NOSPLIT, $0-72
	MOVQ s+0(FP), DI
	MOVQ columns+16(FP), R13
	MOVQ n+24(FP), R15                 // columns left

	VBROADCASTSD floor+40(FP), Z1      // best score
	VPTERNLOGD $0xFF, Z2, Z2, Z2       // its position: -1
	MOVQ $7, AX
	VPBROADCASTQ AX, Z5
	VPBROADCASTQ 16(DI), Z6            // hessianMask
	VPBROADCASTQ 24(DI), Z7            // countMask
	VPBROADCASTQ 32(DI), Z8            // least
	VPBROADCASTQ 40(DI), Z9            // last
	VBROADCASTSD 72(DI), Z10           // all
	VBROADCASTSD 80(DI), Z11           // total
	VBROADCASTSD 64(DI), Z12           // l2
	VBROADCASTSD 48(DI), Z16           // low
	VBROADCASTSD 56(DI), Z17           // high
	VMOVQ 0(DI), X18                   // gradientShift
	VMOVQ 8(DI), X19                   // hessianShift
	VPXORQ Z20, Z20, Z20
	VBROADCASTSD slack<>(SB), Z22
	VMULPD Z22, Z1, Z23                // what a cut must reach for its score to be worked out
	MOVQ 24(DI), R8                    // the same for whole numbers
	MOVQ 40(DI), R9
	MOVQ 8(DI), R10
	MOVQ 16(DI), R11
	MOVQ 112(DI), R12

column8:
	MOVQ cells+8(FP), SI
	MOVLQSX (R13), AX
	LEAQ (SI)(AX*8), SI
	MOVLQSX 4(R13), CX
	XORQ DX, DX                        // position of this turn
	MOVQ left+32(FP), AX               // sum of all cells so far

	// counts and hessians do not fall: at first the left side is too small
skip8:
	CMPQ CX, $8
	JLT enter8
	MOVQ (SI), BX
	MOVQ 32(SI), R14
	ADDQ 8(SI), BX
	ADDQ 40(SI), R14
	ADDQ 16(SI), BX
	ADDQ 48(SI), R14
	ADDQ 24(SI), BX
	ADDQ 56(SI), R14
	ADDQ AX, BX
	ADDQ R14, BX                       // left behind the eight
	MOVQ BX, R14
	ANDQ R8, R14
	CMPQ R14, 32(DI)
	JLT skipped8
	SHRXQ R10, BX, R14
	ANDQ R11, R14
	CMPQ R14, 104(DI)
	JGE enter8

skipped8:
	MOVQ BX, AX
	ADDQ $8, DX
	ADDQ $64, SI
	SUBQ $8, CX
	JG skip8
	JMP none8

enter8:
	VPBROADCASTQ AX, Z0
	CMPQ CX, $8
	JLT part8
	VMOVDQU64 (SI), Z13

turn8:
	VALIGNQ $7, Z20, Z13, Z14
	VPADDQ Z14, Z13, Z13
	VALIGNQ $6, Z20, Z13, Z14
	VPADDQ Z14, Z13, Z13
	VALIGNQ $4, Z20, Z13, Z14
	VPADDQ Z14, Z13, Z13               // prefix sums of the eight
	VPERMQ Z13, Z5, Z14
	VPADDQ Z0, Z13, Z13                // left
	VPADDQ Z14, Z0, Z0
	VMOVQ X0, AX

masked8:
	VPANDQ Z7, Z13, Z14                // count
	VPCMPQ $5, Z8, Z14, K1             // enough
	KORTESTB K1, K1
	JZ next8
	VPCMPQ $2, Z9, Z14, K1, K2         // and not too many
	KORTESTB K2, K2
	JZ done8

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
	JZ next8
	VDIVPD Z14, Z13, Z13               // score
	VCMPPD $14, Z1, Z13, K2, K2        // above the best
	VMOVAPD Z13, K2, Z1
	VPBROADCASTQ DX, Z14
	VPADDQ eight<>(SB), Z14, K2, Z2
	VMULPD Z22, Z1, Z23

next8:
	ADDQ $8, DX
	ADDQ $64, SI
	SUBQ $8, CX
	JLE done8
	MOVQ AX, BX
	ANDQ R8, BX
	CMPQ BX, R9
	JGT done8                          // from here on the right side is too small
	SHRXQ R10, AX, BX
	ANDQ R11, BX
	CMPQ BX, R12
	JGT done8

	// from here on the left side is large enough, and so is the right side as long as it is behind the last of the eight
loopIn:
	CMPQ CX, $8
	JLT partIn
	VMOVDQU64 (SI), Z13

turnIn:
	VALIGNQ $7, Z20, Z13, Z14
	VPADDQ Z14, Z13, Z13
	VALIGNQ $6, Z20, Z13, Z14
	VPADDQ Z14, Z13, Z13
	VALIGNQ $4, Z20, Z13, Z14
	VPADDQ Z14, Z13, Z13
	VPERMQ Z13, Z5, Z14
	VPADDQ Z0, Z13, Z13
	VPADDQ Z14, Z0, Z0
	VMOVQ X0, AX
	MOVQ AX, BX
	ANDQ R8, BX
	CMPQ BX, R9
	JGT masked8
	SHRXQ R10, AX, BX
	ANDQ R11, BX
	CMPQ BX, R12
	JGT masked8

	VPSRLQ X19, Z13, Z14
	VPANDQ Z6, Z14, Z14
	VCVTQQ2PD Z14, Z14
	VSUBPD Z14, Z10, Z15
	VADDPD Z12, Z14, Z14
	VADDPD Z12, Z15, Z15
	VPSRAQ X18, Z13, Z13
	VCVTQQ2PD Z13, Z13
	VSUBPD Z13, Z11, Z21
	VMULPD Z15, Z13, Z13
	VMULPD Z14, Z21, Z21
	VSUBPD Z21, Z13, Z13
	VMULPD Z13, Z13, Z13
	VMULPD Z15, Z14, Z14
	VMULPD Z23, Z14, Z15
	VCMPPD $14, Z15, Z13, K2
	KORTESTB K2, K2
	JZ nextIn
	VDIVPD Z14, Z13, Z13
	VCMPPD $14, Z1, Z13, K2, K2
	VMOVAPD Z13, K2, Z1
	VPBROADCASTQ DX, Z14
	VPADDQ eight<>(SB), Z14, K2, Z2
	VMULPD Z22, Z1, Z23

nextIn:
	ADDQ $8, DX
	ADDQ $64, SI
	SUBQ $8, CX
	JG loopIn

done8:
	VPMOVQ2M Z2, K1
	KORTESTB K1, K1
	JC none8                           // as for most columns: all positions are -1 still
	MOVQ n+24(FP), AX
	SUBQ R15, AX
	MOVQ AX, column+48(FP)
	VEXTRACTF64X4 $1, Z1, Y13
	VMAXPD Y13, Y1, Y13
	VEXTRACTF128 $1, Y13, X14
	VMAXPD X14, X13, X13
	VPERMILPD $1, X13, X14
	VMAXSD X14, X13, X13
	VMOVSD X13, score+64(FP)
	VBROADCASTSD X13, Z13
	VCMPPD $0, Z13, Z1, K1             // lanes that have it: the first position among them
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

none8:
	ADDQ $8, R13
	DECQ R15
	JNZ column8
	MOVQ $-1, column+48(FP)
	MOVQ $-1, at+56(FP)
	VMOVSD X1, score+64(FP)
	VZEROUPPER
	RET

part8:
	MOVQ $1, AX
	SHLQ CX, AX
	DECQ AX
	KMOVW AX, K3
	VMOVDQU64.Z (SI), K3, Z13
	JMP turn8

partIn:
	MOVQ $1, AX
	SHLQ CX, AX
	DECQ AX
	KMOVW AX, K3
	VMOVDQU64.Z (SI), K3, Z13
	JMP turnIn

// func subtract(large, small *int64, n int)
TEXT ·subtract(SB), NOSPLIT, $0-24
	MOVQ large+0(FP), DI
	MOVQ small+8(FP), SI
	MOVQ n+16(FP), CX

less:
	VMOVDQU (DI), Y0
	VMOVDQU 32(DI), Y1
	VPSUBQ (SI), Y0, Y0
	VPSUBQ 32(SI), Y1, Y1
	VMOVDQU Y0, (DI)
	VMOVDQU Y1, 32(DI)
	ADDQ $64, DI
	ADDQ $64, SI
	SUBQ $8, CX
	JNZ less
	VZEROUPPER
	RET

// func add(cells, other *int64, n int)
TEXT ·add(SB), NOSPLIT, $0-24
	MOVQ cells+0(FP), DI
	MOVQ other+8(FP), SI
	MOVQ n+16(FP), CX

more:
	VMOVDQU (DI), Y0
	VMOVDQU 32(DI), Y1
	VPADDQ (SI), Y0, Y0
	VPADDQ 32(SI), Y1, Y1
	VMOVDQU Y0, (DI)
	VMOVDQU Y1, 32(DI)
	ADDQ $64, DI
	ADDQ $64, SI
	SUBQ $8, CX
	JNZ more
	VZEROUPPER
	RET
