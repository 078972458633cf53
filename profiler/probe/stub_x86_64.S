/* The stub: one copy a function, filled in by stub.c. A sled jumps to it; a library-call slot points
 * to it. It takes the return address off the stack into the frame's node, calls the body (so that the
 * body finds stack arguments where they were, and the call pairs with its return in the predictor
 * and on a shadow stack), and on the way back pushes the return address and returns.
 *
 * On entry every register that can carry an argument is live: rdi rsi rdx rcx r8 r9, rax (vector
 * count of variadic calls), r10 (static chain of nested functions), vectors. Free: r11 and the 128
 * bytes below rsp. On exit live: rax rdx rcx (internal conventions of compilers), vectors, x87.
 *
 * Order matters for signal handlers, which may enter any function between any two instructions:
 * a node is published as current before its return address and sp are parked, and unpublished after
 * the return address is back on the stack. */
#define __ASSEMBLER__ 1
#include "../record/node.h"

#define PLACEHOLDER 0x11223344

	.text
	.globl km_stub, km_stub_end
	.globl km_stub_tls1, km_stub_tls2, km_stub_tls3, km_stub_tls4
	.globl km_stub_id1, km_stub_id2, km_stub_id3
	.globl km_stub_sled, km_stub_body, km_stub_off, km_stub_exit, km_stub_clock1, km_stub_clock2
	.globl km_stub_enter, km_stub_stale, km_stub_resync
	.hidden km_stub, km_stub_end
	.hidden km_stub_tls1, km_stub_tls2, km_stub_tls3, km_stub_tls4
	.hidden km_stub_id1, km_stub_id2, km_stub_id3
	.hidden km_stub_sled, km_stub_body, km_stub_off, km_stub_exit, km_stub_clock1, km_stub_clock2
	.hidden km_stub_enter, km_stub_stale, km_stub_resync
	.p2align 6
km_stub:
	endbr64                             /* reached through pointers in library-call slots */
km_stub_sled:
km_stub_tls1:
	movq	%fs:PLACEHOLDER, %r11       /* current node */
	testq	%r11, %r11
	jz	km_stub_off
	movq	%rax, -16(%rsp)
	movq	%rdx, -24(%rsp)
	leaq	8(%rsp), %rdx               /* sp above the return address */
	cmpq	%rdx, NODE_SP(%r11)
	jbe	.Lstale
.Lfresh:
	movslq	NODE_LAST(%r11), %rax
	addq	%r11, %rax
km_stub_id1:
	cmpl	$PLACEHOLDER, NODE_FUNCTION(%rax)
	jne	.Lmiss
.Lhit:
km_stub_tls2:
	movq	%rax, %fs:PLACEHOLDER
	popq	NODE_RETURN(%rax)
	movq	%rdx, NODE_SP(%rax)
	incq	NODE_CALLS(%rax)
	movq	%rax, %r11
km_stub_clock1:
	rdtsc                               /* 9 bytes with the next two; stub.c may put a call here */
	shlq	$32, %rdx
	orq	%rdx, %rax
	subq	%rax, NODE_TICKS(%r11)
	movq	-24(%rsp), %rax
	movq	-32(%rsp), %rdx
km_stub_body:
	call	*PLACEHOLDER(%rip)          /* 6 bytes; a direct call where the body is near */
km_stub_exit:
km_stub_tls3:
	movq	%fs:PLACEHOLDER, %r11
	movq	%rax, %r8
	movq	%rdx, %r9
	cmpq	%rsp, NODE_SP(%r11)
	jne	.Lresync
.Lsync:
km_stub_clock2:
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	addq	%rax, NODE_TICKS(%r11)
	pushq	NODE_RETURN(%r11)
	movslq	NODE_PARENT(%r11), %r10
	addq	%r11, %r10
km_stub_tls4:
	movq	%r10, %fs:PLACEHOLDER
	movq	$-1, NODE_SP(%r11)
	movq	%r8, %rax
	movq	%r9, %rdx
	ret
	/* Another child than last time: the one that followed it last time? */
.Lmiss:
	movslq	NODE_SUCCESSOR(%rax), %rdx
	addq	%rax, %rdx
