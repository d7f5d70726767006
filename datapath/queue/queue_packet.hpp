// SPDX-License-Identifier: GPL-2.0-or-later
// A packet that waits in an NFQUEUE: offered (its bytes are the message's) or held (its own
// copies). The packet itself is in the kernel; what is sent from here is its verdict.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "datapath/queue/devices.hpp"
#include "datapath/queue/kernel_conntrack.hpp"
#include "datapath/queue/mss_table.hpp"
#include "datapath/queue/queued_packet.hpp"
#include "datapath/queue/zone_map.hpp"
#include "engine/packet.hpp"

namespace nflua::queue {

class QueuePacket;

/// Where packets go that don't wait for the end of their rules. QueueServer implements it.
class Exits {
 public:
  virtual Error send_reply(QueuePacket& to, const Reply& reply) = 0;
  /// A held twin of the packet now being judged exists.
  virtual void add_held() = 0;
  /// Both end the packet: ownership comes with the call.
  virtual Error send_held(std::unique_ptr<QueuePacket> packet, const Bytes* payload) = 0;
  virtual void drop_held(std::unique_ptr<QueuePacket> packet) = 0;

 protected:
  ~Exits() = default;
};

/// Where the id of a packet's connection is.
enum class IdSource : uint8_t {
  message,   ///< in the message: the kernel can do that
  priority,  ///< in the packet's priority, in the other byte order: our rule put it there
  look_up,   ///< in conntrack, once the connection's first packet has been let through
  none,      ///< nowhere: packets are not tracked
};

/// What a packet needs besides its message. Borrows: all of it.
struct PacketServices {
  Exits& exits;
  Devices& devices;
  KernelConntrack& conntrack;
  const MssTable& mss;
  IdSource id_source;
  /// Where the message does not tell the connection, our rule tells its zone; nullptr: it does not,
  /// and zone 0 is asked.
  ZoneMap* zones = nullptr;
};

class QueuePacket final : public Packet {
 public:
  explicit QueuePacket(const PacketServices& services) : services_(services) {}
  QueuePacket(const QueuePacket&) = delete;
  QueuePacket& operator=(const QueuePacket&) = delete;

  /// Starts over with the next packet. Borrows: the message, until the next call.
  void offer(uint64_t number, const QueuedPacket& facts);

  Bytes bytes() override { return ip_; }
  size_t whole_bytes() override;
  Result<size_t> segment_bytes() override;
  MutableBytes frame() override;
  Result<int64_t> connection_id() override;
  const char* in_device() override;
  const char* out_device() override;
  const char* hook() override;
  Result<Owner> owner() override;
  uint32_t mark() override { return mark_; }
  void set_mark(uint32_t mark) override { mark_ = mark; }
  bool checksum_is_pending() override { return facts_.checksum_is_pending; }
  size_t reply_mss() override { return services_.mss.of_sender(ip_); }
  Error send_reply(const Reply& reply) override;
  Result<Packet*> hold() override;
  Error send(const Bytes* payload) override;
  void drop() override;

  /// Counts the packets of all queues of a place from 1.
  uint64_t number() const { return number_; }
  const QueuedPacket& facts() const { return facts_; }
  Bytes ip() const { return ip_; }
  /// The mark to set with the verdict; none: it is what it was.
  std::optional<uint32_t> new_mark() const;
  /// That of its connection.
  Zone zone();
  /// Our rule has changed its priority, to tell something.
  bool priority_is_ours() const;
  /// What a reply to this packet bears. `untranslated`: without NAT.
  Tuple reply_tuple(const Tuple& untranslated);

 private:
  std::vector<uint8_t> build_frame();
  Result<Connection> find_connection();
  const char* device_name(uint32_t index);

  PacketServices services_;
  uint64_t number_ = 0;
  QueuedPacket facts_;
  Bytes ip_;
  uint32_t mark_ = 0;
  /// Built when the script asks for it.
  std::optional<std::vector<uint8_t>> frame_;
  /// Of a held packet: what the views of its facts refer to.
  std::vector<uint8_t> own_bytes_;
};

}  // namespace nflua::queue
