// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/kernel/world.h"

#include "datapath/kernel/hook.h"

#include <linux/ctype.h>
#include <linux/netfilter/x_tables.h>

#include "datapath/kernel/accounts.h"
#include "datapath/kernel/conntrack.h"
#include "datapath/kernel/outbox.h"
#include "datapath/kernel/packet.h"
#include "datapath/kernel/states.h"
#include "iptables/xt_lua.h"

/* How often a packet may enter its hook again: kMaxRepeats in engine/limits.hpp. */
#define MAX_REPEATS 64

static struct offered_packet offer(const struct sk_buff* skb, const struct xt_action_param* par,
                                   struct state* state) {
  /* A match gets it to look at. But what a script may change without harm, the mark and the bytes
   * before the IP header, it may change in a match too. */
  return (struct offered_packet){.view = {.skb = (struct sk_buff*)skb, .hook = par->state},
                                 .state = state};
}

static bool is_for(const struct xt_lua_info* info, struct offered_packet* packet) {
  return !(info->flags & XT_LUA_TCP_PAYLOAD) || vm_carries_tcp_payload(packet->state->vm, packet);
}

static bool match(const struct sk_buff* skb, struct xt_action_param* par) {
  const struct xt_lua_info* info = par->matchinfo;
  struct state* state = info->rule;
  struct offered_packet packet = offer(skb, par, state);
  enum vm_match_answer answer = VM_NO;

  packet.view.is_in_match = true;
  if (!state_begin_call(state)) return false;
  state->judged = &packet.view;
  if (is_for(info, &packet)) answer = vm_match(state->vm, info->function, &packet);
  state->judged = NULL;
  state_end_call(state);
  view_end(&packet.view);
  par->hotdrop = answer == VM_HOTDROP;
  return answer == VM_YES;
}

/* The packet outlasts this call. Errors: a static text; it is lost. */
static const char* keep_connection(enum vm_verdict verdict, struct offered_packet* packet) {
  const enum nflua_way way = verdict == VM_STOP ? NFLUA_WAY_ON : NFLUA_WAY_BACK;
  const char* error = nflua_connection_keep(packet->view.skb, packet->view.hook, way);

  packet->is_lost = error;
  return error;
}

/* Both leave the hook behind: what is left of it must not see the packet. Errors: a static text. */
static const char* send_away(enum vm_verdict verdict, struct offered_packet* packet,
                             unsigned int times) {
  struct sk_buff* skb = packet->view.skb;
  const char* error = keep_connection(verdict, packet);
  struct place place;

  if (error) return error;
  packet->is_lost = !place_keep(&place, packet->view.hook, skb);
  if (packet->is_lost) return "its route no longer exists: dropped";
  error = verdict == VM_STOP ? outbox_go_on(skb, &place) : outbox_go_again(skb, &place, times);
  if (error) place_release(&place);
  return error;
}

/* What the hook can answer. Under the state's lock. */
static enum vm_verdict carry_out(enum vm_verdict verdict, struct offered_packet* packet,
                                 const char* function) {
  const unsigned int times = outbox_times(packet->view.skb) + 1;
  const char* error;

  if (verdict != VM_REPEAT && verdict != VM_STOP && verdict != VM_QUEUE) return verdict;
  if (verdict == VM_REPEAT && times > MAX_REPEATS)
    error = "packet repeated more than 64 times: dropped";
  else if (verdict == VM_QUEUE)
    error = keep_connection(verdict, packet);
  else
    error = send_away(verdict, packet, times);
  if (!error) return verdict == VM_QUEUE ? VM_QUEUE : VM_STOLEN;
  vm_report_error(packet->state->vm, function, error);
  return VM_DROP;
}

static unsigned int netfilter_verdict(enum vm_verdict verdict, u16 queue) {
  switch (verdict) {
    case VM_ACCEPT:
      return NF_ACCEPT;
    case VM_DROP:
      return NF_DROP;
    case VM_STOLEN:
      return NF_STOLEN;
    case VM_QUEUE:
      return NF_QUEUE_NR(queue);
    default:
      return XT_CONTINUE;
  }
}

