// SPDX-License-Identifier: GPL-2.0-or-later
// Conntrack's zones: the same tuple may be another connection in each.
#pragma once

#include <cstdint>
#include <optional>

namespace nflua::queue {

/// Which directions of a connection are in its zone; the other one is in zone 0.
enum class ZoneSide : uint8_t { both, original, reply };

struct Zone {
  uint16_t id = 0;
  ZoneSide side = ZoneSide::both;

  friend bool operator==(const Zone&, const Zone&) = default;
};

// Where a message does not tell the connection, our rule writes down the zone of a packet that is
// not in zone 0, as a word that hardly any priority is: a tag, which says the side, and the id.
inline constexpr uint32_t kZoneTag = 0x6e64'0000;
inline constexpr uint32_t kZoneTagMask = 0xfffc'0000;
inline constexpr unsigned kZoneSideShift = 16;

constexpr uint32_t zone_tag(ZoneSide side) { return kZoneTag | uint32_t(side) << kZoneSideShift; }

/// Nothing: the word is no zone.
constexpr std::optional<Zone> zone_of_word(uint32_t word) {
  if ((word & kZoneTagMask) != kZoneTag) return {};
  const uint32_t side = (word & ~kZoneTagMask) >> kZoneSideShift;
  if (side > uint32_t(ZoneSide::reply)) return {};
  return Zone{uint16_t(word), ZoneSide(side)};
}

}  // namespace nflua::queue
