// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/stats_page.hpp"

#include <fmt/format.h>

#include "control/counters.h"
#include "datapath/queue/place_counters.hpp"
#include "engine/counters.h"

namespace nflua::cli {

namespace {

constexpr const char* kIntroduction = R"(# What is counted

This page has the keys of `nflua stats --json`, and the rows of the tables that `replay`, `run` and `stats` print. A
table leaves out rows that are 0. All count from the start of the state, the place or the server, and are 64 bits wide.
The keys that are named here stay, and new ones may come. The [glossary](glossary.md) defines the words. (`make docs`
writes this page from the lists that the program is built from.)
)";

constexpr const char* kState = R"(
## A state

`nflua stats STATE` prints these, for the daemon and for the kernel module alike.

| Key | In tables | Counts |
|---|---|---|
| `bytes_used` | bytes in Lua | Bytes that the state's Lua objects take now, in all replicas. |
| `timers_armed` | timers armed | Timers that are armed now. |
| `packets_held` | | Packets that the script holds now. |
)";

constexpr const char* kStateEnd = R"(
In the daemon, `replicas` is the number of workers, each of which has the state once, and `rules` lists the rules:
`place`, `kind` (match or target), `function`, `calls`, `packets` and `bytes` that it decided, `errors`. In the module,
`iptables_rules` is the number of rules that name the state, and `busy` counts packets that no callback saw because a
chunk was running in the state, or because an [ordinary user's](kernel.md#ordinary-users) share of time was used up.
`limits` has the bounds in force, named as their options.
)";

constexpr const char* kPlace = R"(
## A place

A place is a hook or a range of queues that the daemon serves. `nflua stats` without a name prints these, in the list
`places`. `place` is its name, `served_by` its queues, `rules` how many rules are bound there.

| Key | In tables | Counts |
|---|---|---|
| `packets`, `bytes` | packets, bytes | Packets that came to the place, and their bytes on the wire. |
| `verdicts` | accept, drop … | Packets by verdict. |
| `not_ip` | not IP | Packets that are neither IPv4 nor IPv6, which pass. |
| `outside_filter` | outside --filter | Packets outside `--filter`, which pass. |
| `drained` | drained | Packets that came while the run ended, so that `--fail` decided. |
| `held_sent` | sent later | Held packets that were sent. |
| `held_failed` | failed to send | Held packets that could not be sent and were dropped. |
| `held_closed` | closed | Held packets that were closed, and so dropped. |
| `verdicts_refused` | verdicts refused | Verdicts for packets that the kernel had let go of. |
| `verdicts_not_sent` | verdicts not sent | Verdicts that could not be sent. |
)";

constexpr const char* kServer = R"(
## A server

A server is the daemon, or the module in one network namespace. `nflua stats` without a name prints these. `port` is its
netlink port, `states` and `clients` are how many there are now. The daemon also has `workers` and `places`.

| Key | Counts |
|---|---|
| `data_refused` | Messages refused because too many waited for their state (daemon only). |
)";

void add_row(std::string& out, const char* key, std::string_view caption, const char* meaning) {
  const size_t start = std::min(caption.find_first_not_of(' '), caption.size());
  out += fmt::format("| `{}` | {}| {} |\n", key,
                     caption.empty() ? "" : fmt::format("{} ", caption.substr(start)), meaning);
}

void add_row(std::string& out, const char* key, const char* meaning) {
  out += fmt::format("| `{}` | {} |\n", key, meaning);
}

}  // namespace

std::string stats_page() {
  std::string out = kIntroduction;
#define NFLUA_COUNTER(key, caption, remark, meaning) add_row(out, #key, caption, meaning);
  out += kState;
  NFLUA_STATE_COUNTERS(NFLUA_COUNTER)
  out += kStateEnd;
  out += kPlace;
  NFLUA_PLACE_COUNTERS(NFLUA_COUNTER)
#undef NFLUA_COUNTER
#define NFLUA_COUNTER(key, meaning) add_row(out, #key, meaning);
  out += kServer;
  NFLUA_SERVER_COUNTERS(NFLUA_COUNTER)
  NFLUA_DAEMON_COUNTERS(NFLUA_COUNTER)
#undef NFLUA_COUNTER
  return out;
}

}  // namespace nflua::cli
