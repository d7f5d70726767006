// SPDX-License-Identifier: GPL-2.0-or-later
// Records of `tcpdump -i nflog:GROUP`: what iptables' NFLOG and nft's `log group` told, as netlink
// attributes. The packet is one of them; the others say where in the machine it was.
// Source: linux/netfilter/nfnetlink_log.h; the LINKTYPE_ registry (LINKTYPE_NFLOG).
#pragma once

#include "datapath/replay/split_frame.hpp"
#include "engine/packet.hpp"

namespace nflua::replay {

struct NflogFacts {
  uint32_t mark = 0;
  /// The kernel's numbers of the devices: the record has no names. 0: none.
  uint32_t in_device = 0;
  uint32_t out_device = 0;
  /// nullptr: it isn't said, or no hook of the IP families has that number.
  const char* hook = nullptr;
  Owner owner;
  bool has_owner = false;
};

SplitFrame split_nflog(MutableBytes frame);

/// `header`: what split_nflog() gave.
NflogFacts read_nflog_facts(Bytes header);

}  // namespace nflua::replay
