/* SPDX-License-Identifier: GPL-2.0-or-later
 * How Lua raises: lua/freestanding/setjmp.h. For x86-64.
 *
 * A buffer holds what a callee must preserve, then where to go on:
 *   0 rbx  8 rbp  16 r12  24 r13  32 r14  40 r15  48 rsp, as after the return  56 rip
 * Source: System V ABI, AMD64 supplement, 3.2.1 and 3.2.3.
 */
#ifdef __KERNEL__
#include <linux/linkage.h>
#include <linux/objtool.h>
#else /* a test's process */
#define SYM_FUNC_START(name) .globl name; .type name, @function; name:
#define SYM_FUNC_END(name) .size name, . - name
#define RET ret
	.section .note.GNU-stack, "", @progbits
#endif

	.text

/* int nflua_setjmp(unsigned long *buffer) */
SYM_FUNC_START(nflua_setjmp)
	movq	%rbx, (%rdi)
	movq	%rbp, 8(%rdi)
	movq	%r12, 16(%rdi)
	movq	%r13, 24(%rdi)
	movq	%r14, 32(%rdi)
	movq	%r15, 40(%rdi)
	leaq	8(%rsp), %rdx
	movq	%rdx, 48(%rdi)
	movq	(%rsp), %rdx
	movq	%rdx, 56(%rdi)
	xorl	%eax, %eax
	RET
SYM_FUNC_END(nflua_setjmp)

/* void nflua_longjmp(const unsigned long *buffer, int value): never called with 0 by Lua. */
SYM_FUNC_START(nflua_longjmp)
	movl	%esi, %eax
	movq	(%rdi), %rbx
	movq	8(%rdi), %rbp
	movq	16(%rdi), %r12
	movq	24(%rdi), %r13
	movq	32(%rdi), %r14
	movq	40(%rdi), %r15
	movq	48(%rdi), %rsp
	/* By a return: an indirect jump would be one more thing to guard against speculation. */
	pushq	56(%rdi)
	RET
SYM_FUNC_END(nflua_longjmp)
#ifdef __KERNEL__
/* Its stack is another's: objtool can't follow. */
STACK_FRAME_NON_STANDARD nflua_longjmp
#endif
