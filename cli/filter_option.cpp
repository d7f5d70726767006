// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/filter_option.hpp"

#include <fmt/format.h>

#include "cli/command_failure.hpp"

namespace nflua::cli {

BpfProgram compile_filter(const std::string& expression) {
  BpfProgram program = value_or_fail(BpfProgram::compile(expression), kUsage);
  if (!program.is_optimized())
    fmt::print(stderr,
               "nflua: --filter: {} instructions, too many to be optimized (above {}): each packet "
               "takes longer; portrange and net say more with less\n",
               program.size(), kMaxOptimizedInstructions);
  return program;
}

}  // namespace nflua::cli
