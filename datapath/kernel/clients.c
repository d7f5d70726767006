// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/kernel/world.h"

#include "datapath/kernel/clients.h"

#include <linux/slab.h>

// To forget a client does it no harm: its next number is free.
#define MAX_CLIENTS 4096

// Bytes of an error's text that are kept: one message has room for them.
#define MAX_ERROR_BYTES 4000

// What users make us keep is charged to their memory cgroup.
#define KEPT (GFP_KERNEL_ACCOUNT | __GFP_NOWARN)

struct half_sent {
  u16 type;
  u32 total; /* bytes */
  u32 have;
  u32 fragments;
  char name[NFLUA_NAME_BYTES];
  char script[NFLUA_SCRIPT_BYTES + 1];
  u8 chunk[];
};

/* A number, or none. */
struct number {
  bool is_there;
  u32 value;
};

struct kept_text {
  size_t size;
  char bytes[];
};

struct client {
  struct hlist_node by_port;
  struct list_head by_silence;
  u32 port;
  struct number expected; /* of the next message; none: any */
  struct number refused;  /* of a command whose remaining messages may still come */
  struct half_sent* half; /* NULL: none */
  struct kept_text* error;
  struct kept_text* printed;
};

/* A message whose number is right. */
struct step {
  struct clients* clients;
  struct client* client;
  const struct nlmsghdr* header;
  struct view body;
  struct request* request;
  const char** why;
};

void clients_open(struct clients* clients) {
  hash_init(clients->by_port);
  INIT_LIST_HEAD(&clients->by_silence);
  clients->count = 0;
  clients->half_sent = 0;
}

static struct client* find(struct clients* clients, u32 port) {
  struct client* client;

  hash_for_each_possible(clients->by_port, client, by_port, port) {
    if (client->port == port) return client;
  }
  return NULL;
}

/* Gives it away: NULL: there was none. */
static struct half_sent* take_half(struct clients* clients, struct client* client) {
  struct half_sent* half = client->half;

  if (half) --clients->half_sent;
  client->half = NULL;
  return half;
}

static void drop_half(struct clients* clients, struct client* client) {
  kvfree(take_half(clients, client));
}

static void forget(struct clients* clients, struct client* client) {
  drop_half(clients, client);
  hash_del(&client->by_port);
  list_del(&client->by_silence);
  --clients->count;
  kvfree(client->error);
  kvfree(client->printed);
  kfree(client);
}

void clients_forget(struct clients* clients, u32 port) {
  struct client* client = find(clients, port);

  if (client) forget(clients, client);
}

void clients_close(struct clients* clients) {
  struct client *client, *next;

  list_for_each_entry_safe(client, next, &clients->by_silence, by_silence) {
    forget(clients, client);
  }
}

static struct client* add(struct clients* clients, u32 port) {
  struct client* client = kzalloc(sizeof(*client), KEPT);

  if (!client) return NULL;
  if (clients->count == MAX_CLIENTS)
    forget(clients, list_last_entry(&clients->by_silence, struct client, by_silence));
  client->port = port;
  hash_add(clients->by_port, &client->by_port, port);
  list_add(&client->by_silence, &clients->by_silence);
  ++clients->count;
  return client;
}

/* NULL: memory is short. */
static struct client* hear(struct clients* clients, u32 port) {
  struct client* client = find(clients, port);

  if (!client) return add(clients, port);
  list_move(&client->by_silence, &clients->by_silence);
  return client;
}

/* Else it continues what others began. */
static bool starts_command(const struct nlmsghdr* header) {
  return (header->nlmsg_flags & NFLUA_INIT) || !(header->nlmsg_flags & NFLUA_MULTI);
}

static bool others_follow(const struct nlmsghdr* header) {
  return (header->nlmsg_flags & NFLUA_MULTI) && !(header->nlmsg_flags & NFLUA_DONE);
}

static struct number number_if(bool condition, u32 value) {
  return (struct number){condition, value};
}

static enum outcome refuse_number(struct clients* clients, struct client* client,
                                  const struct nlmsghdr* header, const char** why) {
  drop_half(clients, client);
  client->expected = number_if(false, 0);
  client->refused = number_if(others_follow(header), header->nlmsg_seq);
  *why = "its sequence number is not the one after the last command's";
  return OUTCOME_REFUSED;
}

static enum outcome refuse(const struct step* step, const char* why) {
  struct client* client = step->client;
  const u32 number = step->header->nlmsg_seq;

  drop_half(step->clients, client);
  // A fragment of what was never begun tells nothing of the client's next number.
  if (starts_command(step->header) || client->expected.is_there)
    client->expected = number_if(true, number + 1);
  client->refused = number_if(others_follow(step->header), number);
  *step->why = why;
  return OUTCOME_REFUSED;
}

static enum outcome accept(const struct step* step) {
  step->client->expected = number_if(true, step->header->nlmsg_seq + 1);
  step->client->refused = number_if(false, 0);
  return OUTCOME_RECEIVED;
}

/* The first message of several. */
static enum outcome keep(const struct step* step, u32 total) {
  const struct request* request = step->request;
  struct half_sent* half;

  if (step->clients->half_sent >= NFLUA_MAX_HALF_SENT)
    return refuse(step, "too many commands are half sent");
  half = kvmalloc(struct_size(half, chunk, total), KEPT);
  if (!half) return refuse(step, "not enough memory");
  half->type = step->header->nlmsg_type;
  half->total = total;
  half->have = request->size;
  half->fragments = 1;
  memcpy(half->name, request->name, sizeof(half->name));
  memcpy(half->script, request->script, sizeof(half->script));
  memcpy(half->chunk, request->bytes, request->size);
  step->client->half = half;
  ++step->clients->half_sent;
  step->client->expected = number_if(true, step->header->nlmsg_seq);
  step->client->refused = number_if(false, 0);
  return OUTCOME_IGNORED;
}

