// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/hooks.hpp"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>

#include <iterator>

#include "datapath/parse_number.hpp"

namespace nflua::queue {

namespace {

constexpr const char* kHookNames[] = {"prerouting", "input", "forward", "output", "postrouting"};
static_assert(NF_INET_PRE_ROUTING == 0 && NF_INET_POST_ROUTING == std::size(kHookNames) - 1);

struct PriorityName {
  std::string_view name;
  int32_t value;
};
constexpr PriorityName kPriorityNames[] = {
    {"raw", NF_IP_PRI_RAW},       {"mangle", NF_IP_PRI_MANGLE},     {"dstnat", NF_IP_PRI_NAT_DST},
    {"filter", NF_IP_PRI_FILTER}, {"security", NF_IP_PRI_SECURITY}, {"srcnat", NF_IP_PRI_NAT_SRC},
};

std::optional<int32_t> parse_signed(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  return parse_number<int32_t>(text);
}

}  // namespace

const char* hook_name(unsigned hook) {
  return hook < std::size(kHookNames) ? kHookNames[hook] : nullptr;
}

std::optional<unsigned> find_hook(std::string_view name) {
  for (unsigned hook = 0; hook < std::size(kHookNames); ++hook)
    if (name == kHookNames[hook]) return hook;
  return {};
}

std::optional<uint8_t> find_family(std::string_view name) {
  if (name == "inet") return NFPROTO_INET;
  if (name == "ip") return NFPROTO_IPV4;
  if (name == "ip6") return NFPROTO_IPV6;
  return {};
}

std::optional<int32_t> parse_priority(std::string_view text) {
  for (const PriorityName& known : kPriorityNames) {
    if (!text.starts_with(known.name)) continue;
    const std::string_view rest = text.substr(known.name.size());
    if (rest.empty()) return known.value;
    const std::optional<int32_t> offset = parse_signed(rest);
    int32_t sum = 0;
    if (!offset || (rest[0] != '+' && rest[0] != '-')) return {};
    return __builtin_add_overflow(known.value, *offset, &sum) ? std::nullopt : std::optional(sum);
  }
  return parse_signed(text);
}

}  // namespace nflua::queue
