// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/kernel/world.h"

#include "datapath/kernel/request.h"

#include <linux/stddef.h>
#include <linux/string.h>

static_assert(STATE_NAME_BYTES == NFLUA_NAME_BYTES);
static_assert(STATE_PRINTED_BYTES == NFLUA_MAX_PRINTED_BYTES);

const struct nlmsghdr* request_header(struct view datagram) {
  const struct nlmsghdr* header = (const struct nlmsghdr*)datagram.bytes;

  if (datagram.size < sizeof(*header) || header->nlmsg_type == NLMSG_ERROR) return NULL;
  return header;
}

bool request_body(struct view datagram, struct view* body) {
  const u32 length = ((const struct nlmsghdr*)datagram.bytes)->nlmsg_len;

  if (length < NFLUA_HEADER_BYTES || length > PAYLOAD_BYTES || length > datagram.size) return false;
  if (datagram.size > NLMSG_ALIGN(length)) return false;
  body->bytes = datagram.bytes + NFLUA_HEADER_BYTES;
  body->size = length - NFLUA_HEADER_BYTES;
  return true;
}

/* Takes a structure from the front. False: there are fewer bytes. */
static bool take(struct view* from, void* structure, size_t size) {
  if (from->size < size) return false;
  memcpy(structure, from->bytes, size);
  from->bytes += size;
  from->size -= size;
  return true;
}

static bool take_name(struct view* from, char* name) {
  return take(from, name, NFLUA_NAME_BYTES) && *name && memchr(name, '\0', NFLUA_NAME_BYTES);
}

static bool is_empty(struct view rest) { return rest.size == 0; }

static bool decode_create(struct request* request, struct view body) {
  u32 curralloc;

  return take_name(&body, request->name) && take(&body, &request->maxalloc, sizeof(u32)) &&
         take(&body, &curralloc, sizeof(curralloc)) && is_empty(body);
}

static bool decode_destroy(struct request* request, struct view body) {
  return take_name(&body, request->name) && is_empty(body);
}

static bool decode_data(struct request* request, struct view body) {
  u32 total;

  if (!take(&body, &total, sizeof(total)) || !take_name(&body, request->name)) return false;
  request->bytes = body.bytes;
  request->size = body.size;
  return total == body.size;
}

static bool decode_stats(struct request* request, struct view body) {
  return take(&body, request->name, NFLUA_NAME_BYTES) && is_empty(body) &&
         memchr(request->name, '\0', NFLUA_NAME_BYTES);
}

static bool decode_limits(struct request* request, struct view body) {
  struct nflua_limits limits;

  if (!take(&body, &limits, sizeof(limits)) || !is_empty(body)) return false;
  request->limits = (struct vm_limits){};
#define NFLUA_LIMIT(key, ...) request->limits.key = limits.key;
  NFLUA_RUNNING_LIMITS(NFLUA_LIMIT)
#undef NFLUA_LIMIT
  body = (struct view){(const u8*)limits.name, sizeof(limits.name)};
  return take_name(&body, request->name);
}

/* The arguments themselves are of no use here. */
static bool decode_arguments(struct request* request, struct view body) {
  return take_name(&body, request->name) && (is_empty(body) || body.bytes[body.size - 1] == '\0');
}

bool request_decode(struct request* request, u16 type, struct view body) {
  request->type = type;
  switch (type) {
    case NFLUA_CREATE:
      return decode_create(request, body);
    case NFLUA_DESTROY:
      return decode_destroy(request, body);
    case NFLUA_LIST:
    case NFLUA_ERROR_TEXT:
    case NFLUA_PRINTED:
      return is_empty(body);
    case NFLUA_DATA:
      return decode_data(request, body);
    case NFLUA_STATS:
      return decode_stats(request, body);
    case NFLUA_LIMITS:
      return decode_limits(request, body);
    case NFLUA_BIND:
    case NFLUA_UNBIND:
      return decode_arguments(request, body);
    default:
      return false;
  }
}

bool request_decode_first(struct request* request, struct view body, u32* total,
                          struct nflua_fragment* fragment) {
  char padding;

  if (!take(&body, total, sizeof(*total)) || !take_name(&body, request->name) ||
      !take(&body, request->script, NFLUA_SCRIPT_BYTES) || !take(&body, &padding, sizeof(padding)))
    return false;
  request->script[NFLUA_SCRIPT_BYTES] = '\0';
  return request_decode_later(request, body, fragment);
}

bool request_decode_later(struct request* request, struct view body,
                          struct nflua_fragment* fragment) {
  if (!take(&body, fragment, sizeof(*fragment))) return false;
  request->bytes = body.bytes;
  request->size = body.size;
  return true;
}
