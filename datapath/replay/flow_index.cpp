// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/flow_index.hpp"

#include <random>
#include <utility>

namespace nflua::replay {
namespace {

constexpr size_t kInitialCells = 1024;

/// Mixes both halves of the 128-bit product.
uint64_t fold(uint64_t a, uint64_t b) {
  unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return uint64_t(product) ^ uint64_t(product >> 64);
}

}  // namespace

FlowIndex::FlowIndex() : cells_(kInitialCells) {
  std::random_device random;
  for (uint64_t& seed : seeds_) seed = uint64_t{random()} << 32 | random();
}

uint32_t FlowIndex::hash(const FlowKey& key) const {
  const auto& words = key.words;
  uint64_t mixed = fold(words[0] ^ seeds_[0], words[1] ^ seeds_[1]);
  mixed ^= fold(words[2] ^ seeds_[2], words[3] ^ seeds_[3]);
  return uint32_t(fold(mixed ^ seeds_[4], words[4] ^ seeds_[5]));
}

void FlowIndex::insert(uint32_t hash, uint32_t slot) {
  if (2 * ++used_ > cells_.size()) grow();
  place({hash, slot});
}

void FlowIndex::place(Cell cell) {
  size_t at = cell.hash & mask();
  while (cells_[at].slot != kNoSlot) at = (at + 1) & mask();
  cells_[at] = cell;
}

void FlowIndex::grow() {
  std::vector<Cell> old(2 * cells_.size());
  old.swap(cells_);
  for (const Cell& cell : old)
    if (cell.slot != kNoSlot) place(cell);
}

// Closes the gap, so that no search ends before a cell that was displaced over it: a later cell
// moves into the gap unless its home lies between the gap and itself.
void FlowIndex::erase(uint32_t hash, uint32_t slot) {
  size_t gap = hash & mask();
  while (cells_[gap].slot != slot) gap = (gap + 1) & mask();
  for (size_t at = (gap + 1) & mask(); cells_[at].slot != kNoSlot; at = (at + 1) & mask()) {
    size_t displaced = (at - (cells_[at].hash & mask())) & mask();
    if (displaced < ((at - gap) & mask())) continue;
    cells_[gap] = cells_[at];
    gap = at;
  }
  cells_[gap] = {};
  --used_;
}

}  // namespace nflua::replay
