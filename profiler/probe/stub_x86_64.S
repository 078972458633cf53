/* The stub: one copy a function, filled in by stub.c. A sled jumps to it; a library-call slot points
 * to it. It takes the return address off the stack into the frame's node, calls the body (so that the
 * body finds stack arguments where they were, and the call pairs with its return in the predictor
 * and on a shadow stack), and on the way back pushes the return address and returns.
 *
 * On entry every register that can carry an argument is live: rdi rsi rdx rcx r8 r9, rax (vector
 * count of variadic calls), r10 (static chain of nested functions), vectors. Free: r11 and the 128
 * bytes below rsp, as long as rsp stays. On exit live: rax rdx rcx (internal conventions of
 * compilers), vectors, x87.
 *
 * Order matters for signal handlers, which may enter any function between any two instructions:
 * a node is published as current before its return address and sp are parked, and unpublished after
 * the return address is back on the stack. */
#define __ASSEMBLER__ 1
#include "profiler/record/node.h"

#define PLACEHOLDER 0x11223344

	.macro HIDDEN name
	.globl	\name
	.hidden	\name
\name:
	.endm

/* Reads the clock into rax; r11 is the node. At entry rax and rdx of the caller lie below rsp, at exit
 * they are in r8 and r9. */
	.macro CLOCK_ENTRY kind
	.ifc \kind,tsc
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	subq	%rax, NODE_TICKS(%r11)
	movq	-24(%rsp), %rax
	movq	-32(%rsp), %rdx
	.else
	movq	-24(%rsp), %rax             /* the call moves rsp: they must be above it */
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
	/* Another child than last time: the one that followed it last time? */
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
	/* The long ways keep arguments in registers: what lies below rsp is theirs. */
.Lenter_\kind:
	movq	-16(%rsp), %rax
	movq	-24(%rsp), %rdx
	leaq	.Lentered_\kind(%rip), %r11
HIDDEN km_stub_\kind\()_id3
	pushq	$PLACEHOLDER
HIDDEN km_stub_\kind\()_enter
	jmp	*PLACEHOLDER(%rip)
.Lentered_\kind:                            /* r11: node, its lowest bit set for an overflow frame */
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

/* What the stubs jump to or call. */

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

/* All but r11. */
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
	movq	km_call_tree_current@gottpoff(%rip), \register
	movq	%fs:(\register), \register
	.endm

/* On the stack the function, above it the call's return address; r11: where to go on. */
	.type km_stub_on_enter, @function
	.p2align 4
HIDDEN km_stub_on_enter
	SAVE
	CURRENT %rdi
	movl	8(%rbp), %esi
	leaq	24(%rbp), %rdx              /* sp above the return address */
	call	km_call_tree_enter
	testq	%rax, %rax
	jz	1f
	movq	-56(%rbp), %rcx
	movq	%rax, -56(%rbp)
	movq	%rcx, 8(%rbp)               /* the function's place takes where to go on */
	movq	%rax, %r11
	RESTORE
	ret
1:	movl	8(%rbp), %edi               /* the call cannot be recorded */
	call	km_stub_body_of
	movq	%rax, %r11
	RESTORE
	leaq	8(%rsp), %rsp
	jmp	*%r11

/* On the stack the call's return address; r11: where to go on. */
	.type km_stub_on_stale, @function
	.p2align 4
HIDDEN km_stub_on_stale
	pushq	%r11
	SAVE
	CURRENT %rdi
	leaq	24(%rbp), %rsi
	movq	16(%rbp), %rdx
	call	km_call_tree_stale
	movq	%rax, %r11
	RESTORE
	ret

/* Called when a body came back: -> r11 the node that returns. */
	.type km_stub_on_resync, @function
	.p2align 4
HIDDEN km_stub_on_resync
	SAVE
	leaq	16(%rbp), %rdi
	call	km_call_tree_resync
	movq	%rax, %r11
	RESTORE
	ret

/* Called: rax = ticks of the clock that is no TSC. */
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
