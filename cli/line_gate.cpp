// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/line_gate.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>

namespace nflua::cli {

bool LineGate::admit(Time now, bool is_taken) {
  const std::chrono::duration<double> passed = now - refilled_;
  refilled_ = now;
  lines_ = std::min(kLogBurstLines, lines_ + passed.count() * kLogLinesPerSecond);
  const bool admitted = is_taken && lines_ >= 1;
  if (admitted)
    --lines_;
  else
    ++left_out_;
  return admitted;
}

bool standard_error_takes_a_line() {
  pollfd out{STDERR_FILENO, POLLOUT, 0};
  constexpr int kDontWait = 0;
  return poll(&out, 1, kDontWait) == 1 && out.revents == POLLOUT;
}

}  // namespace nflua::cli
