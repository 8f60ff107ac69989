#include "textflag.h"

// func accumulateFlat(numbers *uint16, stride, width int, rows *int32, n int, words, cells *int64)
TEXT ·accumulateFlat(SB), NOSPLIT, $0-56
	MOVQ numbers+0(FP), SI
	MOVQ stride+8(FP), R11
	ADDQ R11, R11                      // bytes
	MOVQ width+16(FP), R12
	MOVQ rows+24(FP), R8
	MOVQ n+32(FP), R13
	MOVQ words+40(FP), DX
	MOVQ cells+48(FP), DI

row:
	MOVLQSX (R8), R9
	ADDQ $4, R8
	MOVQ (DX)(R9*8), R10               // the row's word
	IMULQ R11, R9
	ADDQ SI, R9                        // its numbers
	MOVQ R12, CX
	SUBQ $8, CX
	JLT four

eight:
	MOVWLZX 0(R9), AX
	ADDQ R10, (DI)(AX*8)
	MOVWLZX 2(R9), BX
	ADDQ R10, (DI)(BX*8)
	MOVWLZX 4(R9), AX
	ADDQ R10, (DI)(AX*8)
	MOVWLZX 6(R9), BX
	ADDQ R10, (DI)(BX*8)
	MOVWLZX 8(R9), AX
	ADDQ R10, (DI)(AX*8)
	MOVWLZX 10(R9), BX
	ADDQ R10, (DI)(BX*8)
	MOVWLZX 12(R9), AX
	ADDQ R10, (DI)(AX*8)
	MOVWLZX 14(R9), BX
	ADDQ R10, (DI)(BX*8)
	ADDQ $16, R9
	SUBQ $8, CX
	JGE eight

four:
	TESTQ $4, CX                       // CX is 8 less than what is left
	JZ two
	MOVWLZX 0(R9), AX
	ADDQ R10, (DI)(AX*8)
	MOVWLZX 2(R9), BX
	ADDQ R10, (DI)(BX*8)
	MOVWLZX 4(R9), AX
	ADDQ R10, (DI)(AX*8)
	MOVWLZX 6(R9), BX
	ADDQ R10, (DI)(BX*8)
	ADDQ $8, R9

two:
	TESTQ $2, CX
	JZ one
	MOVWLZX 0(R9), AX
	ADDQ R10, (DI)(AX*8)
	MOVWLZX 2(R9), BX
	ADDQ R10, (DI)(BX*8)
	ADDQ $4, R9

one:
	TESTQ $1, CX
	JZ next
	MOVWLZX 0(R9), AX
	ADDQ R10, (DI)(AX*8)

next:
	DECQ R13
	JNZ row
	RET
