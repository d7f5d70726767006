// SPDX-License-Identifier: GPL-2.0-or-later
#include "iptables/options.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

void options_help(const char* title) {
  printf(
      "%s options:\n"
      "  --state NAME       state whose function is called: `nflua create NAME --kernel` made it\n"
      "  --function NAME    its global function; looked up at each packet\n"
      "  --tcp-payload      only for TCP packets that carry payload, others are passed over\n",
      title);
}

// iptables-save writes a rule on one line.
static bool is_printable(const char* name) {
  while (*name != '\0' && !iscntrl((unsigned char)*name)) ++name;
  return *name == '\0';
}

static void refuse(const struct xt_option_call* call, const char* what) {
  xtables_error(PARAMETER_PROBLEM, "%s: '--%s' %s", call->ext_name, call->entry->name, what);
}

static void parse_name(const struct xt_option_call* call, char name[XT_LUA_NAME_BYTES]) {
  if (*call->arg == '\0') refuse(call, "is empty");
  if (strlen(call->arg) >= XT_LUA_NAME_BYTES) refuse(call, "is too long (63 bytes at most)");
  if (!is_printable(call->arg)) refuse(call, "has control characters");
  strcpy(name, call->arg);
}

void options_parse(struct xt_option_call* call) {
  struct xt_lua_info* info = call->data;

  xtables_option_parse(call);
  switch (call->entry->id) {
    case OPTION_STATE:
      parse_name(call, info->state);
      break;
    case OPTION_FUNCTION:
      parse_name(call, info->function);
      break;
    case OPTION_TCP_PAYLOAD:
      info->flags |= XT_LUA_TCP_PAYLOAD;
      break;
  }
}

void options_save(const struct xt_lua_info* info) {
  printf(" --state");
  xtables_save_string(info->state);
  printf(" --function");
  xtables_save_string(info->function);
  if (info->flags & XT_LUA_TCP_PAYLOAD) printf(" --tcp-payload");
}