km_stub_id2:
	cmpl	$PLACEHOLDER, NODE_FUNCTION(%rdx)
	jne	.Lenter
	movq	%rdx, %rax
	subq	%r11, %rdx
	movl	%edx, NODE_LAST(%r11)
	leaq	8(%rsp), %rdx
	jmp	.Lhit
.Lenter:
km_stub_id3:
	movl	$PLACEHOLDER, %eax
km_stub_enter:
	call	*PLACEHOLDER(%rip)
	jmp	.Lhit
.Lstale:
km_stub_stale:
	call	*PLACEHOLDER(%rip)
	jmp	.Lfresh
.Lresync:
km_stub_resync:
	call	*PLACEHOLDER(%rip)
	jmp	.Lsync
km_stub_off:
	jmp	*PLACEHOLDER(%rip)          /* 6 bytes, like the call of the body */
km_stub_end:

/* What the stubs call. Each skips the bytes below the stub's rsp in which rax and rdx are saved. */

	.macro SAVE_ARGUMENTS
	leaq	-32(%rsp), %rsp
	pushq	%rbp
	movq	%rsp, %rbp
	pushq	%rdi
	pushq	%rsi
	pushq	%rcx
	pushq	%r8
	pushq	%r9
	pushq	%r10
	andq	$-16, %rsp
	.endm

	.macro RESTORE_ARGUMENTS
	leaq	-48(%rbp), %rsp
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rcx
	popq	%rsi
	popq	%rdi
	popq	%rbp
	leaq	32(%rsp), %rsp
	.endm

/* r11 current node, eax function -> rax node entered, rdx its sp. Or it leaves the stub for the body
 * when the call cannot be recorded. */
	.globl km_stub_on_enter
	.hidden km_stub_on_enter
	.type km_stub_on_enter, @function
	.p2align 4
km_stub_on_enter:
	SAVE_ARGUMENTS
	movl	%eax, %esi
	leaq	56(%rbp), %rdx              /* rbp: +8 skipped, +40 our return, +48 the call's, +56 */
	movq	%r11, %rdi
	pushq	%rsi
	pushq	%rsi
	call	km_call_tree_enter
	popq	%rsi
	testq	%rax, %rax
	jz	1f
	RESTORE_ARGUMENTS
	ret
1:	movl	%esi, %edi
	pushq	%rsi
	call	km_stub_body_of
	movq	%rax, %r11
	RESTORE_ARGUMENTS
	leaq	8(%rsp), %rsp               /* the stub is not returned to */
	movq	-16(%rsp), %rax
	movq	-24(%rsp), %rdx
	jmp	*%r11

/* r11 current node -> r11 the node that really calls; rdx kept. */
	.globl km_stub_on_stale
	.hidden km_stub_on_stale
	.type km_stub_on_stale, @function
	.p2align 4
km_stub_on_stale:
	SAVE_ARGUMENTS
	pushq	%rdx
	pushq	%rdx
	movq	%r11, %rdi
	movq	%rdx, %rsi
	movq	48(%rbp), %rdx              /* the return address of the call that is entered */
	call	km_call_tree_stale
	movq	%rax, %r11
	popq	%rdx
	RESTORE_ARGUMENTS
	ret

/* Called at the body's return: -> r11 the node that returns; r8, r9 kept. */
	.globl km_stub_on_resync
	.hidden km_stub_on_resync
	.type km_stub_on_resync, @function
	.p2align 4
km_stub_on_resync:
	SAVE_ARGUMENTS
	leaq	48(%rbp), %rdi
	call	km_call_tree_resync
	movq	%rax, %r11
	RESTORE_ARGUMENTS
	ret

/* The clock without a TSC: rax = now, everything else but rdx kept. */
	.globl km_stub_on_clock
	.hidden km_stub_on_clock
	.type km_stub_on_clock, @function
	.p2align 4
km_stub_on_clock:
	SAVE_ARGUMENTS
	pushq	%r11
	pushq	%r11
	call	km_stub_ticks
	popq	%r11
	RESTORE_ARGUMENTS
	ret
	.section .note.GNU-stack,"",@progbits
