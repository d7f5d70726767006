// SPDX-License-Identifier: GPL-2.0-or-later
// A packet's priority (skb->priority) before our rule wrote the connection's id over it.
#pragma once

#include <cstdint>

#include "engine/bytes.hpp"

namespace nflua::queue {

/// In FORWARD, IPv4 sets it from the type of service; elsewhere it is 0 unless a VLAN's ingress map
/// or tc set it. Source: ip_forward() and rt_tos2priority() in the kernel.
uint32_t original_priority(unsigned hook, Bytes packet);

}  // namespace nflua::queue
