// SPDX-License-Identifier: GPL-2.0-or-later
// Finds what is missing in the numbers of the messages that states send.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "control/client.hpp"

namespace nflua::cli {

/// A state's first message may have any number, and a lower number than before is a new state's of
/// the same name: neither is a gap. Invariant: at most kMaxStates are remembered.
class NumberGaps {
 public:
  static constexpr size_t kMaxStates = 4096;

  /// Returns how many are missing before this one.
  uint64_t add(const control::Datagram& datagram);
  /// In all.
  uint64_t missing() const { return missing_; }

 private:
  /// By the sender's port and the state's name.
  std::map<std::pair<uint32_t, std::string>, uint32_t> next_;
  uint64_t missing_ = 0;
};

}  // namespace nflua::cli
