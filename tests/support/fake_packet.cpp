// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/fake_packet.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/rewrite.hpp"

namespace nflua::test {
namespace {

const char* c_str(const std::optional<std::string>& text) { return text ? text->c_str() : nullptr; }

}  // namespace

FakePacket::FakePacket(Buffer bytes)
    : world_(std::make_shared<PacketWorld>()), log_(std::make_shared<PacketLog>()) {
  world_->bytes = std::move(bytes);
}

FakePacket::FakePacket(const FakePacket& offered)
    : Packet(), world_(offered.world_), log_(offered.log_), is_held_(true) {
  log_->holds++;
  log_->live++;
}

Bytes FakePacket::bytes() { return view(world_->bytes); }
size_t FakePacket::whole_bytes() { return std::max(world_->whole_bytes, world_->bytes.size()); }
Result<size_t> FakePacket::segment_bytes() { return world_->segment_bytes; }
MutableBytes FakePacket::frame() { return {world_->frame.data(), world_->frame.size()}; }
Result<int64_t> FakePacket::connection_id() { return world_->connection_id; }
const char* FakePacket::in_device() { return c_str(world_->in_device); }
const char* FakePacket::out_device() { return c_str(world_->out_device); }
const char* FakePacket::hook() { return world_->hook; }
Result<Owner> FakePacket::owner() { return world_->owner; }
uint32_t FakePacket::mark() { return world_->mark; }
void FakePacket::set_mark(uint32_t mark) { world_->mark = mark; }
bool FakePacket::checksum_is_pending() { return world_->checksum_is_pending; }
size_t FakePacket::reply_mss() { return world_->reply_mss; }

Error FakePacket::send_reply(const Reply& reply) {
  if (world_->reply_error) return world_->reply_error;
  for (size_t i = 0; i < reply.packets(); i++) {
    Buffer& packet = log_->replies.emplace_back(reply.size(i));
    reply.write(i, {packet.data(), packet.size()});
  }
  return {};
}

Result<Packet*> FakePacket::hold() {
  EXPECT_FALSE(is_held_) << "hold() of a held packet";
  if (world_->hold_error) return world_->hold_error;
  return static_cast<Packet*>(new FakePacket(*this));
}

Error FakePacket::send(const Bytes* payload) {
  EXPECT_TRUE(is_held_) << "send() of a packet that isn't held";
  const Error error = world_->send_error;
  if (payload) {
    log_->sends.emplace_back(text_of(*payload));
  } else {
    log_->sends.emplace_back(std::nullopt);
  }
  log_->live--;
  delete this;
  return error;
}

void FakePacket::drop() {
  EXPECT_TRUE(is_held_) << "drop() of a packet that isn't held";
  log_->drops++;
  log_->live--;
  delete this;
}

}  // namespace nflua::test
