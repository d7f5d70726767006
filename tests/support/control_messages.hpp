// SPDX-License-Identifier: GPL-2.0-or-later
// Control messages written from docs/protocol.md alone, byte for byte: every number here is spelled
// out again, and nothing is shared with control/.
//
//   hand(19, REQUEST | INIT | DONE, 7).u32(1).text("a", 64).text("s", 255).zeros(1).u32(0).u32(0)
//       .bytes("x").build()
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace nflua::test {

inline constexpr uint16_t kRequest = 1, kMulti = 2, kDone = 4, kInit = 8;

class HandWritten {
 public:
  HandWritten(uint16_t type, uint16_t flags, uint32_t sequence, uint32_t port = 0) {
    u32(0).u16(type).u16(flags).u32(sequence).u32(port);
  }

  HandWritten& u16(uint16_t value) { return raw(&value, sizeof value); }
  HandWritten& u32(uint32_t value) { return raw(&value, sizeof value); }
  HandWritten& u64(uint64_t value) { return raw(&value, sizeof value); }
  HandWritten& bytes(std::string_view bytes) { return raw(bytes.data(), bytes.size()); }
  HandWritten& zeros(size_t count) { return bytes(std::string(count, '\0')); }
  /// Zero-padded, or cut off.
  HandWritten& text(std::string_view text, size_t size) {
    std::string padded(text.substr(0, size));
    padded.resize(size);
    return bytes(padded);
  }
  /// A length for the header that is not the true one.
  HandWritten& lie(uint32_t length) {
    length_ = length;
    return *this;
  }

  std::vector<uint8_t> build() const {
    std::vector<uint8_t> message = bytes_;
    const uint32_t length = length_ ? length_ : static_cast<uint32_t>(message.size());
    std::memcpy(message.data(), &length, sizeof length);
    return message;
  }
  operator std::vector<uint8_t>() const { return build(); }

 private:
  HandWritten& raw(const void* data, size_t size) {
    const auto* from = static_cast<const uint8_t*>(data);
    bytes_.insert(bytes_.end(), from, from + size);
    return *this;
  }

  std::vector<uint8_t> bytes_;
  uint32_t length_ = 0;
};

inline HandWritten hand(uint16_t type, uint16_t flags, uint32_t sequence, uint32_t port = 0) {
  return {type, flags, sequence, port};
}

inline HandWritten hand_create(uint32_t sequence, std::string_view name, uint32_t maxalloc = 0) {
  return hand(16, kRequest, sequence).text(name, 64).u32(maxalloc).u32(0);
}

inline HandWritten hand_destroy(uint32_t sequence, std::string_view name) {
  return hand(17, kRequest, sequence).text(name, 64);
}

inline HandWritten hand_list(uint32_t sequence) { return hand(18, kRequest, sequence); }

inline constexpr uint16_t kExecute = 19, kReload = 37, kEvaluate = 38;

/// The first message of EXECUTE, or another such, on state "a", of chunk "s".
inline HandWritten hand_start(uint16_t flags, uint32_t sequence, uint32_t total,
                              std::string_view bytes, uint16_t type = kExecute) {
  return hand(type, flags, sequence)
      .u32(total)
      .text("a", 64)
      .text("s", 255)
      .zeros(1)
      .u32(0)
      .u32(0)
      .bytes(bytes);
}

inline HandWritten hand_whole(uint32_t sequence, std::string_view chunk, uint16_t type = kExecute) {
  return hand_start(kRequest | kInit | kDone, sequence, static_cast<uint32_t>(chunk.size()), chunk,
                    type);
}

inline HandWritten hand_first(uint32_t sequence, uint32_t total, std::string_view bytes,
                              uint16_t type = kExecute) {
  return hand_start(kRequest | kInit | kMulti, sequence, total, bytes, type);
}

inline HandWritten hand_part(uint16_t flags, uint32_t sequence, uint32_t number, uint32_t offset,
                             std::string_view bytes, uint16_t type = kExecute) {
  return hand(type, flags, sequence).u32(number).u32(offset).bytes(bytes);
}

inline HandWritten hand_next(uint32_t sequence, uint32_t number, uint32_t offset,
                             std::string_view bytes, uint16_t type = kExecute) {
  return hand_part(kRequest | kMulti, sequence, number, offset, bytes, type);
}

inline HandWritten hand_last(uint32_t sequence, uint32_t number, uint32_t offset,
                             std::string_view bytes, uint16_t type = kExecute) {
  return hand_part(kRequest | kMulti | kDone, sequence, number, offset, bytes, type);
}

/// To state "a".
inline HandWritten hand_data(uint32_t sequence, uint32_t total, std::string_view bytes) {
  return hand(20, kRequest | kDone, sequence).u32(total).text("a", 64).bytes(bytes);
}

inline HandWritten hand_error_text(uint32_t sequence) { return hand(32, kRequest, sequence); }

inline HandWritten hand_stats(uint32_t sequence, std::string_view name) {
  return hand(33, kRequest, sequence).text(name, 64);
}

/// Bounds 1 to 5 on state "a".
inline HandWritten hand_limits(uint32_t sequence) {
  return hand(34, kRequest, sequence).text("a", 64).u64(1).u64(2).u64(3).u32(4).u32(5);
}

inline constexpr uint16_t kBind = 35, kUnbind = 36;

/// On state "a". `arguments`: with their zeros.
inline HandWritten hand_arguments(uint16_t type, uint32_t sequence, std::string_view arguments) {
  return hand(type, kRequest, sequence).text("a", 64).bytes(arguments);
}

}  // namespace nflua::test
