// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/kernel/world.h"

#include "datapath/kernel/stats.h"

#include <linux/nls.h>
#include <linux/seq_buf.h>

// U+FFFD, for each byte that is no UTF-8.
#define REPLACEMENT "\xef\xbf\xbd"
#define FIRST_PRINTABLE 0x20
#define FIRST_NOT_ASCII 0x80

/* A number of a structure, and what it is called. */
struct field {
  const char* key;
  size_t offset;
};

// u64.
static const struct field state_fields[] = {
#define FIELD(key, ...) {#key, offsetof(struct vm_stats, key)},
    NFLUA_STATE_COUNTERS(FIELD)
#undef FIELD
};
static const struct field server_fields[] = {
#define FIELD(key, ...) {#key, offsetof(struct server_counters, key)},
    NFLUA_SERVER_COUNTERS(FIELD)
#undef FIELD
};

/* Bytes of the character there, of 1 or more; 0: it is none. */
static int utf8_bytes(const char* text, size_t size) {
  unicode_t character;
  const int bytes = utf8_to_utf32((const u8*)text, size, &character);

  return bytes > 0 ? bytes : 0;
}

/* Returns how many bytes of the text it took. */
static size_t put_character(struct seq_buf* out, const char* text, size_t size) {
  const u8 first = *text;
  int bytes = 1;

  if (first == '"' || first == '\\')
    seq_buf_printf(out, "\\%c", first);
  else if (first < FIRST_PRINTABLE)
    seq_buf_printf(out, "\\u%04x", first);
  else if (first < FIRST_NOT_ASCII)
    seq_buf_printf(out, "%c", first);
  else if ((bytes = utf8_bytes(text, size)) > 0)
    seq_buf_printf(out, "%.*s", bytes, text);
  else
    seq_buf_printf(out, REPLACEMENT);
  return max(bytes, 1);
}

static void put_string(struct seq_buf* out, const char* text) {
  size_t left = strlen(text);

  seq_buf_printf(out, "\"");
  while (left > 0) {
    const size_t taken = put_character(out, text, left);

    text += taken;
    left -= taken;
  }
  seq_buf_printf(out, "\"");
}

static void put_number(struct seq_buf* out, const char* key, u64 value) {
  seq_buf_printf(out, ",\"%s\":%llu", key, value);
}

static void put_fields(struct seq_buf* out, const struct field* fields, size_t count,
                       const void* structure) {
  for (; count > 0; --count, ++fields)
    put_number(out, fields->key, *(const u64*)((const u8*)structure + fields->offset));
}

static void put_limits(struct seq_buf* out, const struct vm_limits* limits) {
  // Its first key has no comma in front.
  seq_buf_printf(out, ",\"limits\":{\"max_bytes\":%llu", limits->max_bytes);
#define NFLUA_LIMIT(key, ...) put_number(out, #key, limits->key);
  NFLUA_RUNNING_LIMITS(NFLUA_LIMIT)
#undef NFLUA_LIMIT
  seq_buf_printf(out, "}");
}

int stats_write_state(struct state* state, struct state_text* text) {
  struct vm_stats stats;
  struct vm_limits limits;
  struct seq_buf out;
  unsigned int rules;
  u64 busy;
  const int error = state_get_stats(state, &stats, &limits, &busy, &rules);

  if (error) return error;
  seq_buf_init(&out, text->bytes, sizeof(text->bytes));
  seq_buf_printf(&out, "{\"state\":");
  put_string(&out, state->name);
  put_number(&out, "bytes_used", stats.bytes_used);
  put_number(&out, "timers_armed", stats.armed_timers);
  put_number(&out, "packets_held", stats.held_packets);
  put_fields(&out, state_fields, ARRAY_SIZE(state_fields), &stats);
  put_number(&out, "busy", busy);
  // Not "rules", which are objects: iptables counts each rule's packets.
  put_number(&out, "iptables_rules", rules);
  put_limits(&out, &limits);
  seq_buf_printf(&out, "}");
  text->size = seq_buf_used(&out);
  return 0;
}

void stats_write_server(const struct server* server, unsigned int states, struct state_text* text) {
  struct seq_buf out;

  seq_buf_init(&out, text->bytes, sizeof(text->bytes));
  seq_buf_printf(&out, "{\"port\":0");
  put_number(&out, "states", states);
  put_number(&out, "clients", server->clients.count);
  put_fields(&out, server_fields, ARRAY_SIZE(server_fields), &server->counters);
  seq_buf_printf(&out, "}");
  text->size = seq_buf_used(&out);
}
