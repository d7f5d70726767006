// SPDX-License-Identifier: GPL-2.0-or-later
// What a client says to people when a command can't be sent, or isn't answered.
#pragma once

#include <chrono>

#include "control/client_socket.hpp"
#include "support/outcome.hpp"

namespace nflua::control {

/// "the daemon at port 1313230913".
std::string name_of(const Server& server);

/// Requires: encode() made nothing of it.
Failure explain_unsendable(const Command& command, Limits limits);
/// `error`: what send() or receive() returned.
Failure explain_socket_error(const Server& server, int error);
Failure explain_silence(const Server& server, std::chrono::milliseconds waited, uint64_t overruns);
Failure explain_unserved(const Server& server);
Failure explain_malformed(const Server& server);

}  // namespace nflua::control