static unsigned int target(struct sk_buff* skb, const struct xt_action_param* par) {
  const struct xt_lua_info* info = par->targinfo;
  struct state* state = info->rule;
  struct offered_packet packet = offer(skb, par, state);
  enum vm_verdict verdict = VM_CONTINUE;
  u16 queue = 0;

  if (!state_begin_call(state)) return XT_CONTINUE;
  state->judged = &packet.view;
  if (is_for(info, &packet)) {
    verdict = vm_target(state->vm, info->function, &packet, &queue);
    verdict = carry_out(verdict, &packet, info->function);
  }
  state->judged = NULL;
  state_end_call(state);
  view_end(&packet.view);
  return packet.is_lost ? NF_DROP : netfilter_verdict(verdict, queue);
}

/* Both names may be told by the kernel's log. */
static bool is_name(const char name[XT_LUA_NAME_BYTES]) {
  const size_t size = strnlen(name, XT_LUA_NAME_BYTES);
  size_t i;

  for (i = 0; i < size; ++i) {
    if (iscntrl(name[i])) return false;
  }
  return size > 0 && size < XT_LUA_NAME_BYTES;
}

static int begin_rule(struct xt_lua_info* info, struct net* net) {
  if (!is_name(info->state) || !is_name(info->function) || info->flags & ~XT_LUA_TCP_PAYLOAD)
    return -EINVAL;
  info->rule = state_get_for_rule(net, info->state);
  if (info->rule) return 0;
  /* The original's errno, which its users know. It does not say what is missing. */
  if (!is_ordinary_users(net))
    pr_info_ratelimited("%s: a rule is refused, as there is no such state; create it first\n",
                        info->state);
  return -EPERM;
}

static int begin_match(const struct xt_mtchk_param* par) {
  return begin_rule(par->matchinfo, par->net);
}

static int begin_target(const struct xt_tgchk_param* par) {
  return begin_rule(par->targinfo, par->net);
}

static void end_match(const struct xt_mtdtor_param* par) {
  state_put_of_rule(((struct xt_lua_info*)par->matchinfo)->rule);
}

static void end_target(const struct xt_tgdtor_param* par) {
  state_put_of_rule(((struct xt_lua_info*)par->targinfo)->rule);
}

#define LUA_MATCH(of_family)                                                       \
  {                                                                                \
    .name = "lua", .family = of_family, .match = match, .checkentry = begin_match, \
    .destroy = end_match, .matchsize = sizeof(struct xt_lua_info),                 \
    .usersize = offsetof(struct xt_lua_info, rule), .me = THIS_MODULE              \
  }
#define LUA_TARGET(of_family)                                                         \
  {                                                                                   \
    .name = "LUA", .family = of_family, .target = target, .checkentry = begin_target, \
    .destroy = end_target, .targetsize = sizeof(struct xt_lua_info),                  \
    .usersize = offsetof(struct xt_lua_info, rule), .me = THIS_MODULE                 \
  }

static struct xt_match matches[] = {LUA_MATCH(NFPROTO_IPV4), LUA_MATCH(NFPROTO_IPV6)};
static struct xt_target targets[] = {LUA_TARGET(NFPROTO_IPV4), LUA_TARGET(NFPROTO_IPV6)};

int hook_open(void) {
  int error = xt_register_matches(matches, ARRAY_SIZE(matches));

  if (error) return error;
  error = xt_register_targets(targets, ARRAY_SIZE(targets));
  if (error) xt_unregister_matches(matches, ARRAY_SIZE(matches));
  return error;
}

void hook_close(void) {
  xt_unregister_targets(targets, ARRAY_SIZE(targets));
  xt_unregister_matches(matches, ARRAY_SIZE(matches));
}
