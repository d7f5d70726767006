// SPDX-License-Identifier: GPL-2.0-or-later
/* What a VM needs of the kernel beside packets: memory, time, chance, the log. */
#include "datapath/kernel/world.h"

#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/string.h>
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

/* Bytes of a line of the kernel's log that always fit, the names before it as well. */
#define LOG_PIECE_BYTES 800

static unsigned int fail_allocation;
module_param(fail_allocation, uint, 0644);
MODULE_PARM_DESC(fail_allocation, "For tests: every Nth allocation for a script fails; 0: none");
static atomic_t allocations;

unsigned int log_per_second = 10;
module_param(log_per_second, uint, 0644);
MODULE_PARM_DESC(log_per_second, "Lines that each new state may log in a second; 0: no bound");

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

static void log_line(const char* state, const char* function, const char* text, size_t size) {
  const char* colon = *function ? ": " : "";

  do {
    const int piece = min_t(size_t, size, LOG_PIECE_BYTES);

    pr_info("%s: %s%s%.*s\n", state, function, colon, piece, text);
    text += piece;
    size -= piece;
  } while (size > 0);
}

/* The lines of a traceback belong to what happened: all of them, or none. */
void host_report(struct state* state, const char* function, const char* text, size_t size) {
  if (!__ratelimit(&state->log)) return;
  for (;;) {
    const char* end = memchr(text, '\n', size);
    const size_t line = end ? end - text : size;

    log_line(state->name, function, text, line);
    if (!end) break;
    text = end + 1;
    size -= line + 1;
    function = "";
  }
}

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

/* A datagram that fails has its number too, so that who counts them sees the gap. */
size_t host_send_netlink(struct state* state, uint32_t port, uint32_t groups, const void* payload,
                         size_t size, const char** error) {
  const long sent =
      netlink_send_data(state->net, state->name, ++state->datagrams, port, groups, payload, size);

  if (sent < 0) *error = errno_name(-sent);
  return sent < 0 ? 0 : sent;
}
