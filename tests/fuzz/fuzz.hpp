// SPDX-License-Identifier: GPL-2.0-or-later
// What the fuzzers share: how one says that a property does not hold, and how it reads decisions
// out of its input.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "engine/bytes.hpp"

// libFuzzer's name. Returns 0.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace nflua::fuzz {

/// Ends the process, which libFuzzer takes as a finding, unless `holds`.
inline void require(bool holds, const char* property) {
  if (holds) return;
  fprintf(stderr, "does not hold: %s\n", property);
  abort();
}

/// Takes values from the front of the input; zeros once it is used up.
class Choices {
 public:
  explicit Choices(Bytes input) : rest_(input) {}

  uint8_t byte() {
    const uint8_t value = rest_.empty() ? 0 : rest_[0];
    rest_ = rest_.sub(1);
    return value;
  }
  uint16_t u16() {
    const uint8_t high = byte();
    return static_cast<uint16_t>(high << 8 | byte());
  }
  bool flag() { return byte() & 1; }
  Bytes bytes(size_t count) {
    const Bytes taken = rest_.first(count);
    rest_ = rest_.sub(count);
    return taken;
  }
  Bytes rest() const { return rest_; }

 private:
  Bytes rest_;
};

}  // namespace nflua::fuzz
