// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "cli/client/server_options.hpp"

namespace nflua::cli {

/// Sends EXECUTE, RELOAD or EVALUATE, and shows what the script printed. `shown`: what messages
/// call the chunk; of a long one the end. Errors: throws CommandFailure.
control::Answer send_script(Session& session, uint16_t type, const std::string& state,
                            const std::string& shown, const std::string& source);

}  // namespace nflua::cli
