// SPDX-License-Identifier: GPL-2.0-or-later
/* What clients have a state do: chunks and messages, in the task of who sent them. */
#include "datapath/kernel/world.h"

#include <linux/sched/signal.h>
#include <linux/string.h>
#include <net/netfilter/nf_conntrack.h>

#include "datapath/kernel/states.h"

/* Connections are tracked where someone asks for it. Whoever calls conn.find() or connid() does,
 * and says `conn` in the chunk. Registering hooks sleeps, so it can't wait for the call. */
static void track_connections_for(struct state* state, const char* chunk, size_t size) {
  if (state->wants_conntrack || !strnstr(chunk, "conn", size)) return;
  state->wants_conntrack = nf_ct_netns_get(state->net, NFPROTO_INET) == 0;
}

static void keep_text(const struct vm* vm, struct state_text* text) {
  const char* last = vm_last_text(vm, &text->size);

  text->size = min(text->size, sizeof(text->bytes));
  memcpy(text->bytes, last, text->size);
}

static void append(struct state_printed* printed, const char* text, size_t size) {
  static const char cut_off[] = {'.', '.', '.', '\n'};
  const size_t room = sizeof(printed->bytes) - printed->size;
  const size_t taken = min(size, room);

  memcpy(printed->bytes + printed->size, text, taken);
  printed->size += taken;
  if (size > room)
    memcpy(printed->bytes + sizeof(printed->bytes) - sizeof(cut_off), cut_off, sizeof(cut_off));
}

void state_keep_printed(struct state* state, const char* text, size_t size) {
  if (!state->printed) return;
  append(state->printed, text, size);
  append(state->printed, "\n", 1);
}

/* A client in the original's protocol is told no reason: so the log is. Whoever evaluates gets it.
 */
static void log_failure(struct state* state, enum chunk_use use, const char* chunk_name,
                        const struct state_text* text) {
  if (use == CHUNK_EVALUATE) return;
  host_report(state, *chunk_name ? chunk_name : "chunk", text->bytes, text->size);
}

/* What follows is under state->lock, which the VM lets go of now and then (host_pause). */
static int run_in_place(struct state* state, enum chunk_use use, const char* chunk, size_t size,
                        const char* chunk_name, struct state_text* text) {
  bool ok;

  state->is_loading = true;
  if (use == CHUNK_EXECUTE)
    ok = vm_load(state->vm, chunk, size, chunk_name);
  else
    ok = vm_evaluate(state->vm, chunk, size, chunk_name);
  state->is_loading = false;
  keep_text(state->vm, text);
  return ok ? 0 : -EINVAL;
}

/* Meanwhile the old VM goes on, but while one asks the other. */
static bool load_next(struct state* state, const char* chunk, size_t size, const char* chunk_name) {
  bool ok = vm_load(state->next, chunk, size, chunk_name);

  if (!ok) return false;
  state->is_loading = true;
  ok = vm_take_over(state->next, state->vm);
  state->is_loading = false;
  return ok;
}

static int reload(struct state* state, const char* chunk, size_t size, const char* chunk_name,
                  struct state_text* text) {
  const char* why = "";
  struct vm_limits limits;
  struct vm* over;
  bool ok;

  vm_get_limits(state->vm, &limits);
  state->next = vm_create(state, state->name, &limits, &why);
  if (!state->next) return -ENOMEM;
  ok = load_next(state, chunk, size, chunk_name);
  keep_text(state->next, text);
  over = ok ? state->vm : state->next;
  if (ok) state->vm = state->next;
  state->next = NULL;
  vm_close(over);
  return ok ? 0 : -EINVAL;
}

/* For a while there are two VMs. */
static int reload_on_account(struct state* state, const char* chunk, size_t size,
                             const char* chunk_name, struct state_text* text) {
  int error;

  if (!account_take(state->account, state->maxalloc)) return -EDQUOT;
  error = reload(state, chunk, size, chunk_name, text);
  account_give_back(state->account, state->maxalloc);
  return error;
}

int state_run_chunk(struct state* state, enum chunk_use use, const char* chunk, size_t size,
                    const char* chunk_name, struct state_printed* printed,
                    struct state_text* text) {
  int error = -ENOENT;

  text->size = 0;
  if (mutex_lock_killable(&state->chunk_mutex)) return -EINTR;
  if (READ_ONCE(state->vm)) track_connections_for(state, chunk, size);
  if (!state_enter(state)) goto out;
  state->printed = printed;
  if (use == CHUNK_RELOAD)
    error = reload_on_account(state, chunk, size, chunk_name, text);
  else
    error = run_in_place(state, use, chunk, size, chunk_name, text);
  state->printed = NULL;
  state_leave(state);
  if (error == -EINVAL) log_failure(state, use, chunk_name, text);
out:
  mutex_unlock(&state->chunk_mutex);
  return error;
}

/* The lock is the caller's of state_run_chunk, down there on this very stack. What the old VM of a
 * reload prints meanwhile is no print of the chunk. */
bool host_pause(struct state* state) {
  struct state_printed* printed = state->printed;

  state->printed = NULL;
  state_leave(state);
  cond_resched();
  spin_lock_bh(&state->lock);
  state->printed = printed;
  return !fatal_signal_pending(current);
}

int state_receive(struct state* state, u32 port, void* message, size_t size,
                  struct state_text* text) {
  int error = -ENOENT;

  text->size = 0;
  if (mutex_lock_killable(&state->chunk_mutex)) return -EINTR;
  if (state_enter(state)) {
    error = vm_receive(state->vm, port, message, size) ? 0 : -EINVAL;
    if (error) keep_text(state->vm, text);
    state_leave(state);
  }
  mutex_unlock(&state->chunk_mutex);
  return error;
}
