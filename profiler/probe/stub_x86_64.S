/* The stub: stub.c makes one copy a function. A sled jumps to it, a library-call slot points to it.
 *
 * The stub moves the return address from the stack into the frame's node and calls the body. So the
 * body finds stack arguments in their place, and the call pairs with its return in the predictor and
 * on a shadow stack. After the body the stub pushes the return address and returns.
 *
 * Live at entry: every register that can carry an argument, which are rdi rsi rdx rcx r8 r9, rax
 * (vector count of variadic calls), r10 (static chain of nested functions) and the vectors. Free are
 * r11, and the 128 bytes below rsp as long as rsp does not move. Live at exit: rax rdx rcx (compilers
 * use rcx in conventions of their own), vectors, x87.
 *
 * A signal handler may enter any function between any two instructions. So the stub makes a node
 * current before it stores return address and sp in it, and makes the parent current only after the
 * return address is back on the stack. */
#define __ASSEMBLER__ 1
#include "profiler/record/node.h"

#define PLACEHOLDER 0x11223344

	.macro HIDDEN name
	.globl	\name
	.hidden	\name
\name:
	.endm

/* Reads the clock into rax and updates the ticks of the node in r11. At entry the caller's rax and rdx
 * are stored below rsp, at exit they are in r8 and r9. */
	.macro CLOCK_ENTRY kind
	.ifc \kind,tsc
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	subq	%rax, NODE_TICKS(%r11)
	movq	-24(%rsp), %rax
	movq	-32(%rsp), %rdx
	.else
	movq	-24(%rsp), %rax             /* back into registers: the call overwrites them */
	movq	-32(%rsp), %rdx
	pushq	%rax
HIDDEN km_stub_\kind\()_read1
	call	*PLACEHOLDER(%rip)
	subq	%rax, NODE_TICKS(%r11)
	popq	%rax
	.endif
	.endm

	.macro CLOCK_EXIT kind
	.ifc \kind,tsc
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	.else
HIDDEN km_stub_\kind\()_read2
	call	*PLACEHOLDER(%rip)
	.endif
	addq	%rax, NODE_TICKS(%r11)
	.endm

	.macro STUB kind
	.p2align 6
HIDDEN km_stub_\kind
	endbr64                             /* reached through pointers in library-call slots */
HIDDEN km_stub_\kind\()_sled
HIDDEN km_stub_\kind\()_tls1
	movq	%fs:PLACEHOLDER, %r11       /* current node */
	testq	%r11, %r11
	jz	.Loff_\kind
	movq	%rax, -16(%rsp)
	movq	%rdx, -24(%rsp)
	leaq	8(%rsp), %rdx               /* sp above the return address */
	cmpq	%rdx, NODE_SP(%r11)
	jbe	.Lstale_\kind
.Lfresh_\kind:
	movslq	NODE_LAST(%r11), %rax
	addq	%r11, %rax
HIDDEN km_stub_\kind\()_id1
	cmpl	$PLACEHOLDER, NODE_FUNCTION(%rax)
	jne	.Lmiss_\kind
.Lhit_\kind:
HIDDEN km_stub_\kind\()_tls2
	movq	%rax, %fs:PLACEHOLDER
	popq	NODE_RETURN(%rax)
	movq	%rdx, NODE_SP(%rax)
	incq	NODE_CALLS(%rax)
	movq	%rax, %r11
	CLOCK_ENTRY \kind
HIDDEN km_stub_\kind\()_body
	call	*PLACEHOLDER(%rip)          /* 6 bytes; a direct call where the body is near */
HIDDEN km_stub_\kind\()_exit
HIDDEN km_stub_\kind\()_tls3
	movq	%fs:PLACEHOLDER, %r11
	movq	%rax, %r8
	movq	%rdx, %r9
	cmpq	%rsp, NODE_SP(%r11)
	jne	.Lresync_\kind
.Lsync_\kind:
	CLOCK_EXIT \kind
	pushq	NODE_RETURN(%r11)
	movslq	NODE_PARENT(%r11), %r10
	addq	%r11, %r10
HIDDEN km_stub_\kind\()_tls4
	movq	%r10, %fs:PLACEHOLDER
	movq	$-1, NODE_SP(%r11)
	movq	%r8, %rax
	movq	%r9, %rdx
	ret
	/* Not the child entered last: try the one that followed that child last time. */
.Lmiss_\kind:
	movslq	NODE_SUCCESSOR(%rax), %rdx
	addq	%rax, %rdx
HIDDEN km_stub_\kind\()_id2
	cmpl	$PLACEHOLDER, NODE_FUNCTION(%rdx)
	jne	.Lenter_\kind
	movq	%rdx, %rax
	subq	%r11, %rdx
	movl	%edx, NODE_LAST(%r11)
	leaq	8(%rsp), %rdx
	jmp	.Lhit_\kind
	/* The slow paths use the memory below rsp, so rax and rdx go back into registers. */
