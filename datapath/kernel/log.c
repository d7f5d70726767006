// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/kernel/world.h"

#include "datapath/kernel/log.h"

#include <linux/jiffies.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/string_helpers.h>

#include "datapath/kernel/accounts.h"
#include "datapath/kernel/runtime.h"
#include "datapath/kernel/states.h"

/* Bytes of a line of the kernel's log that always fit, the names before it as well. */
#define PIECE_BYTES 800
/* An error with its traceback has no more. */
#define MESSAGE_LINES 32

static unsigned int log_per_second = 10;
module_param(log_per_second, uint, 0644);
MODULE_PARM_DESC(log_per_second, "Lines that each new state may log in a second; 0: no bound");

/* What was not needed is kept up to here. */
static unsigned int most_lines(const struct log_share* share) {
  return min(share->per_second, UINT_MAX - MESSAGE_LINES) + MESSAGE_LINES;
}

void log_begin(struct log_share* share) {
  spin_lock_init(&share->lock);
  share->per_second = log_per_second;
  share->lines = most_lines(share);
  share->suppressed = 0;
  share->filled = jiffies;
}

/* Under its lock. */
static void fill(struct log_share* share) {
  const unsigned long elapsed = min(jiffies - share->filled, (unsigned long)MESSAGE_LINES * HZ);
  const unsigned long more = min_t(u64, (u64)elapsed * share->per_second / HZ, most_lines(share));

  if (more == 0) return;
  share->filled = jiffies;
  share->lines = min_t(u64, (u64)share->lines + more, most_lines(share));
}

/* All lines of a message, or none. `missed`: how many messages were not written before it. */
static bool take(struct log_share* share, unsigned int lines, unsigned int* missed) {
  bool has_room;

  *missed = 0;
  if (share->per_second == 0) return true;
  spin_lock_bh(&share->lock);
  fill(share);
  has_room = lines <= share->lines;
  if (has_room) {
    share->lines -= lines;
    swap(*missed, share->suppressed);
  } else {
    ++share->suppressed;
  }
  spin_unlock_bh(&share->lock);
  return has_room;
}

static unsigned int count_lines(const char* text, size_t size) {
  unsigned int lines = 1;

  for (; size > 0 && lines < MESSAGE_LINES; ++text, --size) lines += *text == '\n';
  return lines;
}

static void write_line(const char* state, const char* function, const char* text, size_t size) {
  const char* colon = *function ? ": " : "";

  do {
    const int piece = min_t(size_t, size, PIECE_BYTES);

    pr_info("%s: %s%s%.*s\n", state, function, colon, piece, text);
    text += piece;
    size -= piece;
  } while (size > 0);
}

static void write_lines(const char* state, const char* function, const char* text, size_t size) {
  unsigned int line;

  for (line = 1;; ++line, function = "") {
    const char* end = memchr(text, '\n', size);
    const size_t length = end ? end - text : size;

    write_line(state, function, text, length);
    if (!end) return;
    if (line == MESSAGE_LINES) break;
    text = end + 1;
    size -= length + 1;
  }
  pr_info("%s: ...\n", state);
}

/* All but tabs and ends of lines; that which ends a C string is one of them, too. */
#define CONTROL_CHARACTERS                                                                       \
  "\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19" \
  "\x1a\x1b\x1c\x1d\x1e\x1f\x7f"
#define MOST_ESCAPED_BYTES 4 /* \x00 */

static bool has_any(const char* text, size_t size, const char* characters) {
  for (; size > 0; ++text, --size) {
    if (strchr(characters, *text)) return true;
  }
  return false;
}

#define IN_A_NAME CONTROL_CHARACTERS "\t\n"

/* As the command line shows them, zero-terminated. NULL: there is nothing to escape, or no memory.
 */
static char* escape(const char* text, size_t* size, const char* characters) {
  const size_t most = MOST_ESCAPED_BYTES * *size;
  char* escaped;

  if (!has_any(text, *size, characters)) return NULL;
  escaped = kmalloc(most + 1, GFP_ATOMIC | __GFP_NOWARN);
  if (!escaped) return NULL;
  *size = string_escape_mem(text, *size, escaped, most, ESCAPE_HEX, characters);
  escaped[*size] = '\0';
  return escaped;
}

static char* escape_name(const char* name) {
  size_t size = strlen(name);

  return escape(name, &size, IN_A_NAME);
}

static void report(const char* state, const char* function, const char* text, size_t size) {
  char* escaped = escape(text, &size, CONTROL_CHARACTERS);
  char* name = escape_name(function);

  write_lines(state, name ? name : function, escaped ? escaped : text, size);
  kfree(name);
  kfree(escaped);
}

/* The lines of a traceback belong to what happened: all of them, or none. */
void host_report(struct state* state, const char* function, const char* text, size_t size) {
  char* escaped;
  unsigned int missed;

  if (!*function) state_keep_printed(state, text, size);
  if (!take(account_log(state->account, &state->log), count_lines(text, size), &missed)) return;
  escaped = escape_name(state->name);
  if (missed) pr_info("%s: %u messages suppressed\n", escaped ? escaped : state->name, missed);
  report(escaped ? escaped : state->name, function, text, size);
  kfree(escaped);
}
