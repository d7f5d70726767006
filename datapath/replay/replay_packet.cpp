// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/replay_packet.hpp"

#include <new>

#include "engine/wire.hpp"

namespace nflua::replay {

void ReplayPacket::offer(const PacketFacts& facts, MutableBytes frame, Bytes padded,
                         const ConnHandle& connection) {
  facts_ = facts;
  connection_ = connection;
  mark_ = 0;
  frame_ = frame;
  padded_ = padded;
  ip_ = ip_packet(padded);
}

Result<int64_t> ReplayPacket::connection_id() {
  if (!connection_) return Error("untracked");
  return int64_t{connection_.id};
}

size_t ReplayPacket::reply_mss() { return conntrack_.sender_mss(connection_); }

Error ReplayPacket::send_reply(const Reply& reply) {
  exits_.send_reply(*this, reply);
  return {};
}

Result<Packet*> ReplayPacket::hold() try {
  auto held = std::make_unique<ReplayPacket>(exits_, conntrack_);
  std::vector<uint8_t>& own = held->own_bytes_;
  own.assign(frame_.data(), frame_.data() + frame_.size());
  own.insert(own.end(), padded_.begin(), padded_.end());
  const MutableBytes copy(own.data(), own.size());
  held->offer(facts_, copy.first(frame_.size()), copy.sub(frame_.size()), connection_);
  held->mark_ = mark_;
  return held.release();
} catch (const std::bad_alloc&) {
  return Error("not enough memory");
}

Error ReplayPacket::send(const Bytes* payload) {
  return exits_.send_held(std::unique_ptr<ReplayPacket>(this), payload);
}

void ReplayPacket::drop() { exits_.drop_held(std::unique_ptr<ReplayPacket>(this)); }

}  // namespace nflua::replay
