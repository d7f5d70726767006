// SPDX-License-Identifier: GPL-2.0-or-later
// How a subcommand gives up: a message for people and an exit status.
#pragma once

#include <stdexcept>
#include <string>

#include "cli/exit_status.hpp"
#include "support/outcome.hpp"

namespace nflua::cli {

class CommandFailure : public std::runtime_error {
 public:
  /// `message`: what was expected, what was found, what to do.
  CommandFailure(ExitStatus status, const std::string& message)
      : std::runtime_error(message), status_(status) {}

  ExitStatus status() const { return status_; }

 private:
  ExitStatus status_;
};

/// Throws what kept a value from being there.
template <class T>
T value_or_fail(Outcome<T> outcome, ExitStatus status) {
  if (!outcome) throw CommandFailure(status, outcome.failure().message());
  return std::move(*outcome);
}

}  // namespace nflua::cli
