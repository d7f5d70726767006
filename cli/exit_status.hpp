// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace nflua::cli {

/// What the command exits with. Documented in docs/cli.md.
enum ExitStatus : int {
  kSuccess = 0,
  kCallbackRaised = 1,  ///< only with --strict
  kRefused = 1,         ///< by the daemon or the kernel module
  kTooFew = 1,          ///< messages came in the time given
  kUsage = 2,
  kUnreadable = 3,   ///< capture, script or data
  kEnvironment = 4,  ///< permission, disk full, something missing
};

}  // namespace nflua::cli
