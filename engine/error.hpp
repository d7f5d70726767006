// SPDX-License-Identifier: GPL-2.0-or-later
// How engine functions say that something failed.
//
// An Error is a static, zero-terminated text (nothing to own, nothing to free, safe across
// longjmp); no text means success. A Result is a value or an Error. Both are trivially destructible
// as long as T is, which callers near Lua rely on: Lua raises by longjmp.
#pragma once

namespace nflua {

class [[nodiscard]] Error {
 public:
  constexpr Error() = default;
  constexpr explicit Error(const char* static_text) : text_(static_text) {}

  constexpr explicit operator bool() const { return text_ != nullptr; }
  /// Requires: this is a failure.
  constexpr const char* text() const { return text_; }

 private:
  const char* text_ = nullptr;
};

template <class T>
class [[nodiscard]] Result {
 public:
  constexpr Result(T value) : value_(value) {}
  constexpr Result(Error error) : error_(error) {}

  constexpr explicit operator bool() const { return !error_; }
  constexpr Error error() const { return error_; }
  // Requires: success.
  constexpr T& operator*() { return value_; }
  constexpr const T& operator*() const { return value_; }
  constexpr T* operator->() { return &value_; }
  constexpr const T* operator->() const { return &value_; }

 private:
  T value_{};
  Error error_;
};

}  // namespace nflua
