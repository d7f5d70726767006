// SPDX-License-Identifier: GPL-2.0-or-later
/* What a VM needs of the kernel beside packets: memory, time, chance, clients. */
#include "datapath/kernel/world.h"

#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "datapath/kernel/netlink.h"
#include "datapath/kernel/runtime.h"
#include "datapath/kernel/states.h"

/* Where things are in the kernel's memory is no script's business: same pointer, same number. */
static siphash_key_t pointer_key;

unsigned long nflua_hide_pointer(const void* pointer) {
  return siphash_1u64((unsigned long)pointer, &pointer_key);
}

void world_open(void) { get_random_bytes(&pointer_key, sizeof(pointer_key)); }

static unsigned int fail_allocation;
module_param(fail_allocation, uint, 0644);
MODULE_PARM_DESC(fail_allocation, "For tests: every Nth allocation for a script fails; 0: none");
static atomic_t allocations;

static bool is_made_to_fail(void) {
  return fail_allocation && atomic_inc_return(&allocations) % fail_allocation == 0;
}

/* krealloc() keeps the whole of a block that is made smaller: it would no longer be counted. Where
 * there is no memory for a smaller one it must do, as Lua relies on it that this can't fail. */
static void* shrink(void* block, size_t new_bytes) {
  void* smaller = kmemdup(block, new_bytes, GFP_ATOMIC | __GFP_NOWARN);

  if (!smaller) return block;
  kfree(block);
  return smaller;
}

void* host_reallocate(void* block, size_t old_bytes, size_t new_bytes) {
  if (new_bytes == 0) {
    kfree(block);
    return NULL;
  }
  if (block && new_bytes <= old_bytes)
    return new_bytes <= ksize(block) / 2 ? shrink(block, new_bytes) : block;
  if (is_made_to_fail()) return NULL;
  return krealloc(block, new_bytes, GFP_ATOMIC | __GFP_NOWARN);
}

int64_t host_now_ns(void) { return ktime_get_real_ns(); }

uint32_t host_seed(void) { return get_random_u32(); }

static const char* errno_name(long error) {
  switch (error) {
    case ECONNREFUSED:
      return "ECONNREFUSED";
    case EAGAIN:
      return "EAGAIN";
    case EMSGSIZE:
      return "EMSGSIZE";
    case ENOBUFS:
      return "ENOBUFS";
    case ENOMEM:
      return "ENOMEM";
    default:
      return "EIO";
  }
}

/* A datagram that fails has its number too, so that who counts them sees the gap. It takes as long
 * as there are listeners, and a user may have thousands. */
size_t host_send_netlink(struct state* state, uint32_t port, uint32_t groups, const void* payload,
                         size_t size, const char** error) {
  const u32 number = ++state->datagrams;
  long sent = -EAGAIN;

  if (!account_is_used_up(state->account))
    sent = netlink_send_data(state->net, state->name, number, port, groups, payload, size);
  if (sent < 0) *error = errno_name(-sent);
  return sent < 0 ? 0 : sent;
}
