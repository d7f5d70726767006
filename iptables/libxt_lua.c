// SPDX-License-Identifier: GPL-2.0-or-later
// iptables' plug-in for `-m lua`, IPv4 and IPv6.
#include <stdio.h>

#include "iptables/options.h"

// Not XTOPT_MAND: `check` words what is missing as the original does.
static const struct xt_option_entry entries[] = OPTIONS(0);

static void help(void) { options_help("lua match"); }

static void check(struct xt_fcheck_call* call) {
  for (const struct xt_option_entry* entry = entries; entry->type == XTTYPE_STRING; ++entry)
    if (!(call->xflags & 1U << entry->id))
      xtables_error(PARAMETER_PROBLEM, "%s: '--%s' is mandatory", call->ext_name, entry->name);
}

static void save(const void* ip, const struct xt_entry_match* match) {
  (void)ip;
  options_save((const struct xt_lua_info*)match->data);
}

static void print(const void* ip, const struct xt_entry_match* match, int numeric) {
  (void)numeric;
  printf(" lua");
  save(ip, match);
}

static struct xtables_match lua_match = {
    .version = XTABLES_VERSION,
    .name = "lua",
    .revision = 0,
    .family = NFPROTO_UNSPEC,
    .size = XT_ALIGN(sizeof(struct xt_lua_info)),
    .userspacesize = offsetof(struct xt_lua_info, rule),
    .help = help,
    .print = print,
    .save = save,
    .x6_parse = options_parse,
    .x6_fcheck = check,
    .x6_options = entries,
};

// Not named _init: outside iptables' own tree that is only a function which nobody calls.
__attribute__((constructor)) static void register_lua_match(void) {
  xtables_register_match(&lua_match);
}
