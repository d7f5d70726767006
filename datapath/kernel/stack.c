// SPDX-License-Identifier: GPL-2.0-or-later
/* How much of its stack a callback may use. */
#include "datapath/kernel/world.h"

#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/sched/task_stack.h>
#include <linux/vmalloc.h>

#include "datapath/kernel/runtime.h"

/* What is left free of a stack: for the error that says that there is no more, and functions that
 * are called without a look at the stack (3 KiB, tests/freestanding/); for what a callback calls of
 * the kernel, and for interrupts' entry. Units: bytes. */
#define STACK_KEPT_FREE 6144
/* Of the stack that softirqs run on, more: interrupts stay on it. */
#define INTERRUPT_STACK_BYTES 2560
/* Bytes of stack that a callback may use, and a chunk, which runs on the stack of a system call. */
#define CALLBACK_STACK_BYTES 6144
#define CHUNK_STACK_BYTES 9216
/* Below, a call is refused at once. */
#define LEAST_STACK_BYTES 2048

/* Of the stack that softirqs of this CPU run on: its lowest address, once it has been looked for.
 */
static DEFINE_PER_CPU(unsigned long, softirq_stack_end);

/* No name of it is a module's to use. But the page below is the guard, which is not there; and
 * where stacks have no guards, they lie at multiples of their size. */
static unsigned long find_end(unsigned long here) {
  unsigned long end = round_down(here, PAGE_SIZE);

  if (!is_vmalloc_addr((void*)here)) return round_down(here, IRQ_STACK_SIZE);
  while (here - end < IRQ_STACK_SIZE && vmalloc_to_page((void*)(end - PAGE_SIZE))) end -= PAGE_SIZE;
  return end;
}

static size_t left_of_softirq_stack(unsigned long here) {
  unsigned long end = this_cpu_read(softirq_stack_end);

  if (here - end >= IRQ_STACK_SIZE) {
    end = find_end(here);
    this_cpu_write(softirq_stack_end, end);
  }
  return here - end;
}

size_t host_stack_bytes(bool is_loading) {
  const size_t most = is_loading ? CHUNK_STACK_BYTES : CALLBACK_STACK_BYTES;
  const unsigned long here = (unsigned long)__builtin_frame_address(0);
  size_t kept = STACK_KEPT_FREE;
  size_t left;

  if (object_is_on_stack((void*)here)) {
    left = here - (unsigned long)end_of_stack(current);
  } else {
    left = left_of_softirq_stack(here);
    kept += INTERRUPT_STACK_BYTES;
  }
  return left < kept + LEAST_STACK_BYTES ? 0 : min(left - kept, most);
}
