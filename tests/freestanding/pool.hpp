// SPDX-License-Identifier: GPL-2.0-or-later
// A memory allocator with next to no stack, so that what is measured is not a libc's: blocks of
// powers of two, cut from a pool, and freed into a chain for each size.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace nflua::test {

class Pool {
 public:
  void* reallocate(void* block, size_t old_bytes, size_t new_bytes) {
    const size_t had = block ? old_bytes : 0;
    if (had > 0 && new_bytes > 0 && size_class(had) == size_class(new_bytes)) return block;
    void* made = new_bytes > 0 ? take(size_class(new_bytes)) : nullptr;
    if (new_bytes > 0 && !made) return nullptr;
    if (had > 0 && made) memcpy(made, block, had < new_bytes ? had : new_bytes);
    if (had > 0) give_back(block, size_class(had));
    return made;
  }
  /// Whether every block was given back.
  bool is_whole() const { return live_ == 0; }

 private:
  struct Free {
    Free* next;
  };
  static constexpr size_t kBytes = size_t{64} << 20;
  static constexpr size_t kLeastBlock = 16;

  static int size_class(size_t bytes) {
    return static_cast<int>(std::bit_width(bytes <= kLeastBlock ? kLeastBlock - 1 : bytes - 1));
  }
  void* take(int size_class) {
    Free* block = free_[size_class];
    if (block) {
      free_[size_class] = block->next;
    } else {
      const size_t bytes = size_t{1} << size_class;
      if (bytes > kBytes - used_) return nullptr;
      block = reinterpret_cast<Free*>(bytes_ + used_);
      used_ += bytes;
    }
    ++live_;
    return block;
  }
  void give_back(void* block, int size_class) {
    auto* freed = static_cast<Free*>(block);
    freed->next = free_[size_class];
    free_[size_class] = freed;
    --live_;
  }

  alignas(kLeastBlock) uint8_t bytes_[kBytes];
  Free* free_[64] = {};
  size_t used_ = 0;
  size_t live_ = 0;
};

}  // namespace nflua::test
