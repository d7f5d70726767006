// SPDX-License-Identifier: GPL-2.0-or-later
// The engine's texts and errors as std::string and Failure, and back.
#pragma once

#include <string>

#include "engine/state.hpp"
#include "support/outcome.hpp"

namespace nflua {

/// Borrows: from `string`.
inline Text text_of(const std::string& string) { return {string.data(), string.size()}; }

inline std::string string_of(Text text) { return {text.data(), text.size()}; }

/// Of what a state has just run: success, or what its last_error() says.
inline Failure failure_of(const Error& error, const State& state) {
  return error ? Failure(string_of(state.last_error())) : Failure();
}

}  // namespace nflua
