/* SPDX-License-Identifier: GPL-2.0-or-later
 * How Lua raises. datapath/kernel/setjmp.S has both functions: what they save is what a callee must
 * preserve, rbx, rbp, r12 to r15, and where to go on, rsp and rip. No signals, no floating point.
 */
#ifndef NFLUA_FREESTANDING_SETJMP_H
#define NFLUA_FREESTANDING_SETJMP_H

#define NFLUA_JUMP_WORDS 8

typedef unsigned long jmp_buf[NFLUA_JUMP_WORDS];

extern "C" int nflua_setjmp(unsigned long* buffer) __attribute__((returns_twice));
/* Does not return. Says so by the trap below: objtool does not believe it of another file. */
extern "C" void nflua_longjmp(const unsigned long* buffer, int value);

/* A macro: the frame that is gone back to must be the caller's. */
#define setjmp(buffer) nflua_setjmp(buffer)

[[noreturn]] static inline void longjmp(const unsigned long* buffer, int value) {
  nflua_longjmp(buffer, value);
  __builtin_trap();
}

#endif
