// SPDX-License-Identifier: GPL-2.0-or-later
// datapath/kernel/setjmp.S, whose two functions Lua raises with in a kernel.
#include <gtest/gtest.h>

#include <array>

#undef setjmp
#undef longjmp
namespace bare {
#include "lua/freestanding/setjmp.h"
}

namespace {

using bare::nflua_setjmp;

bare::jmp_buf place;

TEST(Setjmp, a_jump_goes_back_with_its_value) {
  volatile int turns = 0;
  const int value = setjmp(place);
  EXPECT_EQ(value, turns);
  turns = turns + 1;
  if (turns <= 3) bare::longjmp(place, turns);
  EXPECT_EQ(value, 3);
}

/// Not a tail call: the address of its frame is used behind it.
[[gnu::noinline]] void jump_from(int depth, volatile char* caller) {
  volatile char frame[100] = {};
  if (depth == 0)
    bare::nflua_longjmp(place, 1);
  else
    jump_from(depth - 1, frame);
  *caller = frame[0];
}

TEST(Setjmp, a_jump_leaves_all_frames_in_between) {
  volatile int kept = 4711;
  volatile char frame = 0;
  if (setjmp(place) == 0) jump_from(50, &frame);
  EXPECT_EQ(kept, 4711);
}

TEST(Setjmp, the_inner_one_of_two_places) {
  bare::jmp_buf outer;
  volatile int inner_returns = 0;
  if (setjmp(outer) == 0) {
    if (setjmp(place) == 0) bare::longjmp(place, 1);
    inner_returns = inner_returns + 1;
    bare::longjmp(outer, 1);
  }
  EXPECT_EQ(inner_returns, 1);
}

/// rbx, rbp, r12 to r15.
using Registers = std::array<unsigned long, 6>;

/// What is in them after a jump, when they held 1 to 6 at the place and 0 at the jump, from below.
/// Its frame: the buffer, then `found`.
[[gnu::naked]] void registers_after_a_jump(Registers& /* found */) {
  asm(R"(
    pushq %rbx
    pushq %rbp
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    subq $72, %rsp
    movq %rdi, 64(%rsp)
    movl $1, %ebx
    movl $2, %ebp
    movl $3, %r12d
    movl $4, %r13d
    movl $5, %r14d
    movl $6, %r15d
    movq %rsp, %rdi
    call nflua_setjmp
    testl %eax, %eax
    jnz 1f
    xorl %ebx, %ebx
    xorl %ebp, %ebp
    xorl %r12d, %r12d
    xorl %r13d, %r13d
    xorl %r14d, %r14d
    xorl %r15d, %r15d
    movq %rsp, %rdi
    subq $128, %rsp
    movl $1, %esi
    call nflua_longjmp
  1:
    movq 64(%rsp), %rax
    movq %rbx, (%rax)
    movq %rbp, 8(%rax)
    movq %r12, 16(%rax)
    movq %r13, 24(%rax)
    movq %r14, 32(%rax)
    movq %r15, 40(%rax)
    addq $72, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbp
    popq %rbx
    ret)");
}

TEST(Setjmp, a_jump_restores_what_a_callee_preserves) {
  Registers found{};
  registers_after_a_jump(found);
  EXPECT_EQ(found, (Registers{1, 2, 3, 4, 5, 6}));
}

}  // namespace