static enum outcome take_first(const struct step* step) {
  const u16 place = step->header->nlmsg_flags & (NFLUA_INIT | NFLUA_MULTI | NFLUA_DONE);
  const bool is_whole = place == (NFLUA_INIT | NFLUA_DONE);
  struct request* request = step->request;
  struct nflua_fragment fragment;
  u32 total;

  if (!is_whole && place != (NFLUA_INIT | NFLUA_MULTI))
    return refuse(step, "its flags are not those of a first fragment");
  if (!request_decode_first(request, step->body, &total, &fragment) || fragment.seq != 0 ||
      fragment.offset != 0)
    return refuse(step, "its length, a name or the fragment's place is wrong");
  if (total > NFLUA_MAX_CHUNK_BYTES(PAYLOAD_BYTES)) return refuse(step, "the chunk is too long");
  if (request->size > total || (request->size == total) != is_whole)
    return refuse(step, "the chunk's length is not what was said");
  request->type = step->header->nlmsg_type;
  return is_whole ? accept(step) : keep(step, total);
}

/* The last message has come: the request is the whole. */
static enum outcome take_all(const struct step* step) {
  struct half_sent* half = take_half(step->clients, step->client);
  struct request* request = step->request;

  request->type = half->type;
  memcpy(request->name, half->name, sizeof(half->name));
  memcpy(request->script, half->script, sizeof(half->script));
  request->bytes = half->chunk;
  request->size = half->total;
  request->half = half;
  return accept(step);
}

static enum outcome take_later(const struct step* step) {
  struct half_sent* half = step->client->half;
  const struct request* part = step->request;
  struct nflua_fragment fragment;
  bool has_all;

  if (starts_command(step->header) || step->header->nlmsg_type != half->type)
    return refuse(step, "another command began before this one was complete");
  if (!request_decode_later(step->request, step->body, &fragment) ||
      fragment.seq != half->fragments || fragment.offset != half->have)
    return refuse(step, "a fragment is missing or out of order");
  if (half->fragments >= NFLUA_MAX_FRAGMENTS(PAYLOAD_BYTES))
    return refuse(step, "it has too many fragments");
  has_all = part->size == half->total - half->have;
  if (part->size > half->total - half->have || has_all == others_follow(step->header))
    return refuse(step, "the chunk's length is not what was said");
  memcpy(half->chunk + half->have, part->bytes, part->size);
  half->have += part->size;
  ++half->fragments;
  return has_all ? take_all(step) : OUTCOME_IGNORED;
}

static enum outcome take_single(const struct step* step) {
  if (step->header->nlmsg_flags & NFLUA_MULTI) return refuse(step, "its type has no fragments");
  if (!request_decode(step->request, step->header->nlmsg_type, step->body))
    return refuse(step, "its type is unknown, or its length or a name wrong");
  return accept(step);
}

static enum outcome take(const struct step* step) {
  if (!(step->header->nlmsg_flags & NFLUA_REQUEST)) return refuse(step, "it is no request");
  if (step->client->half) return take_later(step);
  if (is_script_type(step->header->nlmsg_type)) return take_first(step);
  return take_single(step);
}

enum outcome clients_receive(struct clients* clients, u32 port, struct view datagram,
                             struct request* request, const char** why) {
  const struct nlmsghdr* header = request_header(datagram);
  struct client* client = hear(clients, port);
  struct step step = {clients, client, header, {}, request, why};

  if (!client) {
    *why = "not enough memory";
    return OUTCOME_REFUSED;
  }
  request->number = header->nlmsg_seq;
  request->half = NULL;
  if (!starts_command(header) && client->refused.is_there &&
      client->refused.value == header->nlmsg_seq) {
    client->refused = number_if(others_follow(header), header->nlmsg_seq);
    return OUTCOME_IGNORED;
  }
  if (client->expected.is_there && client->expected.value != header->nlmsg_seq)
    return refuse_number(clients, client, header, why);
  if (!request_body(datagram, &step.body))
    return refuse(&step, "the length in the header is wrong");
  return take(&step);
}

void clients_free_half(struct request* request) { kvfree(request->half); }

/* NULL: there is none, or memory is short. */
static struct kept_text* copy_text(const char* text, size_t size) {
  struct kept_text* kept;

  if (size == 0) return NULL;
  kept = kvmalloc(struct_size(kept, bytes, size), KEPT);
  if (!kept) return NULL;
  kept->size = size;
  memcpy(kept->bytes, text, size);
  return kept;
}

void clients_keep_error(struct clients* clients, u32 port, const char* text, size_t size) {
  struct client* client = find(clients, port);

  if (!client) return;
  kvfree(client->error);
  client->error = copy_text(text, min_t(size_t, size, MAX_ERROR_BYTES));
}

void clients_last_error(struct clients* clients, u32 port, struct state_text* text) {
  const struct client* client = find(clients, port);

  text->size = 0;
  if (!client || !client->error) return;
  text->size = client->error->size;
  memcpy(text->bytes, client->error->bytes, text->size);
}

void clients_keep_printed(struct clients* clients, u32 port, const struct state_printed* printed) {
  struct client* client = find(clients, port);

  if (!client) return;
  kvfree(client->printed);
  client->printed = printed ? copy_text(printed->bytes, printed->size) : NULL;
}

void clients_last_printed(struct clients* clients, u32 port, struct state_printed* printed) {
  const struct client* client = find(clients, port);

  printed->size = 0;
  if (!client || !client->printed) return;
  printed->size = client->printed->size;
  memcpy(printed->bytes, client->printed->bytes, printed->size);
}