.Lenter_\kind:
	movq	-16(%rsp), %rax
	movq	-24(%rsp), %rdx
	leaq	.Lentered_\kind(%rip), %r11
HIDDEN km_stub_\kind\()_id3
	pushq	$PLACEHOLDER
HIDDEN km_stub_\kind\()_enter
	jmp	*PLACEHOLDER(%rip)
.Lentered_\kind:                            /* r11: node, with KM_NODE_OVERFLOW for an overflow frame */
	movq	%rax, -16(%rsp)
	movq	%rdx, -24(%rsp)
	movl	%r11d, %eax
	andl	$1, %eax
	leaq	8(%rsp), %rdx
	subq	%rax, %rdx                  /* KM_NODE_OVERFLOW */
	andq	$-2, %r11
	movq	%r11, %rax
	jmp	.Lhit_\kind
.Lstale_\kind:
	movq	-16(%rsp), %rax
	movq	-24(%rsp), %rdx
	leaq	.Lsettled_\kind(%rip), %r11
HIDDEN km_stub_\kind\()_stale
	jmp	*PLACEHOLDER(%rip)
.Lsettled_\kind:                            /* r11: the node that really calls */
	movq	%rax, -16(%rsp)
	movq	%rdx, -24(%rsp)
	leaq	8(%rsp), %rdx
	jmp	.Lfresh_\kind
.Lresync_\kind:
HIDDEN km_stub_\kind\()_resync
	call	*PLACEHOLDER(%rip)
	jmp	.Lsync_\kind
.Loff_\kind:
HIDDEN km_stub_\kind\()_off
	jmp	*PLACEHOLDER(%rip)          /* 6 bytes, like the call of the body */
HIDDEN km_stub_\kind\()_end
	.endm

	.text
	STUB tsc
	STUB clock

/* The code that all stubs share. */

	.macro SAVE
	pushq	%rbp
	movq	%rsp, %rbp
	pushq	%rdi
	pushq	%rsi
	pushq	%rcx
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	pushq	%rax
	pushq	%rdx
	andq	$-16, %rsp
	.endm

/* Restores all registers but r11. */
	.macro RESTORE
	leaq	-72(%rbp), %rsp
	popq	%rdx
	popq	%rax
	leaq	8(%rsp), %rsp
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rcx
	popq	%rsi
	popq	%rdi
	popq	%rbp
	.endm

	.macro CURRENT register
	movq	km_record_current@gottpoff(%rip), \register
	movq	%fs:(\register), \register
	.endm

/* Jumped to. The stack holds the function's id and above it the return address of the call. r11 is the
 * place to continue, where r11 holds the node. */
	.type km_stub_on_enter, @function
	.p2align 4
HIDDEN km_stub_on_enter
	SAVE
	CURRENT %rdi
	movl	8(%rbp), %esi
	leaq	24(%rbp), %rdx              /* sp above the return address */
	call	km_record_enter
	testq	%rax, %rax
	jz	1f
	movq	-56(%rbp), %rcx
	movq	%rax, -56(%rbp)
	movq	%rcx, 8(%rbp)               /* where to continue, in place of the id */
	movq	%rax, %r11
	RESTORE
	ret
1:	movl	8(%rbp), %edi               /* the call cannot be recorded */
	call	km_stub_body_of
	movq	%rax, %r11
	RESTORE
	leaq	8(%rsp), %rsp
	jmp	*%r11

/* Jumped to. The stack holds the return address of the call. r11 is the place to continue, where r11
 * holds the node that makes the call. */
	.type km_stub_on_stale, @function
	.p2align 4
HIDDEN km_stub_on_stale
	pushq	%r11
	SAVE
	CURRENT %rdi
	leaq	24(%rbp), %rsi
	movq	16(%rbp), %rdx
	call	km_record_drop_stale
	movq	%rax, %r11
	RESTORE
	ret

/* Called after a body returned at an unexpected place. Returns the node in r11. */
	.type km_stub_on_resync, @function
	.p2align 4
HIDDEN km_stub_on_resync
	SAVE
	leaq	16(%rbp), %rdi
	call	km_record_resync
	movq	%rax, %r11
	RESTORE
	ret

/* Called. Returns the tick in rax, without the TSC. */
	.type km_stub_on_clock, @function
	.p2align 4
HIDDEN km_stub_on_clock
	SAVE
	call	km_stub_ticks
	movq	%rax, -64(%rbp)
	movq	-56(%rbp), %r11
	RESTORE
	ret
	.section .note.GNU-stack,"",@progbits
