// SPDX-License-Identifier: GPL-2.0-or-later
// --filter, as the commands that have it read it.
#pragma once

#include <string>

#include "datapath/bpf_program.hpp"

namespace nflua::cli {

/// Tells on standard error if each packet will take longer, as the program can't be optimized.
/// Errors: throws CommandFailure.
BpfProgram compile_filter(const std::string& expression);

}  // namespace nflua::cli
