#include "textflag.h"

DATA expTable<>+0(SB)/8, $0x408f400000000000
DATA expTable<>+8(SB)/8, $0x408f400000000000
DATA expTable<>+16(SB)/8, $0x408f400000000000
DATA expTable<>+24(SB)/8, $0x408f400000000000
DATA expTable<>+32(SB)/8, $0xc08f400000000000
DATA expTable<>+40(SB)/8, $0xc08f400000000000
DATA expTable<>+48(SB)/8, $0xc08f400000000000
DATA expTable<>+56(SB)/8, $0xc08f400000000000
DATA expTable<>+64(SB)/8, $0x3ff71547652b82fe
DATA expTable<>+72(SB)/8, $0x3ff71547652b82fe
DATA expTable<>+80(SB)/8, $0x3ff71547652b82fe
DATA expTable<>+88(SB)/8, $0x3ff71547652b82fe
DATA expTable<>+96(SB)/8, $0x3fe62e42fee00000
DATA expTable<>+104(SB)/8, $0x3fe62e42fee00000
DATA expTable<>+112(SB)/8, $0x3fe62e42fee00000
DATA expTable<>+120(SB)/8, $0x3fe62e42fee00000
DATA expTable<>+128(SB)/8, $0x3dea39ef35793c76
DATA expTable<>+136(SB)/8, $0x3dea39ef35793c76
DATA expTable<>+144(SB)/8, $0x3dea39ef35793c76
DATA expTable<>+152(SB)/8, $0x3dea39ef35793c76
DATA expTable<>+160(SB)/8, $0x3de6124613a86d09
DATA expTable<>+168(SB)/8, $0x3de6124613a86d09
DATA expTable<>+176(SB)/8, $0x3de6124613a86d09
DATA expTable<>+184(SB)/8, $0x3de6124613a86d09
DATA expTable<>+192(SB)/8, $0x3e21eed8eff8d898
DATA expTable<>+200(SB)/8, $0x3e21eed8eff8d898
DATA expTable<>+208(SB)/8, $0x3e21eed8eff8d898
DATA expTable<>+216(SB)/8, $0x3e21eed8eff8d898
DATA expTable<>+224(SB)/8, $0x3e5ae64567f544e4
DATA expTable<>+232(SB)/8, $0x3e5ae64567f544e4
DATA expTable<>+240(SB)/8, $0x3e5ae64567f544e4
DATA expTable<>+248(SB)/8, $0x3e5ae64567f544e4
DATA expTable<>+256(SB)/8, $0x3e927e4fb7789f5c
DATA expTable<>+264(SB)/8, $0x3e927e4fb7789f5c
DATA expTable<>+272(SB)/8, $0x3e927e4fb7789f5c
DATA expTable<>+280(SB)/8, $0x3e927e4fb7789f5c
DATA expTable<>+288(SB)/8, $0x3ec71de3a556c734
DATA expTable<>+296(SB)/8, $0x3ec71de3a556c734
DATA expTable<>+304(SB)/8, $0x3ec71de3a556c734
DATA expTable<>+312(SB)/8, $0x3ec71de3a556c734
DATA expTable<>+320(SB)/8, $0x3efa01a01a01a01a
DATA expTable<>+328(SB)/8, $0x3efa01a01a01a01a
DATA expTable<>+336(SB)/8, $0x3efa01a01a01a01a
DATA expTable<>+344(SB)/8, $0x3efa01a01a01a01a
DATA expTable<>+352(SB)/8, $0x3f2a01a01a01a01a
DATA expTable<>+360(SB)/8, $0x3f2a01a01a01a01a
DATA expTable<>+368(SB)/8, $0x3f2a01a01a01a01a
DATA expTable<>+376(SB)/8, $0x3f2a01a01a01a01a
DATA expTable<>+384(SB)/8, $0x3f56c16c16c16c17
DATA expTable<>+392(SB)/8, $0x3f56c16c16c16c17
DATA expTable<>+400(SB)/8, $0x3f56c16c16c16c17
DATA expTable<>+408(SB)/8, $0x3f56c16c16c16c17
DATA expTable<>+416(SB)/8, $0x3f81111111111111
DATA expTable<>+424(SB)/8, $0x3f81111111111111
DATA expTable<>+432(SB)/8, $0x3f81111111111111
DATA expTable<>+440(SB)/8, $0x3f81111111111111
DATA expTable<>+448(SB)/8, $0x3fa5555555555555
DATA expTable<>+456(SB)/8, $0x3fa5555555555555
DATA expTable<>+464(SB)/8, $0x3fa5555555555555
DATA expTable<>+472(SB)/8, $0x3fa5555555555555
DATA expTable<>+480(SB)/8, $0x3fc5555555555555
DATA expTable<>+488(SB)/8, $0x3fc5555555555555
DATA expTable<>+496(SB)/8, $0x3fc5555555555555
DATA expTable<>+504(SB)/8, $0x3fc5555555555555
DATA expTable<>+512(SB)/8, $0x3fe0000000000000
DATA expTable<>+520(SB)/8, $0x3fe0000000000000
DATA expTable<>+528(SB)/8, $0x3fe0000000000000
DATA expTable<>+536(SB)/8, $0x3fe0000000000000
DATA expTable<>+544(SB)/8, $0x3ff0000000000000
DATA expTable<>+552(SB)/8, $0x3ff0000000000000
DATA expTable<>+560(SB)/8, $0x3ff0000000000000
DATA expTable<>+568(SB)/8, $0x3ff0000000000000
DATA expTable<>+576(SB)/8, $0x3ff0000000000000
DATA expTable<>+584(SB)/8, $0x3ff0000000000000
DATA expTable<>+592(SB)/8, $0x3ff0000000000000
DATA expTable<>+600(SB)/8, $0x3ff0000000000000
DATA expTable<>+608(SB)/8, $0x00000000000003ff
DATA expTable<>+616(SB)/8, $0x00000000000003ff
DATA expTable<>+624(SB)/8, $0x00000000000003ff
DATA expTable<>+632(SB)/8, $0x00000000000003ff
GLOBL expTable<>(SB), RODATA|NOPTR, $640

