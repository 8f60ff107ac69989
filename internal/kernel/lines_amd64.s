#include "textflag.h"

// What follows stands three times, for lines of 16, 32 and 64 codes.

// func lineExtents64(codes *uint8, stride int, rows *int32, n int, lo, hi *uint8)
#define EXTENTS(LO, HI, LINE) \
	MOVQ codes+0(FP), SI \
	MOVQ stride+8(FP), DX \
	MOVQ rows+16(FP), DI \
	MOVQ n+24(FP), CX \
	MOVQ lo+32(FP), R8 \
	MOVQ hi+40(FP), R9 \
	MOVLQSX (DI), AX \
	IMULQ DX, AX \
	VMOVDQU64 (SI)(AX*1), LO \
	VMOVDQA64 LO, HI \
	JMP test \
wider: \
	ADDQ $4, DI \
	MOVLQSX (DI), AX \
	IMULQ DX, AX \
	VMOVDQU64 (SI)(AX*1), LINE \
	VPMINUB LINE, LO, LO \
	VPMAXUB LINE, HI, HI \
test: \
	DECQ CX \
	JNZ wider \
	VMOVDQU64 LO, (R8) \
	VMOVDQU64 HI, (R9) \
	VZEROUPPER \
	RET

// K1 says for each trial whether the cut is at least the code.
//
// func lineSums64(codes *uint8, stride int, rows *int32, n int, words *int64, trial *Trial, goes *uint8)
#define SUMS(PICK, LINE) \
	MOVQ codes+0(FP), SI \
	MOVQ stride+8(FP), DX \
	MOVQ rows+16(FP), DI \
	MOVQ n+24(FP), CX \
	MOVQ words+32(FP), BX \
	MOVQ trial+40(FP), R8 \
	MOVQ goes+48(FP), R9 \
	VMOVQ (R8), X0 \
	VMOVQ 8(R8), X1 \
	VPXORQ Z2, Z2, Z2 \
below: \
	MOVLQSX (DI), AX \
	VPBROADCASTQ (BX)(AX*8), Z3 \
	IMULQ DX, AX \
	VPERMB (SI)(AX*1), PICK, LINE \
	VPCMPUB $5, X4, X1, K1 \
	KMOVB K1, (R9) \
	VPADDQ Z3, Z2, K1, Z2 \
	ADDQ $4, DI \
	INCQ R9 \
	DECQ CX \
	JNZ below \
	VMOVDQU64 Z2, 16(R8) \
	VZEROUPPER \
	RET

TEXT ·lineExtents64(SB), NOSPLIT, $0-48
	EXTENTS(Z0, Z1, Z2)

TEXT ·lineExtents32(SB), NOSPLIT, $0-48
	EXTENTS(Y0, Y1, Y2)

TEXT ·lineExtents16(SB), NOSPLIT, $0-48
	EXTENTS(X0, X1, X2)

TEXT ·lineSums64(SB), NOSPLIT, $0-56
	SUMS(Z0, Z4)

TEXT ·lineSums32(SB), NOSPLIT, $0-56
	SUMS(Y0, Y4)

TEXT ·lineSums16(SB), NOSPLIT, $0-56
	SUMS(X0, X4)

// func divide16(rows, spare *int32, goes *uint8, n int, bit uint8) int
//
// Sixteen rows a turn: those that go left are packed and stored over what has been read, the others in spare.
TEXT ·divide16(SB), NOSPLIT, $0-48
	MOVQ rows+0(FP), SI
	MOVQ spare+8(FP), DI
	MOVQ goes+16(FP), R9
	MOVQ n+24(FP), CX
	MOVBLZX bit+32(FP), AX
	VPBROADCASTB AX, X1
	MOVQ SI, R10 // where the next row that goes left is put
	MOVQ DI, R11 // and the next of the others
	JMP full

many:
	VMOVDQU32 (SI), Z2
	VMOVDQU8 (R9), X3
	VPTESTMB X3, X1, K1
	KNOTW K1, K2
	VPCOMPRESSD Z2, K1, Z3
	VPCOMPRESSD Z2, K2, Z4
	VMOVDQU32 Z3, (R10) // what is overwritten has been read
	VMOVDQU32 Z4, (R11)
	KMOVW K1, AX
	POPCNTL AX, AX
	LEAQ (R10)(AX*4), R10
	NEGQ AX
	LEAQ 64(R11)(AX*4), R11
	ADDQ $64, SI
	ADDQ $16, R9

full:
	SUBQ $16, CX
	JGE many
	ADDQ $16, CX
	JZ others

	// the last ones, less than 16
	MOVL $1, AX
	SHLL CX, AX
	DECL AX
	KMOVW AX, K3
	VMOVDQU32.Z (SI), K3, Z2
	VMOVDQU8.Z (R9), K3, X3
	VPTESTMB X3, X1, K1
	KANDNW K3, K1, K2
	VPCOMPRESSD Z2, K1, Z3
	VPCOMPRESSD Z2, K2, Z4
	KMOVW K1, AX
	POPCNTL AX, DX
	SUBQ DX, CX // how many of them do not go left
	MOVL $-1, AX
	BZHIL DX, AX, BX
	KMOVW BX, K1
	VMOVDQU32 Z3, K1, (R10)
	LEAQ (R10)(DX*4), R10
	BZHIL CX, AX, BX
	KMOVW BX, K2
	CMPQ R11, DI
	JEQ alone
	VMOVDQU32 Z4, K2, (R11)
	LEAQ (R11)(CX*4), R11

others:
	MOVQ R10, R12
	MOVQ R11, CX
	SUBQ DI, CX
	SHRQ $2, CX
	JMP back

copies:
	VMOVDQU32 (DI), Z2
	VMOVDQU32 Z2, (R12)
	ADDQ $64, DI
	ADDQ $64, R12

back:
	SUBQ $16, CX
	JGE copies
	ADDQ $16, CX
	MOVL $-1, AX
	BZHIL CX, AX, BX
	KMOVW BX, K2
	VMOVDQU32.Z (DI), K2, Z4
	VMOVDQU32 Z4, K2, (R12)
	JMP end

alone:
	VMOVDQU32 Z4, K2, (R10)

end:
	SUBQ rows+0(FP), R10
	SHRQ $2, R10
	MOVQ R10, ret+40(FP)
	VZEROUPPER
	RET

// func climb(own *[ladderLength]float64, v float64) int
TEXT ·climb(SB), NOSPLIT, $0-24
	MOVQ own+0(FP), SI
	VBROADCASTSD v+8(FP), Z0
	VCMPPD $13, (SI), Z0, K1 // the number is at least the rung
	VCMPPD $13, 64(SI), Z0, K2
	KUNPCKBW K1, K2, K1
	KMOVW K1, AX
	POPCNTL AX, AX
	MOVL $15, BX
	CMPL AX, BX
	CMOVLGT BX, AX
	SHLL $7, AX // where the rungs from there on stand
	VCMPPD $13, 128(SI)(AX*1), Z0, K1
	VCMPPD $13, 192(SI)(AX*1), Z0, K2
	KUNPCKBW K1, K2, K1
	KMOVW K1, CX
	POPCNTL CX, CX
	SHRL $3, AX
	ADDL CX, AX
	MOVQ AX, ret+16(FP)
	VZEROUPPER
	RET
