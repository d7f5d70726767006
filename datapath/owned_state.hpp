// SPDX-License-Identifier: GPL-2.0-or-later
// A state that closes itself.
#pragma once

#include <memory>

#include "engine/state.hpp"

namespace nflua {

struct StateCloser {
  void operator()(State* state) const { state->close(); }
};
using OwnedState = std::unique_ptr<State, StateCloser>;

}  // namespace nflua
