// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/kernel/world.h"

#include "datapath/kernel/control.h"

#include <linux/slab.h>
#include <net/sock.h>

#include "datapath/kernel/answer.h"
#include "datapath/kernel/stats.h"

/* What a command came to. */
enum result {
  RESULT_FAILED,     /* request->text says why */
  RESULT_DONE,       /* nothing to tell but that it is done */
  RESULT_TEXT,       /* request->text is the answer */
  RESULT_PRINTED,    /* job->printed is the answer */
  RESULT_ROWS,       /* of LIST */
  RESULT_UNANSWERED, /* DATA that went well */
};

/* A command that is being carried out. */
struct job {
  struct server* server;
  struct net* net;
  u32 port;
  struct state_row* rows; /* owned, to kvfree() */
  unsigned int row_count;
  struct state_printed* printed; /* owned, to kvfree(); NULL: no chunk ran */
  struct request request;
};

void control_open(struct server* server) {
  mutex_init(&server->lock);
  clients_open(&server->clients);
}

void control_close(struct server* server) {
  clients_close(&server->clients);
  mutex_destroy(&server->lock);
}

void control_forget(struct server* server, u32 port) {
  mutex_lock(&server->lock);
  clients_forget(&server->clients, port);
  mutex_unlock(&server->lock);
}

static void count(struct server* server, u64* counter) {
  mutex_lock(&server->lock);
  ++*counter;
  mutex_unlock(&server->lock);
}

/* `format` begins with the state's name. */
static __printf(2, 3) enum result fail(struct job* job, const char* format, ...) {
  struct state_text* text = &job->request.text;
  va_list arguments;

  va_start(arguments, format);
  text->size = vscnprintf(text->bytes, sizeof(text->bytes), format, arguments);
  va_end(arguments);
  return RESULT_FAILED;
}

static enum result fail_missing(struct job* job) {
  return fail(job, "%s: there is no such state; create it first", job->request.name);
}

/* Of what states.h returns. */
static enum result result_of(struct job* job, int error) {
  const char* name = job->request.name;

  switch (error) {
    case 0:
      return RESULT_DONE;
    case -ENOENT:
      return fail_missing(job);
    case -EEXIST:
      return fail(job, "%s: this state exists already", name);
    case -ENOSPC:
      return fail(job,
                  "%s: there are %u states already, which is the most: more could not be listed; "
                  "destroy one first",
                  name, NFLUA_MAX_STATES);
    case -EBUSY:
      return fail(job,
                  "%s: rules of iptables refer to this state; delete them first (iptables-save "
                  "shows them)",
                  name);
    case -EPERM:
      return fail(job,
                  "%s: in a user namespace of your own, a state's bounds can't be above the "
                  "module's: see /sys/module/xt_lua/parameters",
                  name);
    case -EDQUOT:
      return fail(job,
                  "%s: the states of one user, with the packets that they hold and their timers, "
                  "may not have more bytes: see max_user_bytes in /sys/module/xt_lua/parameters",
                  name);
    case -ENOMEM:
      return fail(job, "%s: not enough memory", name);
    default:
      return fail(job, "%s: error %d", name, -error);
  }
}

static enum result create(struct job* job) {
  const int error = state_create(job->net, job->request.name, job->request.maxalloc);

  if (error != -EINVAL) return result_of(job, error);
  return fail(job, "%s: bytes per state: expected %u to %u", job->request.name,
              NFLUA_MIN_ALLOC_BYTES, U32_MAX);
}

static enum result list(struct job* job) {
  const int error = states_list(job->net, &job->rows, &job->row_count);

  return error ? fail(job, "not enough memory") : RESULT_ROWS;
}

static enum chunk_use use_of(u16 type) {
  if (type == NFLUA_EXECUTE) return CHUNK_EXECUTE;
  return type == NFLUA_RELOAD ? CHUNK_RELOAD : CHUNK_EVALUATE;
}

