// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/queue_options.hpp"

#include <fmt/format.h>
#include <linux/netfilter.h>
#include <net/if.h>

#include "cli/command_failure.hpp"
#include "cli/filter_option.hpp"
#include "cli/option_values.hpp"
#include "datapath/parse_number.hpp"
#include "datapath/queue/hooks.hpp"

namespace nflua::cli {

namespace {

constexpr const char* kPlaceGroup = "Where";
constexpr uint32_t kMaxQueueLength = 1 << 20;

[[noreturn]] void usage_error(const std::string& message) { throw CommandFailure(kUsage, message); }

uint16_t parse_queue_number(const std::string& option, std::string_view text) {
  const std::optional<uint16_t> number = parse_number<uint16_t>(text);
  if (!number)
    usage_error(
        fmt::format("--queue {}: expected a number from 0 to 65535, or a range as 0-3", option));
  return *number;
}

/// Where a packet's way in, or out, is not known at a hook, no packet would ever match.
void check_device(const char* option, const std::string& name, bool is_known) {
  if (!name.empty() && !is_known)
    usage_error(
        fmt::format("{} {}: packets at this hook have no such device; expected another "
                    "--hook, or none of this option",
                    option, name));
  if (name.size() >= IFNAMSIZ)
    usage_error(
        fmt::format("{} '{}': a device's name has {} bytes at most", option, name, IFNAMSIZ - 1));
}

}  // namespace

queue::QueueRange parse_queues(const std::string& text) {
  const size_t dash = text.find('-');
  const uint16_t first = parse_queue_number(text, std::string_view(text).substr(0, dash));
  if (dash == text.npos) return {first, 1};
  const uint16_t last = parse_queue_number(text, std::string_view(text).substr(dash + 1));
  if (last < first || last - first >= int(queue::kMaxWorkers))
    usage_error(fmt::format("--queue {}: expected a range of 1 to {} queues, as 0-3", text,
                            queue::kMaxWorkers));
  return {first, uint16_t(last - first + 1)};
}

unsigned parse_hook(const std::string& name) {
  const std::optional<unsigned> hook = queue::find_hook(name);
  if (!hook)
    usage_error(fmt::format(
        "--hook '{}': expected prerouting, input, forward, output or postrouting", name));
  return *hook;
}

void QueueOptions::add_placement(CLI::App& command) {
  CLI::Option* queue = command
                           .add_option("--queue", queue_,
                                       "Serve these NFQUEUEs, which your own rules send packets to")
                           ->type_name("N[-M]")
                           ->group(kPlaceGroup);
  hook_option_ =
      command
          .add_option("--hook", hook_,
                      "Queue packets at this hook by a rule that nflua makes, in an nft table that "
                      "ends with the process: prerouting, input, forward, output, postrouting")
          ->type_name("HOOK")
          ->group(kPlaceGroup)
          ->excludes(queue);
  const auto add = [&](const char* name, auto& value, const char* type, const char* text) {
    command.add_option(name, value, text)->type_name(type)->group(kPlaceGroup)->needs(hook_option_);
  };
  add("--family", family_, "FAMILY", "inet (IPv4 and IPv6; the default), ip or ip6");
  add("--priority", priority_, "P",
      "The place among the hook's chains: a number, or raw, mangle, dstnat, filter (the default), "
      "security or srcnat, which +N or -N may follow");
  add("--in-interface", in_interface_, "DEVICE",
      "Only packets that came in by this device; eth* or eth+ means all whose name begins so");
  add("--out-interface", out_interface_, "DEVICE", "Only packets that will go out by this device");
}

void QueueOptions::add_workers_to(CLI::App& command) {
  add_number(command, "--workers", workers_, 1, queue::kMaxWorkers)
      ->description(
          "Threads, each with a queue and a replica of the state; a connection stays with one of "
          "them")
      ->group(kPlaceGroup)
      ->needs(hook_option_);
}

void QueueOptions::add_service(CLI::App& command) {
  command
      .add_option("--filter", filter_,
                  "Show the script only packets that match this capture filter (pcap-filter(7), "
                  "without link-layer terms), and let others through")
      ->type_name("EXPRESSION");
  add_choice(command, "--fail", fail_, {"open", "closed"})
      ->description(
          "What happens to packets when the script cannot decide, because the queue is full or "
          "the process is gone: they pass (open, the default) or are dropped (closed)")
      ->type_name("open|closed");
  add_number(command, "--snaplen", snap_length_, 1, queue::kMaxSnapLength)
      ->description(fmt::format("Bytes of each packet that the script sees ({}, which is all that "
                                "the kernel shows and the "
                                "default); fewer take less time",
                                bounds_text(1, queue::kMaxSnapLength)));
  add_number(command, "--queue-maxlen", max_length_, 1, kMaxQueueLength)
      ->description(
          "Packets that may wait in a queue, held ones included (default 2048); larger values "
          "absorb bursts but add latency");
  add_choice(command, "--connid", connid_, {"auto", "early", "late"})
      ->description(
          "When connid() knows a connection, on a kernel that does not tell it with the packet. "
          "early: from its first packet on, by way of the packet's priority, which is lost; "
          "late: once its first packet has passed; auto (the default): early with --hook "
          "prerouting, input and forward, else late")
      ->type_name("auto|early|late");
  command.add_flag(
      "--notrack", notrack_,
      "Don't switch connection tracking on, which saves time: connid() then finds none");
}

void QueueOptions::add_to(CLI::App& command) {
  command_name_ = command.get_name();
  add_placement(command);
  add_service(command);
}

queue::Placement QueueOptions::placement() const {
  const unsigned hook = parse_hook(hook_);
  const std::optional<int32_t> priority = queue::parse_priority(priority_);
  if (!priority)
    usage_error(
        fmt::format("--priority '{}': expected a number, or raw, mangle, dstnat, filter, "
                    "security or srcnat, as filter+10",
                    priority_));
  const bool before_routing = hook == NF_INET_PRE_ROUTING || hook == NF_INET_LOCAL_IN;
  check_device("--in-interface", in_interface_, hook != NF_INET_LOCAL_OUT);
  check_device("--out-interface", out_interface_, !before_routing);
  queue::Placement placement;
  placement.hook = hook;
  placement.priority = *priority;
  placement.in_device = in_interface_;
  placement.out_device = out_interface_;
  placement.fail_open = fail_ == "open";
  return placement;
}

queue::PlaceOptions QueueOptions::place_options() const {
  if (queue_.empty() && hook_.empty())
    usage_error(
        fmt::format("expected --queue N, to serve your own rules, or --hook HOOK, for one of ours; "
                    "see `nflua help {}`",
                    command_name_));
  queue::PlaceOptions options;
  const std::optional<uint8_t> family = queue::find_family(family_);
  if (!family) usage_error(fmt::format("--family '{}': expected inet, ip or ip6", family_));
  options.family = *family;
  options.queue.fail_open = fail_ == "open";
  options.queue.snap_length = snap_length_;
  options.queue.max_length = max_length_;
  options.track = !notrack_;
  if (connid_ == "early") options.id_wish = queue::IdWish::early;
  if (connid_ == "late") options.id_wish = queue::IdWish::late;
  if (hook_.empty())
    options.queues = parse_queues(queue_);
  else
    options.placement = placement();
  if (!filter_.empty()) {
    options.filter = filter_;
    options.filter_program = std::make_shared<const BpfProgram>(compile_filter(filter_));
  }
  return options;
}

unsigned QueueOptions::workers() const {
  return hook_.empty() ? parse_queues(queue_).count : workers_;
}

}  // namespace nflua::cli
