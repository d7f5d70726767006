// SPDX-License-Identifier: GPL-2.0-or-later
// A packet of a replay: offered (its bytes are the capture reader's) or held (its own copies).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "datapath/replay/capture_reader.hpp"
#include "datapath/replay/conntrack.hpp"
#include "datapath/replay/nflog.hpp"
#include "datapath/replay/split_frame.hpp"
#include "engine/packet.hpp"

namespace nflua::replay {

class ReplayPacket;

/// Where packets go that don't wait for the end of their rules. Replay implements it.
class Exits {
 public:
  virtual void send_reply(const ReplayPacket& to, const Reply& reply) = 0;
  /// Both end the packet: ownership comes with the call.
  virtual Error send_held(std::unique_ptr<ReplayPacket> packet, const Bytes* payload) = 0;
  virtual void drop_held(std::unique_ptr<ReplayPacket> packet) = 0;

 protected:
  ~Exits() = default;
};

/// What a record of the capture turned out to be.
struct PacketFacts {
  /// Borrows: from the reader, while the packet is offered. nullptr: it was put together of several
  /// records, or is held.
  const Record* record = nullptr;
  /// Counts the capture's records from 1.
  uint64_t number = 0;
  LinkType link_type{};
  uint32_t interface = 0;
  /// Borrows: from the reader, for the whole run. nullptr: the capture has no names.
  const char* interface_name = nullptr;
  /// Bytes of the record on the wire that the capture didn't keep.
  uint32_t missing_bytes = 0;
  /// In the packet's header; changes with the packet's size.
  LengthField length;
};

class ReplayPacket final : public Packet {
 public:
  ReplayPacket(Exits& exits, Conntrack& conntrack) : exits_(exits), conntrack_(conntrack) {}
  ReplayPacket(const ReplayPacket&) = delete;
  ReplayPacket& operator=(const ReplayPacket&) = delete;

  /// Starts over with the next record. `padded`: `ip`, and what follows it on the link.
  /// Borrows: the bytes, until the next call.
  void offer(const PacketFacts& facts, MutableBytes frame, Bytes ip, Bytes padded,
             const ConnHandle& connection);

  Bytes bytes() override { return ip_; }
  size_t whole_bytes() override { return ip_.size() + facts_.missing_bytes; }
  Result<size_t> segment_bytes() override { return Error("unknown: captures don't tell"); }
  MutableBytes frame() override { return frame_; }
  Result<int64_t> connection_id() override;
  const char* in_device() override;
  const char* out_device() override;
  const char* hook() override { return nflog_ ? nflog_->hook : nullptr; }
  Result<Owner> owner() override;
  uint32_t mark() override { return mark_; }
  void set_mark(uint32_t mark) override { mark_ = mark; }
  bool checksum_is_pending() override { return false; }
  size_t reply_mss() override;
  Error send_reply(const Reply& reply) override;
  Result<Packet*> hold() override;
  Error send(const Bytes* payload) override;
  void drop() override;

  const PacketFacts& facts() const { return facts_; }
  /// Of a held packet: its record's.
  Bytes options() const { return {own_options_.data(), own_options_.size()}; }
  const ConnHandle& connection() const { return connection_; }
  Bytes ip() const { return ip_; }
  Bytes padded() const { return padded_; }
  /// With what the script wrote there.
  MutableBytes frame_bytes() const { return frame_; }

 private:
  Exits& exits_;
  Conntrack& conntrack_;
  /// "if3", as iproute2 writes the device of this number where it has no name.
  using DeviceText = std::array<char, 16>;
  static const char* device_text(uint32_t number, DeviceText& text);

  PacketFacts facts_;
  /// Of a record of NFLOG.
  std::optional<NflogFacts> nflog_;
  DeviceText in_device_;
  DeviceText out_device_;
  ConnHandle connection_;
  uint32_t mark_ = 0;
  MutableBytes frame_;
  Bytes padded_;
  Bytes ip_;
  /// Of a held packet: what the views above refer to.
  std::vector<uint8_t> own_bytes_;
  std::vector<uint8_t> own_options_;
};

}  // namespace nflua::replay
