// SPDX-License-Identifier: GPL-2.0-or-later
// Finds a connection's slot by its key: an open hash table with linear probing, at most half full,
// of (hash, slot) pairs. The keys stay with their owner, who compares them.
//
// Slot numbers are the owner's. A hash is seeded at random per table, so that a capture can't be
// made to collide; nothing that a user sees depends on it.
#pragma once

#include <stdint.h>

#include <vector>

#include "datapath/replay/flow_packet.hpp"

namespace nflua::replay {

inline constexpr uint32_t kNoSlot = UINT32_MAX;

class FlowIndex {
 public:
  FlowIndex();

  uint32_t hash(const FlowKey& key) const;

  /// The slot for which `is_it(slot)`, among those of that hash, else kNoSlot.
  template <class IsIt>
  uint32_t find(uint32_t hash, IsIt is_it) const {
    for (size_t at = hash & mask();; at = (at + 1) & mask()) {
      const Cell& cell = cells_[at];
      if (cell.slot == kNoSlot || (cell.hash == hash && is_it(cell.slot))) return cell.slot;
    }
  }
  void insert(uint32_t hash, uint32_t slot);
  /// Requires: it was inserted.
  void erase(uint32_t hash, uint32_t slot);

 private:
  struct Cell {
    uint32_t hash = 0;
    uint32_t slot = kNoSlot;
  };

  size_t mask() const { return cells_.size() - 1; }
  void place(Cell cell);
  void grow();

  uint64_t seeds_[6];
  std::vector<Cell> cells_;
  size_t used_ = 0;
};

}  // namespace nflua::replay
