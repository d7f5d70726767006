// SPDX-License-Identifier: GPL-2.0-or-later
// How a subcommand gives up: a message for people and an exit status.
#pragma once

#include <stdexcept>
#include <string>

#include "cli/exit_status.hpp"

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

}  // namespace nflua::cli
