// SPDX-License-Identifier: GPL-2.0-or-later
// iptables' plug-in for `-j LUA`, IPv4 and IPv6.
#include "iptables/options.h"

static const struct xt_option_entry entries[] = OPTIONS(XTOPT_MAND);

static void help(void) { options_help("LUA target"); }

static void save(const void* ip, const struct xt_entry_target* target) {
  (void)ip;
  options_save((const struct xt_lua_info*)target->data);
}

static void print(const void* ip, const struct xt_entry_target* target, int numeric) {
  (void)numeric;
  save(ip, target);
}

static struct xtables_target lua_target = {
    .version = XTABLES_VERSION,
    .name = "LUA",
    .revision = 0,
    .family = NFPROTO_UNSPEC,
    .size = XT_ALIGN(sizeof(struct xt_lua_info)),
    .userspacesize = offsetof(struct xt_lua_info, rule),
    .help = help,
    .print = print,
    .save = save,
    .x6_parse = options_parse,
    .x6_options = entries,
};

// As in libxt_lua.c.
__attribute__((constructor)) static void register_lua_target(void) {
  xtables_register_target(&lua_target);
}
