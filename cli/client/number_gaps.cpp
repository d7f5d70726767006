// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/client/number_gaps.hpp"

namespace nflua::cli {

uint64_t NumberGaps::add(const control::Datagram& datagram) {
  if (next_.size() >= kMaxStates) next_.clear();
  const auto [next, is_new] = next_.try_emplace({datagram.port, datagram.state}, datagram.number);
  const uint64_t gap = datagram.number > next->second ? datagram.number - next->second : 0;
  next->second = datagram.number + 1;
  missing_ += gap;
  return gap;
}

}  // namespace nflua::cli
