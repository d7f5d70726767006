// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/nflog.hpp"

#include <iterator>
#include <optional>

#include "datapath/replay/link_layers.hpp"
#include "engine/wire.hpp"

namespace nflua::replay {
namespace {

constexpr size_t kHeaderBytes = 4;     // family, version, group
constexpr size_t kAttributeBytes = 4;  // length, of itself too, and type

constexpr uint8_t kFamilyIpv4 = 2;
constexpr uint8_t kFamilyBridge = 7;
constexpr uint8_t kFamilyIpv6 = 10;

enum class AttributeType : uint16_t {
  packet_header = 1,
  mark = 2,
  in_device = 4,
  out_device = 5,
  payload = 9,
  user = 11,
  group = 14,
};

struct Attribute {
  AttributeType type;
  size_t at;
  Bytes value;
};

/// Lengths and types are in the byte order of the machine that captured, which the record doesn't
/// say. Types are small: in the wrong order, the first one is none below 256.
bool is_little_endian(Bytes record) {
  return record.has(kHeaderBytes, kAttributeBytes) && record[kHeaderBytes + 3] == 0;
}

class Attributes {
 public:
  explicit Attributes(Bytes record)
      : record_(record), is_little_endian_(nflua::replay::is_little_endian(record)) {}

  /// Nothing: the end, or a length that leads nowhere. The last one may be cut off.
  std::optional<Attribute> next() {
    if (!record_.has(at_, kAttributeBytes)) return {};
    const size_t length = u16(at_);
    if (length < kAttributeBytes) return {};
    const Attribute found{AttributeType(u16(at_ + 2)), at_,
                          record_.sub(at_ + kAttributeBytes, length - kAttributeBytes)};
    at_ += (length + 3) & ~size_t{3};
    return found;
  }

 private:
  uint16_t u16(size_t at) const {
    const uint16_t value = record_.be16(at);
    return is_little_endian_ ? __builtin_bswap16(value) : value;
  }

  Bytes record_;
  bool is_little_endian_;
  size_t at_ = kHeaderBytes;
};

// ARP's hooks and those of a device have the same numbers, and other names.
const char* hook_name(uint8_t family, uint8_t hook) {
  constexpr const char* kHooks[] = {"prerouting", "input", "forward", "output", "postrouting"};
  const bool has_these = family == kFamilyIpv4 || family == kFamilyIpv6 || family == kFamilyBridge;
  return has_these && hook < std::size(kHooks) ? kHooks[hook] : nullptr;
}

/// `ether_type`: what the packet's header says, for families that carry all kinds. 0: nothing.
SplitFrame split_payload(MutableBytes frame, size_t at, size_t end, uint16_t ether_type) {
  const MutableBytes part = frame.first(end);
  const bool is_ip = frame[0] == kFamilyIpv4 || frame[0] == kFamilyIpv6;
  if (!is_ip && ether_type < kLeastEtherType) return without_packet(FrameKind::not_ip, frame);
  SplitFrame split = is_ip ? ip_at(part, at) : split_ether_type(part, ether_type, at);
  if (split.kind != FrameKind::ip) return without_packet(split.kind, frame);
  const uint32_t attribute = uint32_t(at - kAttributeBytes);
  split.length = {attribute, attribute, is_little_endian(frame), true};
  split.trailer = frame.sub(end);
  return split;
}

}  // namespace

SplitFrame split_nflog(MutableBytes frame) {
  if (frame.size() < kHeaderBytes) return without_packet(FrameKind::cut_off, frame);
  uint16_t ether_type = 0;
  Attributes attributes(frame);
  while (const std::optional<Attribute> found = attributes.next()) {
    if (found->type == AttributeType::packet_header && found->value.size() >= 2)
      ether_type = found->value.be16(0);
    const size_t at = found->at + kAttributeBytes;
    if (found->type == AttributeType::payload)
      return split_payload(frame, at, at + found->value.size(), ether_type);
  }
  return without_packet(FrameKind::not_ip, frame);
}

NflogFacts read_nflog_facts(Bytes header) {
  NflogFacts facts;
  Attributes attributes(header);
  while (const std::optional<Attribute> found = attributes.next()) {
    if (found->value.size() < 4) continue;  // all that we read have as much
    const uint32_t value = found->value.be32(0);
    switch (found->type) {
      case AttributeType::packet_header:
        facts.hook = hook_name(header[0], found->value[2]);
        break;
      case AttributeType::mark:
        facts.mark = value;
        break;
      case AttributeType::in_device:
        facts.in_device = value;
        break;
      case AttributeType::out_device:
        facts.out_device = value;
        break;
      case AttributeType::user:
        facts.owner.uid = value;
        facts.has_owner = true;
        break;
      case AttributeType::group:
        facts.owner.gid = value;
        facts.has_owner = true;
        break;
      case AttributeType::payload:
        break;
    }
  }
  return facts;
}

}  // namespace nflua::replay
