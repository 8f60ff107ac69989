#include "textflag.h"

// func largest8(a, b *float64, n int)
TEXT ·largest8(SB), NOSPLIT, $0-24
	MOVQ a+0(FP), DI
	MOVQ b+8(FP), SI
	MOVQ n+16(FP), CX
	SUBQ $8, CX
	JLT largest8Part

largest8Loop:
	VMOVUPD (DI), Z0
	VMOVUPD (SI), Z1
	VMAXPD Z1, Z0, Z2
	VMOVUPD Z2, (DI)
	ADDQ $64, DI
	ADDQ $64, SI
	SUBQ $8, CX
	JGE largest8Loop

largest8Part:
	ADDQ $8, CX
	JZ largest8Done
	MOVL $1, AX
	SHLL CX, AX
	DECL AX
	KMOVW AX, K1
	VMOVUPD.Z (DI), K1, Z0
	VMOVUPD.Z (SI), K1, Z1
	VMAXPD Z1, Z0, Z2
	VMOVUPD Z2, K1, (DI)

largest8Done:
	VZEROUPPER
	RET

// func drop8(a, b *float64, n int, floor float64)
TEXT ·drop8(SB), NOSPLIT, $0-32
	MOVQ a+0(FP), DI
	MOVQ b+8(FP), SI
	MOVQ n+16(FP), CX
	VBROADCASTSD floor+24(FP), Z3
	SUBQ $8, CX
	JLT drop8Part

drop8Loop:
	VMOVUPD (DI), Z0
	VMOVUPD (SI), Z1
	VSUBPD Z1, Z0, Z2
	VMAXPD Z2, Z3, Z2                  // of NaN and a number the second
	VMOVUPD Z2, (DI)
	ADDQ $64, DI
	ADDQ $64, SI
	SUBQ $8, CX
	JGE drop8Loop

drop8Part:
	ADDQ $8, CX
	JZ drop8Done
	MOVL $1, AX
	SHLL CX, AX
	DECL AX
	KMOVW AX, K1
	VMOVUPD.Z (DI), K1, Z0
	VMOVUPD.Z (SI), K1, Z1
	VSUBPD Z1, Z0, Z2
	VMAXPD Z2, Z3, Z2                  // of NaN and a number the second
	VMOVUPD Z2, K1, (DI)

drop8Done:
	VZEROUPPER
	RET

// func plus8(a, b *float64, n int)
TEXT ·plus8(SB), NOSPLIT, $0-24
	MOVQ a+0(FP), DI
	MOVQ b+8(FP), SI
	MOVQ n+16(FP), CX
	SUBQ $8, CX
	JLT plus8Part

plus8Loop:
	VMOVUPD (DI), Z0
	VMOVUPD (SI), Z1
	VADDPD Z1, Z0, Z2
	VMOVUPD Z2, (DI)
	ADDQ $64, DI
	ADDQ $64, SI
	SUBQ $8, CX
	JGE plus8Loop

plus8Part:
	ADDQ $8, CX
	JZ plus8Done
	MOVL $1, AX
	SHLL CX, AX
	DECL AX
	KMOVW AX, K1
	VMOVUPD.Z (DI), K1, Z0
	VMOVUPD.Z (SI), K1, Z1
	VADDPD Z1, Z0, Z2
	VMOVUPD Z2, K1, (DI)

plus8Done:
	VZEROUPPER
	RET

// func inverse8(a *float64, n int)
TEXT ·inverse8(SB), NOSPLIT, $0-16
	MOVQ a+0(FP), DI
	MOVQ n+8(FP), CX
	MOVQ $0x3FF0000000000000, AX
	VPBROADCASTQ AX, Z3
	SUBQ $8, CX
	JLT inverse8Part

inverse8Loop:
	VMOVUPD (DI), Z0
	VDIVPD Z0, Z3, Z2
	VMOVUPD Z2, (DI)
	ADDQ $64, DI
	SUBQ $8, CX
	JGE inverse8Loop

inverse8Part:
	ADDQ $8, CX
	JZ inverse8Done
	MOVL $1, AX
	SHLL CX, AX
	DECL AX
	KMOVW AX, K1
	VMOVUPD.Z (DI), K1, Z0
	VDIVPD Z0, Z3, Z2
	VMOVUPD Z2, K1, (DI)

inverse8Done:
	VZEROUPPER
	RET

// func times8(a, b *float64, n int)
TEXT ·times8(SB), NOSPLIT, $0-24
	MOVQ a+0(FP), DI
	MOVQ b+8(FP), SI
	MOVQ n+16(FP), CX
	SUBQ $8, CX
	JLT times8Part

times8Loop:
	VMOVUPD (DI), Z0
	VMOVUPD (SI), Z1
	VMULPD Z1, Z0, Z2
	VMOVUPD Z2, (DI)
	ADDQ $64, DI
	ADDQ $64, SI
	SUBQ $8, CX
	JGE times8Loop

times8Part:
	ADDQ $8, CX
	JZ times8Done
	MOVL $1, AX
	SHLL CX, AX
	DECL AX
	KMOVW AX, K1
	VMOVUPD.Z (DI), K1, Z0
	VMOVUPD.Z (SI), K1, Z1
	VMULPD Z1, Z0, Z2
	VMOVUPD Z2, K1, (DI)

times8Done:
	VZEROUPPER
	RET
