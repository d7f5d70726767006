// SPDX-License-Identifier: GPL-2.0-or-later
// A short text put together in a buffer of the caller's; what does not fit is left out.
#pragma once

#include "engine/bytes.hpp"

namespace nflua {

class TextLine {
 public:
  TextLine(char* buffer, size_t room) : buffer_(buffer), room_(room) {}

  TextLine& operator<<(Text text) {
    const size_t count = least(text.size(), room_ - size_);
    memcpy(buffer_ + size_, text.data(), count);
    size_ += count;
    return *this;
  }

  TextLine& operator<<(uint64_t number) {
    char digits[20];
    size_t first = sizeof(digits);
    do {
      digits[--first] = char('0' + number % 10);
      number /= 10;
    } while (number > 0);
    return *this << Text(digits + first, sizeof(digits) - first);
  }

  Text text() const { return {buffer_, size_}; }

 private:
  char* buffer_;
  size_t room_;
  size_t size_ = 0;
};

}  // namespace nflua
