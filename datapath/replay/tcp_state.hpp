// SPDX-License-Identifier: GPL-2.0-or-later
// How a TCP connection's state follows from its packets' flags, as Linux's connection tracking
// sees it. Sequence numbers, windows and checksums are not looked at (as there with
// nf_conntrack_tcp_be_liberal and without nf_conntrack_checksum): a capture often bears neither.
// Source: tcp_conntracks[] in net/netfilter/nf_conntrack_proto_tcp.c.
#pragma once

#include <stdint.h>

#include "engine/host.hpp"

namespace nflua::replay {

enum class TcpState : uint8_t {
  none,
  syn_sent,
  syn_sent_by_both,
  syn_received,
  established,
  fin_wait,
  close_wait,
  last_ack,
  time_wait,
  closed,
};

enum class TcpEvent : uint8_t { syn, syn_ack, fin, ack, rst, invalid };

/// By the flags of a TCP header. No flags, or flags that contradict each other: invalid.
TcpEvent tcp_event(uint8_t flags);

enum class TcpEffect : uint8_t {
  moves,    ///< to `state`, which may be the one before
  ignored,  ///< belongs to the connection, but neither counts nor refreshes it
  invalid,  ///< does not belong to the connection
  reopens,  ///< ends this connection and begins a new one with the same tuple
};

struct TcpStep {
  TcpEffect effect;
  TcpState state;
};

/// From none: the first packet of an unknown connection; an ACK picks up one that was there before
/// the capture (nf_conntrack_tcp_loose).
TcpStep tcp_step(TcpState state, Direction direction, TcpEvent event);

}  // namespace nflua::replay
