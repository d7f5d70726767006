// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/priority.hpp"

#include <linux/netfilter.h>
#include <linux/pkt_sched.h>

#include "engine/wire.hpp"

namespace nflua::queue {

namespace {

/// Indexed by the four bits of RFC 1349 that are left of a type of service, its lowest bit cut off.
/// Source: ip_tos2prio[] in net/ipv4/route.c.
constexpr uint8_t kPriorityOfTos[] = {
    TC_PRIO_BESTEFFORT,
    TC_PRIO_BESTEFFORT,
    TC_PRIO_BESTEFFORT,
    TC_PRIO_BESTEFFORT,
    TC_PRIO_BULK,
    TC_PRIO_BULK,
    TC_PRIO_BULK,
    TC_PRIO_BULK,
    TC_PRIO_INTERACTIVE,
    TC_PRIO_INTERACTIVE,
    TC_PRIO_INTERACTIVE,
    TC_PRIO_INTERACTIVE,
    TC_PRIO_INTERACTIVE_BULK,
    TC_PRIO_INTERACTIVE_BULK,
    TC_PRIO_INTERACTIVE_BULK,
    TC_PRIO_INTERACTIVE_BULK,
};
constexpr uint8_t kTosMask = 0x1e;
constexpr size_t kTosOffset = 1;

}  // namespace

uint32_t original_priority(unsigned hook, Bytes packet) {
  if (hook != NF_INET_FORWARD || packet.size() < kIpv4HeaderBytes || packet[0] >> 4 != 4) return 0;
  return kPriorityOfTos[(packet[kTosOffset] & kTosMask) >> 1];
}

}  // namespace nflua::queue
