// SPDX-License-Identifier: GPL-2.0-or-later
// Names of Netfilter's hooks and of nft's families and priorities.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nflua::queue {

/// "prerouting" … for NF_INET_PRE_ROUTING …; nullptr for another number.
const char* hook_name(unsigned hook);
std::optional<unsigned> find_hook(std::string_view name);

/// "inet" "ip" "ip6" as NFPROTO_…
std::optional<uint8_t> find_family(std::string_view name);

/// A number, or a name of nft's ("filter", "raw", "mangle", "dstnat", "security", "srcnat") with
/// +N or -N behind it.
std::optional<int32_t> parse_priority(std::string_view text);

}  // namespace nflua::queue
