// SPDX-License-Identifier: GPL-2.0-or-later
// Verdicts on their way to the kernel: many messages go with one send().
//
//   add* → messages() → clear
// A run of neighbours with the same verdict becomes one batch message, which the kernel applies to
// all packets up to its id. That would reach packets that are held as well, so who holds one says
// so.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/bytes.hpp"

namespace nflua::queue {

/// Bytes of a packet that goes back changed: what the length of a netlink attribute can say, its
/// header included.
inline constexpr size_t kMaxChangedBytes = UINT16_MAX - 4;

struct KernelVerdict {
  /// NF_ACCEPT and so on, with a queue's number in the upper half.
  uint32_t verdict = 0;
  /// Set with the verdict; else they stay as they are.
  std::optional<uint32_t> mark;
  std::optional<uint32_t> priority;

  friend bool operator==(const KernelVerdict&, const KernelVerdict&) = default;
};

class VerdictWriter {
 public:
  explicit VerdictWriter(uint16_t queue) : queue_(queue) {}

  /// `may_join`: no packet with a lower id is still waiting for its verdict.
  void add(uint32_t id, const KernelVerdict& verdict, bool may_join);
  /// With the packet's bytes replaced. Requires: at most kMaxChangedBytes of them.
  void add_changed(uint32_t id, const KernelVerdict& verdict, Bytes packet);

  /// Whether so much has gathered that it should go.
  bool is_full() const { return out_.size() >= kFullBytes; }
  /// Borrows: until the next call.
  Bytes messages() const { return {out_.data(), out_.size()}; }
  void clear();

 private:
  /// A changed packet more fits into any socket's send buffer (net.core.wmem_default).
  static constexpr size_t kFullBytes = 65'536;

  void append(uint32_t id, const KernelVerdict& verdict, Bytes packet);

  uint16_t queue_;
  std::vector<uint8_t> out_;
  /// The last message, if the next packet may join it.
  std::optional<KernelVerdict> last_;
  size_t last_offset_ = 0;
};

}  // namespace nflua::queue
