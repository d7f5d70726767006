// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/replay_packet.hpp"

#include <stdio.h>

#include <new>
#include <utility>

#include "datapath/replay/link.hpp"

namespace nflua::replay {

void ReplayPacket::offer(const PacketFacts& facts, MutableBytes frame, Bytes ip, Bytes padded,
                         const ConnHandle& connection) {
  facts_ = facts;
  connection_ = connection;
  frame_ = frame;
  padded_ = padded;
  ip_ = ip;
  if (facts.link_type == kNflog)
    nflog_ = read_nflog_facts(frame);
  else
    nflog_.reset();
  mark_ = nflog_ ? nflog_->mark : 0;
}

const char* ReplayPacket::device_text(uint32_t number, DeviceText& text) {
  if (number == 0) return nullptr;
  snprintf(text.data(), text.size(), "if%u", number);
  return text.data();
}

// The name of an interface that captures NFLOG's records is none of a device.
const char* ReplayPacket::in_device() {
  return nflog_ ? device_text(nflog_->in_device, in_device_) : facts_.interface_name;
}

const char* ReplayPacket::out_device() {
  return nflog_ ? device_text(nflog_->out_device, out_device_) : nullptr;
}

Result<Owner> ReplayPacket::owner() {
  if (!nflog_ || !nflog_->has_owner) return Error("no owner");
  return nflog_->owner;
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
  const MutableBytes padded = copy.sub(frame_.size());
  PacketFacts facts = facts_;
  if (const Record* record = std::exchange(facts.record, nullptr))
    held->own_options_.assign(record->options.begin(), record->options.end());
  held->offer(facts, copy.first(frame_.size()), padded.first(ip_.size()), padded, connection_);
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