// func expAVX2(v *float64, n int)
//
// Four numbers at a time: x = k·ln 2 + r with |r| ≤ ln 2 / 2, a Taylor polynomial of degree 13 for exp(r), and the power
// of two in two halves, so that results near the ends of the range are right. The table holds, four times each: the ends
// of the range of x, 1/ln 2, ln 2 in two parts, the coefficients from the highest, and the bias of an exponent.
TEXT ·expAVX2(SB), NOSPLIT, $0-16
	MOVQ v+0(FP), DI
	MOVQ n+8(FP), CX
	LEAQ expTable<>(SB), SI

loop:
	VMOVUPD      (DI), Y0
	VMOVUPD      0(SI), Y1
	VMINPD       Y0, Y1, Y0
	VMOVUPD      32(SI), Y1
	VMAXPD       Y0, Y1, Y0
	VMULPD       64(SI), Y0, Y1
	VROUNDPD     $0, Y1, Y1
	VFNMADD231PD 96(SI), Y1, Y0
	VFNMADD231PD 128(SI), Y1, Y0
	VMOVUPD      160(SI), Y3
	VFMADD213PD  192(SI), Y0, Y3
	VFMADD213PD  224(SI), Y0, Y3
	VFMADD213PD  256(SI), Y0, Y3
	VFMADD213PD  288(SI), Y0, Y3
	VFMADD213PD  320(SI), Y0, Y3
	VFMADD213PD  352(SI), Y0, Y3
	VFMADD213PD  384(SI), Y0, Y3
	VFMADD213PD  416(SI), Y0, Y3
	VFMADD213PD  448(SI), Y0, Y3
	VFMADD213PD  480(SI), Y0, Y3
	VFMADD213PD  512(SI), Y0, Y3
	VFMADD213PD  544(SI), Y0, Y3
	VFMADD213PD  576(SI), Y0, Y3
	VCVTPD2DQY   Y1, X4
	VPSRAD       $1, X4, X5
	VPSUBD       X5, X4, X6
	VPMOVSXDQ    X5, Y5
	VPMOVSXDQ    X6, Y6
	VPADDQ       608(SI), Y5, Y5
	VPADDQ       608(SI), Y6, Y6
	VPSLLQ       $52, Y5, Y5
	VPSLLQ       $52, Y6, Y6
	VMULPD       Y5, Y3, Y3
	VMULPD       Y6, Y3, Y3
	VMOVUPD      Y3, (DI)
	ADDQ         $32, DI
	DECQ         CX
	JNZ          loop
	VZEROUPPER
	RET
