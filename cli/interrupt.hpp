// SPDX-License-Identifier: GPL-2.0-or-later
// Ctrl-C, and a request to terminate, end a run early but in order: output and summary are complete
// up to there. A second one ends the process at once.
#pragma once

#include <atomic>

namespace nflua::cli {

/// Catches SIGINT and SIGTERM while it lives. One at a time.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  /// For who runs the loop.
  const std::atomic<bool>& is_wanted() const;
  /// Dies of the signal that came, so that a shell's loop ends too. Returns if none came.
  void die_of_it() const;
};

}  // namespace nflua::cli
