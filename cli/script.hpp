// SPDX-License-Identifier: GPL-2.0-or-later
// A script from a file, loaded into a state.
#pragma once

#include <memory>
#include <string>

#include "engine/state.hpp"

namespace nflua::cli {

struct StateCloser {
  void operator()(State* state) const { state->close(); }
};
using OwnedState = std::unique_ptr<State, StateCloser>;

/// Creates a state named as the script without ".lua" and runs the script in it.
/// Borrows: `host`. Errors: throws CommandFailure.
OwnedState load_script(Host& host, const std::string& path, const Limits& limits);

/// All of a file, or of standard input for "-". Errors: throws CommandFailure.
std::string read_text_file(const std::string& path, const char* what);

}  // namespace nflua::cli