static bool make_printed(struct job* job) {
  job->printed = kvmalloc(sizeof(*job->printed), GFP_KERNEL_ACCOUNT);
  if (!job->printed) return false;
  job->printed->size = 0;
  return true;
}

static enum result run_chunk(struct job* job, struct state* state) {
  struct request* request = &job->request;
  int error;

  if (!make_printed(job)) return result_of(job, -ENOMEM);
  error = state_run_chunk(state, use_of(request->type), (const char*)request->bytes, request->size,
                          request->script, job->printed, &request->text);
  if (error == -EINVAL) return RESULT_FAILED;
  if (error) return result_of(job, error);
  return request->type == NFLUA_EVALUATE ? RESULT_TEXT : RESULT_DONE;
}

/* The script may write into the message, which others may look at. */
static enum result receive_data(struct job* job, struct state* state) {
  struct request* request = &job->request;
  void* message = kmemdup(request->bytes, request->size, GFP_KERNEL_ACCOUNT);
  int error = -ENOMEM;

  if (message) error = state_receive(state, job->port, message, request->size, &request->text);
  kfree(message);
  if (error == -EINVAL) return RESULT_FAILED;
  return error ? result_of(job, error) : RESULT_UNANSWERED;
}

static enum result tell_state(struct job* job, struct state* state) {
  const int error = stats_write_state(state, &job->request.text);

  return error ? result_of(job, error) : RESULT_TEXT;
}

/* Does that with the state that the request names. */
static enum result with_state(struct job* job, enum result (*act)(struct job*, struct state*)) {
  struct state* state = state_get(job->net, job->request.name);
  enum result result;

  if (!state) return fail_missing(job);
  result = act(job, state);
  state_put(state);
  return result;
}

static enum result tell_server(struct job* job) {
  const unsigned int states = states_count(job->net);

  mutex_lock(&job->server->lock);
  stats_write_server(job->server, states, &job->request.text);
  mutex_unlock(&job->server->lock);
  return RESULT_TEXT;
}

static enum result tell_last_error(struct job* job) {
  mutex_lock(&job->server->lock);
  clients_last_error(&job->server->clients, job->port, &job->request.text);
  mutex_unlock(&job->server->lock);
  return RESULT_TEXT;
}

static enum result tell_printed(struct job* job) {
  if (!make_printed(job)) return fail(job, "not enough memory");
  mutex_lock(&job->server->lock);
  clients_last_printed(&job->server->clients, job->port, job->printed);
  mutex_unlock(&job->server->lock);
  return RESULT_PRINTED;
}

static enum result set_limits(struct job* job, struct state* state) {
  return result_of(job, state_set_limits(state, &job->request.limits));
}

static enum result refuse_bind(struct job* job) {
  const char* name = job->request.name;

  return fail(job,
              "%s: in the kernel, iptables' own rules call a state's functions, not `nflua bind`: "
              "iptables -A FORWARD -m lua --state %s --function match -j DROP",
              name, name);
}

static enum result refuse_unbind(struct job* job) {
  const char* name = job->request.name;

  return fail(job,
              "%s: in the kernel, iptables' own rules call a state's functions; delete them where "
              "they were made: iptables -D FORWARD -m lua --state %s --function match -j DROP",
              name, name);
}

static enum result carry_out(struct job* job) {
  switch (job->request.type) {
    case NFLUA_CREATE:
      return create(job);
    case NFLUA_DESTROY:
      return result_of(job, state_destroy(job->net, job->request.name));
    case NFLUA_LIST:
      return list(job);
    case NFLUA_EXECUTE:
    case NFLUA_RELOAD:
    case NFLUA_EVALUATE:
      return with_state(job, run_chunk);
    case NFLUA_DATA:
      return with_state(job, receive_data);
    case NFLUA_ERROR_TEXT:
      return tell_last_error(job);
    case NFLUA_PRINTED:
      return tell_printed(job);
    case NFLUA_STATS:
      return *job->request.name ? with_state(job, tell_state) : tell_server(job);
    case NFLUA_LIMITS:
      return with_state(job, set_limits);
    case NFLUA_BIND:
      return refuse_bind(job);
    default:
      return refuse_unbind(job);
  }
}

