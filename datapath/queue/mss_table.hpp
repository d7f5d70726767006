// SPDX-License-Identifier: GPL-2.0-or-later
// The largest TCP payload that each peer said it takes, learnt from the SYNs that pass here, so
// that a reply is cut into segments that fit. A bounded memory: the oldest is forgotten first.
#pragma once

#include <cstdint>
#include <deque>
#include <unordered_map>

#include "engine/wire.hpp"

namespace nflua::queue {

class MssTable {
 public:
  /// Keeps what a SYN says; other packets say nothing.
  void learn(Bytes packet);
  /// What the sender of `packet` said. 0: unknown. Units: bytes.
  size_t of_sender(Bytes packet) const;

 private:
  /// Connections that are remembered.
  static constexpr size_t kMaxEntries = 65'536;

  struct Hash {
    size_t operator()(const Tuple& tuple) const;
  };

  std::unordered_map<Tuple, uint16_t, Hash> entries_;
  std::deque<Tuple> by_age_;
};

}  // namespace nflua::queue
