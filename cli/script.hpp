// SPDX-License-Identifier: GPL-2.0-or-later
// A script from a file, loaded into a state.
#pragma once

#include <string>

#include "datapath/owned_state.hpp"

namespace nflua::cli {

struct Script {
  /// As shown in messages: the path, or "stdin".
  std::string path;
  /// Of its state: the file's, without ".lua".
  std::string name;
  std::string source;
};

/// "-" is standard input. Errors: throws CommandFailure.
Script read_script(const std::string& path);

/// Whether a file begins as a capture does; a pipe never does.
bool is_capture_file(const std::string& path);

/// Creates a state with the script's name and runs the script in it. `worker`: counts replicas
/// from 1. Borrows: `host`. Errors: throws CommandFailure.
OwnedState load_script(Host& host, const Script& script, const Limits& limits, uint32_t worker = 1);

/// All of a file, or of standard input for "-". Errors: throws CommandFailure.
std::string read_text_file(const std::string& path, const char* what);

}  // namespace nflua::cli
