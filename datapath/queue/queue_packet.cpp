// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/queue_packet.hpp"

#include <new>

#include "datapath/queue/hooks.hpp"
#include "engine/rewrite.hpp"

namespace nflua::queue {

namespace {

constexpr Error kUntracked{"untracked"};

/// Bytes of the two addresses that an Ethernet header begins with.
constexpr size_t kEthernetAddresses = 2 * kEthernetAddressBytes;

void append(std::vector<uint8_t>& out, Bytes bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

void append_be16(std::vector<uint8_t>& out, uint16_t value) {
  uint8_t bytes[sizeof value];
  store_be16(bytes, value);
  append(out, {bytes, sizeof bytes});
}

}  // namespace

void QueuePacket::offer(uint64_t number, const QueuedPacket& facts) {
  number_ = number;
  facts_ = facts;
  ip_ = ip_packet(facts.payload);
  mark_ = facts.mark;
  frame_.reset();
}

size_t QueuePacket::whole_bytes() { return facts_.is_truncated() ? facts_.wire_bytes : ip_.size(); }

Result<size_t> QueuePacket::segment_bytes() {
  if (facts_.is_bundle) return Error("unknown: NFQUEUE doesn't tell");
  return size_t{0};
}

MutableBytes QueuePacket::frame() {
  if (!frame_) frame_ = build_frame();
  return {frame_->data(), frame_->size()};
}

// Only the bridge family delivers the header. Elsewhere a unicast that was routed here bore the
// sender's address, the device's, and the protocol.
std::vector<uint8_t> QueuePacket::build_frame() {
  std::vector<uint8_t> frame;
  const Bytes header = facts_.link_header;
  if (!header.empty()) {
    append(frame, header.first(kEthernetAddresses));
    if (facts_.vlan_protocol != 0) {
      append_be16(frame, facts_.vlan_protocol);
      append_be16(frame, facts_.vlan_tag);
    }
    append(frame, header.sub(kEthernetAddresses));
    return frame;
  }
  const Device* device = services_.devices.find(facts_.in_device);
  if (!device || !device->is_ethernet || facts_.source_link_address.size() != kEthernetAddressBytes)
    return frame;
  append(frame, {device->address.data(), device->address.size()});
  append(frame, facts_.source_link_address);
  append_be16(frame, facts_.protocol);
  return frame;
}

Result<int64_t> QueuePacket::connection_id() {
  switch (services_.id_source) {
    case IdSource::message:
      return read_connection_id(facts_.connection);
    case IdSource::priority:
      if (facts_.priority == 0) return kUntracked;
      return int64_t{__builtin_bswap32(facts_.priority)};
    case IdSource::look_up:
      if (const Result<Connection> found = find_connection()) return found->entry.id;
      return kUntracked;
    case IdSource::none:
      break;
  }
  return kUntracked;
}

Result<Connection> QueuePacket::find_connection() {
  if (!facts_.connection.empty()) return read_connection(facts_.connection);
  return services_.conntrack.find_of(ip_, zone());
}

Zone QueuePacket::zone() {
  if (services_.id_source == IdSource::message) return read_zone(facts_.connection);
  if (!services_.zones || facts_.priority == 0) return {};
  if (services_.id_source == IdSource::priority) return services_.zones->find(facts_.priority);
  return zone_of_word(facts_.priority).value_or(Zone());
}

bool QueuePacket::priority_is_ours() const {
  if (services_.id_source == IdSource::priority) return true;
  return services_.id_source == IdSource::look_up && services_.zones &&
         zone_of_word(facts_.priority);
}

const char* QueuePacket::device_name(uint32_t index) {
  const Device* device = services_.devices.find(index);
  return device ? device->name.c_str() : nullptr;
}

const char* QueuePacket::in_device() { return device_name(facts_.in_device); }
const char* QueuePacket::out_device() { return device_name(facts_.out_device); }
const char* QueuePacket::hook() { return hook_name(facts_.hook); }

Result<Owner> QueuePacket::owner() {
  if (!facts_.owner) return Error("no owner");
  return *facts_.owner;
}

std::optional<uint32_t> QueuePacket::new_mark() const {
  if (mark_ == facts_.mark) return {};
  return mark_;
}

Tuple QueuePacket::reply_tuple(const Tuple& untranslated) {
  const Result<Connection> connection =
      services_.id_source == IdSource::none ? Result<Connection>(kUntracked) : find_connection();
  return connection ? tuple_towards_sender(reversed(untranslated), *connection) : untranslated;
}

Error QueuePacket::send_reply(const Reply& reply) {
  return services_.exits.send_reply(*this, reply);
}

Result<Packet*> QueuePacket::hold() try {
  auto held = std::make_unique<QueuePacket>(services_);
  std::vector<uint8_t>& own = held->own_bytes_;
  QueuedPacket facts = facts_;
  Bytes* const views[] = {&facts.payload, &facts.source_link_address, &facts.link_header,
                          &facts.connection};
  for (const Bytes* view : views) append(own, *view);
  Bytes copies(own.data(), own.size());
  for (Bytes* view : views) {
    const size_t size = view->size();
    *view = copies.first(size);
    copies = copies.sub(size);
  }
  held->offer(number_, facts);
  held->mark_ = mark_;
  held->frame_ = frame_;
  services_.exits.add_held();
  return held.release();
} catch (const std::bad_alloc&) {
  return Error("not enough memory");
}

Error QueuePacket::send(const Bytes* payload) {
  return services_.exits.send_held(std::unique_ptr<QueuePacket>(this), payload);
}

void QueuePacket::drop() { services_.exits.drop_held(std::unique_ptr<QueuePacket>(this)); }

}  // namespace nflua::queue
