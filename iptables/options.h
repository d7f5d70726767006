/* SPDX-License-Identifier: GPL-2.0-or-later
 * The options that `-m lua` and `-j LUA` share. libxtables finds them in a table by their number,
 * and itself refuses an option that is unknown, given twice, inverted or without its value.
 */
#ifndef NFLUA_IPTABLES_OPTIONS_H
#define NFLUA_IPTABLES_OPTIONS_H

#include <xtables.h>

#include "iptables/xt_lua.h"

enum { OPTION_STATE, OPTION_FUNCTION, OPTION_TCP_PAYLOAD };

/* A table of them; `of_names`: XTOPT_… of the two that name something. */
#define OPTIONS(of_names)                                                                        \
  {                                                                                              \
    {.name = "state", .type = XTTYPE_STRING, .id = OPTION_STATE, .flags = (of_names)},           \
        {.name = "function", .type = XTTYPE_STRING, .id = OPTION_FUNCTION, .flags = (of_names)}, \
        {.name = "tcp-payload", .type = XTTYPE_NONE, .id = OPTION_TCP_PAYLOAD}, XTOPT_TABLEEND   \
  }

void options_help(const char* title);
/* Errors: ends the program with a message. */
void options_parse(struct xt_option_call* call);
/* As a command line takes them. */
void options_save(const struct xt_lua_info* info);

#endif
