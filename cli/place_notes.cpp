// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/place_notes.hpp"

#include <fmt/format.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <net/if.h>

#include <cerrno>
#include <memory>
#include <string_view>

#include "cli/live_output.hpp"
#include "support/errno_text.hpp"

namespace nflua::cli {

namespace {

/// `pattern` may end in * or + for any rest.
bool is_device(std::string_view pattern) {
  struct Deleter {
    void operator()(struct if_nameindex* devices) const { if_freenameindex(devices); }
  };
  const bool is_prefix = pattern.ends_with('*') || pattern.ends_with('+');
  if (is_prefix) pattern.remove_suffix(1);
  const std::unique_ptr<struct if_nameindex, Deleter> devices(if_nameindex());
  for (const auto* device = devices.get(); device && device->if_name; ++device) {
    const std::string_view name = device->if_name;
    if (is_prefix ? name.starts_with(pattern) : name == pattern) return true;
  }
  return false;
}

void note_device(std::vector<std::string>& notes, const char* option, const std::string& name) {
  if (name.empty() || is_device(name)) return;
  notes.push_back(
      fmt::format("{} {}: this machine has no such device now (`ip link` lists them); no packet "
                  "meets the rules until it has one",
                  option, name));
}

}  // namespace

std::string accounting_note(const queue::Accounting& accounting) {
  if (accounting.is_switched_on())
    return "accounting of connections was off: switched on (net.netfilter.nf_conntrack_acct) until "
           "the last nflua here ends; connections older than that have no counters";
  if (accounting.refusal() == 0) return {};
  return fmt::format(
      "accounting of connections is off, and can't be switched on "
      "(net.netfilter.nf_conntrack_acct: {}), so conn.traffic finds no counters; if they are "
      "wanted, set it to 1 for this network namespace from where /proc/sys is writable, as by an "
      "option of the container",
      errno_text(accounting.refusal()));
}

std::vector<std::string> device_notes(const queue::PlaceOptions& place) {
  std::vector<std::string> notes;
  if (!place.placement) return notes;
  note_device(notes, "--in-interface", place.placement->in_device);
  note_device(notes, "--out-interface", place.placement->out_device);
  return notes;
}

std::string filter_note(const queue::Place& place) {
  if (place.has_program_in_rule())
    return "--filter: nft has no expressions for this one, so that a ruleset saved with nft while "
           "nflua runs can't be loaded again as a whole (docs/queue.md, A saved ruleset)";
  if (!place.options().placement || !place.filters_here()) return {};
  const BpfProgram& program = *place.options().filter_program;
  const std::string why = program.has_loop()
                              ? "has a loop, and the kernel's match takes none"
                              : fmt::format("has {} instructions, and the kernel's match takes {}",
                                            program.size(), queue::kMaxKernelFilter);
  return fmt::format("--filter {}: packets outside it are let through here instead", why);
}

// The kernel refuses any message of its own to who lacks the capability. This one asks to bind to
// no queue.
void say_about_permission() {
  Outcome<queue::NetlinkSocket> socket = queue::NetlinkSocket::open(NETLINK_NETFILTER);
  if (!socket) return say("{}", socket.failure().message());
  queue::NetfilterMessage message(NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_CONFIG, NLM_F_ACK, AF_UNSPEC,
                                  0);
  const nfqnl_msg_config_cmd command{NFQNL_CFG_CMD_PF_UNBIND, 0, 0};
  mnl_attr_put(message.header(), NFQA_CFG_CMD, sizeof command, &command);
  if (socket->request(*message.header()) != EPERM) return;
  say("daemon: no CAP_NET_ADMIN in this network namespace: states run, but `nflua bind` will be "
      "refused; use sudo, or try inside `unshare -Urn`");
}

}  // namespace nflua::cli
