// SPDX-License-Identifier: GPL-2.0-or-later
// The ways on which a capture filter's program comes to accept a packet. A program is a graph of
// decisions without loops. On each way its registers are known by what they were made of, so a
// decision is a condition on some bytes of the packet, and all conditions of a way together are
// what it accepts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "datapath/queue/value_set.hpp"

struct bpf_insn;

namespace nflua::queue {

enum class FieldBase : uint8_t { network_header, transport_header, packet_length };

/// All bits of a number of so many bytes: 1 to 4.
constexpr uint32_t whole_mask(unsigned bytes) { return UINT32_MAX >> (32 - 8 * bytes); }

/// A number in a packet, big-endian, or the packet's length; `mask` keeps some of its bits.
struct Field {
  FieldBase base = FieldBase::network_header;
  uint8_t offset = 0;
  uint8_t bytes = 0;
  uint32_t mask = 0;

  unsigned end() const { return unsigned{offset} + bytes; }
  friend bool operator==(const Field&, const Field&) = default;
};

/// The packet has that field, and it is one of these.
struct FieldCondition {
  Field field;
  ValueSet values;
};

/// In the order of the program. Each field is there once, and each that the program loads.
using FilterPath = std::vector<FieldCondition>;

/// What a program may have; one with more is not translated.
inline constexpr size_t kMaxFilterPaths = 1024;

/// No packet is on two of the paths. Nothing: the program computes with what it loads, or has too
/// many paths.
std::optional<std::vector<FilterPath>> find_filter_paths(const bpf_insn* program, size_t size);

}  // namespace nflua::queue
