// SPDX-License-Identifier: GPL-2.0-or-later
// Numbers in text.
#pragma once

#include <charconv>
#include <optional>
#include <string_view>

namespace nflua {

/// A number that is all of `text`: no blank, no plus sign. Nothing: it is none, or does not fit.
template <class T>
std::optional<T> parse_number(std::string_view text, int base = 10) {
  T value{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, base);
  if (error != std::errc() || stop != end) return {};
  return value;
}

}  // namespace nflua
