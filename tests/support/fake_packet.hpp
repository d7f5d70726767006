// SPDX-License-Identifier: GPL-2.0-or-later
// A packet for tests: it plays the datapath and records what the engine did to it.
//
// A FakePacket is offered by its test, on the test's stack. hold() makes a held twin on the heap
// that writes into the same PacketLog, so that a test sees what became of it after both are gone.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/packet.hpp"
#include "tests/support/packets.hpp"

namespace nflua::test {

/// What happened to one packet.
struct PacketLog {
  /// The bytes of each packet of each reply.
  std::vector<Buffer> replies;
  int holds = 0;
  int drops = 0;
  /// One entry for each send(); the payload, or nullopt where it stays.
  std::vector<std::optional<std::string>> sends;
  /// Held twins that live.
  int live = 0;
};

/// What the datapath answers; a test changes it before the packet is offered.
struct PacketWorld {
  Buffer bytes;
  Buffer frame;
  Result<int64_t> connection_id = Error("untracked");
  std::optional<std::string> in_device;
  std::optional<std::string> out_device;
  const char* hook = nullptr;
  Result<Owner> owner = Error("no owner");
  uint32_t mark = 0;
  bool checksum_is_pending = false;
  /// 0: as many as there are.
  size_t whole_bytes = 0;
  Result<size_t> segment_bytes = size_t{0};
  size_t reply_mss = 0;
  Error reply_error;
  Error hold_error;
  Error send_error;
};

class FakePacket final : public Packet {
 public:
  explicit FakePacket(Buffer bytes);

  PacketWorld& world() { return *world_; }
  const PacketLog& log() const { return *log_; }

  Bytes bytes() override;
  size_t whole_bytes() override;
  Result<size_t> segment_bytes() override;
  MutableBytes frame() override;
  Result<int64_t> connection_id() override;
  const char* in_device() override;
  const char* out_device() override;
  const char* hook() override;
  Result<Owner> owner() override;
  uint32_t mark() override;
  void set_mark(uint32_t mark) override;
  bool checksum_is_pending() override;
  size_t reply_mss() override;
  Error send_reply(const Reply& reply) override;
  Result<Packet*> hold() override;
  Error send(const Bytes* payload) override;
  void drop() override;

 private:
  FakePacket(const FakePacket& offered);

  std::shared_ptr<PacketWorld> world_;
  std::shared_ptr<PacketLog> log_;
  bool is_held_ = false;
};

}  // namespace nflua::test