/* Before it is answered: whoever reads the answer may ask for the error's text at once. */
static void keep_result(struct job* job, enum result result) {
  const struct request* request = &job->request;
  struct server* server = job->server;

  // DATA may have failed before other DATA that did not.
  if (is_question_type(request->type) || result == RESULT_UNANSWERED) return;
  mutex_lock(&server->lock);
  if (result == RESULT_FAILED) ++server->counters.failed;
  clients_keep_error(&server->clients, job->port, request->text.bytes,
                     result == RESULT_FAILED ? request->text.size : 0);
  clients_keep_printed(&server->clients, job->port, job->printed);
  mutex_unlock(&server->lock);
}

static bool answer(const struct asked* asked, const struct job* job, enum result result) {
  switch (result) {
    case RESULT_FAILED:
      return answer_failed(asked);
    case RESULT_DONE:
      return answer_done(asked);
    case RESULT_TEXT:
      return answer_text(asked, job->request.text.bytes, job->request.text.size);
    case RESULT_PRINTED:
      return answer_text(asked, job->printed->bytes, job->printed->size);
    case RESULT_ROWS:
      return answer_rows(asked, job->rows, job->row_count);
    default:
      return true;
  }
}

/* What the bytes mean. */
static enum outcome receive(struct job* job, struct view datagram) {
  struct server* server = job->server;
  struct request* request = &job->request;
  const char* why = NULL;
  enum outcome outcome;

  mutex_lock(&server->lock);
  outcome = clients_receive(&server->clients, job->port, datagram, request, &why);
  if (outcome == OUTCOME_REFUSED) {
    ++server->counters.malformed;
    clients_keep_error(&server->clients, job->port, why, strlen(why));
  } else if (outcome == OUTCOME_RECEIVED) {
    ++server->counters.commands;
    server->counters.data += request->type == NFLUA_DATA;
    if (!is_question_type(request->type)) clients_keep_printed(&server->clients, job->port, NULL);
  }
  mutex_unlock(&server->lock);
  return outcome;
}

static void lose_reply(struct server* server, u32 port) {
  count(server, &server->counters.replies_lost);
  control_forget(server, port);
}

static void take(struct job* job, struct asked* asked, struct view datagram) {
  const enum outcome outcome = receive(job, datagram);
  enum result result = RESULT_FAILED;
  bool is_sent;

  if (outcome == OUTCOME_IGNORED) return;
  if (outcome == OUTCOME_RECEIVED) {
    result = carry_out(job);
    keep_result(job, result);
  }
  asked->type = job->request.type;
  is_sent = answer(asked, job, result);
  if (!is_sent) lose_reply(job->server, job->port);
}

/* NULL: memory is short. */
static struct job* start_job(struct server* server, const struct peer* from) {
  struct job* job = kmalloc(sizeof(*job), GFP_KERNEL_ACCOUNT);

  if (!job) return NULL;
  memset(job, 0, offsetof(struct job, request.text.bytes));
  job->server = server;
  job->net = sock_net(from->socket);
  job->port = from->port;
  return job;
}

static void end_job(struct job* job) {
  kvfree(job->rows);
  kvfree(job->printed);
  clients_free_half(&job->request);
  kfree(job);
}

void control_take(struct server* server, const struct peer* from, struct view datagram) {
  const struct nlmsghdr* header = request_header(datagram);
  struct asked asked = {.socket = from->socket, .port = from->port};
  struct job* job;

  if (!header) return;
  asked.number = header->nlmsg_seq;
  job = from->is_served ? start_job(server, from) : NULL;
  if (job) {
    take(job, &asked, datagram);
    end_job(job);
    return;
  }
  if (!from->is_served) count(server, &server->counters.refused_senders);
  if (!answer_failed(&asked)) count(server, &server->counters.replies_lost);
}
