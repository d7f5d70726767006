// SPDX-License-Identifier: GPL-2.0-or-later
// How a userspace program says that something failed, to people: as engine/error.hpp, with texts
// that are composed. A message reads "FILE: what was found, what was expected; remedy".
#pragma once

#include <optional>
#include <string>
#include <utility>

namespace nflua {

class [[nodiscard]] Failure {
 public:
  /// Success.
  Failure() = default;
  explicit Failure(std::string message) : message_(std::move(message)) {}

  explicit operator bool() const { return !message_.empty(); }
  const std::string& message() const { return message_; }

 private:
  std::string message_;
};

/// A value or a Failure.
template <class T>
class [[nodiscard]] Outcome {
 public:
  Outcome(T value) : value_(std::move(value)) {}
  Outcome(Failure failure) : failure_(std::move(failure)) {}

  explicit operator bool() const { return value_.has_value(); }
  const Failure& failure() const { return failure_; }
  // Requires: success.
  T& operator*() { return *value_; }
  T* operator->() { return &*value_; }

 private:
  std::optional<T> value_;
  Failure failure_;
};

}  // namespace nflua
