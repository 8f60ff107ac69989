#include "textflag.h"

// func extents32(table *float64, stride int, rows *int32, n int, lo, hi *float64)
TEXT ·extents32(SB), NOSPLIT, $0-48
	MOVQ table+0(FP), SI
	MOVQ stride+8(FP), DX
	SHLQ $3, DX
	MOVQ rows+16(FP), DI
	MOVQ n+24(FP), CX
	MOVQ lo+32(FP), R8
	MOVQ hi+40(FP), R9

	MOVLQSX (DI), AX
	IMULQ DX, AX
	VMOVUPD (SI)(AX*1), Z0
	VMOVAPD Z0, Z4
	VMOVUPD 64(SI)(AX*1), Z1
	VMOVAPD Z1, Z5
	VMOVUPD 128(SI)(AX*1), Z2
	VMOVAPD Z2, Z6
	VMOVUPD 192(SI)(AX*1), Z3
	VMOVAPD Z3, Z7
	JMP test32

wider32:
	ADDQ $4, DI
	MOVLQSX (DI), AX
	IMULQ DX, AX
	VMOVUPD (SI)(AX*1), Z8
	VMOVUPD 64(SI)(AX*1), Z9
	VMOVUPD 128(SI)(AX*1), Z10
	VMOVUPD 192(SI)(AX*1), Z11
	VMINPD Z8, Z0, Z0
	VMAXPD Z8, Z4, Z4
	VMINPD Z9, Z1, Z1
	VMAXPD Z9, Z5, Z5
	VMINPD Z10, Z2, Z2
	VMAXPD Z10, Z6, Z6
	VMINPD Z11, Z3, Z3
	VMAXPD Z11, Z7, Z7

test32:
	DECQ CX
	JNZ wider32
	VMOVUPD Z0, (R8)
	VMOVUPD Z4, (R9)
	VMOVUPD Z1, 64(R8)
	VMOVUPD Z5, 64(R9)
	VMOVUPD Z2, 128(R8)
	VMOVUPD Z6, 128(R9)
	VMOVUPD Z3, 192(R8)
	VMOVUPD Z7, 192(R9)
	VZEROUPPER
	RET

// func extents8(table *float64, stride int, rows *int32, n int, lo, hi *float64)
TEXT ·extents8(SB), NOSPLIT, $0-48
	MOVQ table+0(FP), SI
	MOVQ stride+8(FP), DX
	SHLQ $3, DX
	MOVQ rows+16(FP), DI
	MOVQ n+24(FP), CX
	MOVQ lo+32(FP), R8
	MOVQ hi+40(FP), R9

	MOVLQSX (DI), AX
	IMULQ DX, AX
	VMOVUPD (SI)(AX*1), Z0
	VMOVAPD Z0, Z4
	JMP test8

wider8:
	ADDQ $4, DI
	MOVLQSX (DI), AX
	IMULQ DX, AX
	VMOVUPD (SI)(AX*1), Z8
	VMINPD Z8, Z0, Z0
	VMAXPD Z8, Z4, Z4

test8:
	DECQ CX
	JNZ wider8
	VMOVUPD Z0, (R8)
	VMOVUPD Z4, (R9)
	VZEROUPPER
	RET

// func sums32(table *float64, stride int, rows *int32, n int, words *int64, cuts *float64, sums *int64)
TEXT ·sums32(SB), NOSPLIT, $0-56
	MOVQ table+0(FP), SI
	MOVQ stride+8(FP), DX
	SHLQ $3, DX
	MOVQ rows+16(FP), DI
	MOVQ n+24(FP), CX
	MOVQ words+32(FP), BX
	MOVQ cuts+40(FP), R8
	MOVQ sums+48(FP), R9

	VMOVUPD (R8), Z0
	VPXORQ Z4, Z4, Z4
	VMOVUPD 64(R8), Z1
	VPXORQ Z5, Z5, Z5
	VMOVUPD 128(R8), Z2
	VPXORQ Z6, Z6, Z6
	VMOVUPD 192(R8), Z3
	VPXORQ Z7, Z7, Z7

below32:
	MOVLQSX (DI), AX
	VPBROADCASTQ (BX)(AX*8), Z8
	IMULQ DX, AX
	VCMPPD $13, (SI)(AX*1), Z0, K1 // the cut is at least the value
	VCMPPD $13, 64(SI)(AX*1), Z1, K2 // the cut is at least the value
	VCMPPD $13, 128(SI)(AX*1), Z2, K3 // the cut is at least the value
	VCMPPD $13, 192(SI)(AX*1), Z3, K4 // the cut is at least the value
	VPADDQ Z8, Z4, K1, Z4
	VPADDQ Z8, Z5, K2, Z5
	VPADDQ Z8, Z6, K3, Z6
	VPADDQ Z8, Z7, K4, Z7
	ADDQ $4, DI
	DECQ CX
	JNZ below32
	VMOVDQU64 Z4, (R9)
	VMOVDQU64 Z5, 64(R9)
	VMOVDQU64 Z6, 128(R9)
	VMOVDQU64 Z7, 192(R9)
	VZEROUPPER
	RET

// func sums8(table *float64, stride int, rows *int32, n int, words *int64, cuts *float64, sums *int64)
TEXT ·sums8(SB), NOSPLIT, $0-56
	MOVQ table+0(FP), SI
	MOVQ stride+8(FP), DX
	SHLQ $3, DX
	MOVQ rows+16(FP), DI
	MOVQ n+24(FP), CX
	MOVQ words+32(FP), BX
	MOVQ cuts+40(FP), R8
	MOVQ sums+48(FP), R9

	VMOVUPD (R8), Z0
	VPXORQ Z4, Z4, Z4

below8:
	MOVLQSX (DI), AX
	VPBROADCASTQ (BX)(AX*8), Z8
	IMULQ DX, AX
	VCMPPD $13, (SI)(AX*1), Z0, K1 // the cut is at least the value
	VPADDQ Z8, Z4, K1, Z4
	ADDQ $4, DI
	DECQ CX
	JNZ below8
	VMOVDQU64 Z4, (R9)
	VZEROUPPER
	RET
