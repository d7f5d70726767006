// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/explain.hpp"

#include <fmt/format.h>

#include <cerrno>

#include "support/errno_text.hpp"

namespace nflua::control {

namespace {

Failure explain_name(std::string_view name) {
  return Failure(
      fmt::format("'{}' can't name a state: found {} bytes, expected 1 to {} without a "
                  "zero among them",
                  name, name.size(), NFLUA_NAME_BYTES - 1));
}

Failure explain_size(const char* what, size_t found, size_t most) {
  return Failure(fmt::format("{}: found {} bytes, expected at most {}", what, found, most));
}

struct Explainer {
  Limits limits;

  Failure operator()(const Script& script) const {
    if (!is_name(script.name)) return explain_name(script.name);
    if (script.chunk.size() > limits.chunk_bytes())
      return explain_size("the script is too long for a message: send it in parts",
                          script.chunk.size(), limits.chunk_bytes());
    return explain_size("the script's name is too long, or has a zero", script.script.size(),
                        NFLUA_SCRIPT_BYTES);
  }
  Failure operator()(const Data& data) const {
    if (!is_name(data.name)) return explain_name(data.name);
    return explain_size("the data are too long for a message: send them in parts",
                        data.bytes.size(), limits.data_bytes());
  }
  Failure operator()(const Arguments& command) const {
    if (!is_name(command.name)) return explain_name(command.name);
    size_t bytes = 0;
    for (const std::string_view argument : command.arguments) bytes += argument.size() + 1;
    return explain_size("the arguments are too long, or have a zero", bytes,
                        limits.argument_bytes());
  }
  Failure operator()(const Create& create) const { return explain_name(create.name); }
  Failure operator()(const Destroy& destroy) const { return explain_name(destroy.name); }
  Failure operator()(const Stats& stats) const { return explain_name(stats.name); }
  Failure operator()(const SetLimits& set) const { return explain_name(set.name); }
  Failure operator()(const List&) const { return {}; }
  Failure operator()(const ErrorText&) const { return {}; }
  Failure operator()(const Printed&) const { return {}; }
};

}  // namespace

std::string name_of(const Server& server) {
  return server.is_kernel() ? "the kernel module"
                            : fmt::format("the daemon at port {:#x}", server.port);
}

Failure explain_unsendable(const Command& command, Limits limits) {
  return std::visit(Explainer{limits}, command);
}

Failure explain_socket_error(const Server& server, int error) {
  if (error == ECONNREFUSED && !server.is_kernel())
    return Failure(fmt::format(
        "found no daemon at port {:#x}, expected one there; start it: nflua daemon", server.port));
  return Failure(fmt::format("lost {}: {}", name_of(server), errno_text(error)));
}

Failure explain_silence(const Server& server, std::chrono::milliseconds waited, uint64_t overruns) {
  std::string text = fmt::format("{} didn't answer within {:.3g} s", name_of(server),
                                 std::chrono::duration<double>(waited).count());
  if (overruns > 0)
    return Failure(text + "; answers may have been lost, since too much data came at a time");
  return Failure(text + "; it may be busy: give it more time");
}

Failure explain_unserved(const Server& server) {
  if (server.is_kernel())
    return Failure(
        "the kernel module refused the command without a reason: it serves only who has "
        "CAP_NET_ADMIN in this network namespace (an old one never gives a reason); try as root");
  return Failure(
      fmt::format("{} refused the command without a reason: it serves only its own user "
                  "and root; try as one of them",
                  name_of(server)));
}

Failure explain_malformed(const Server& server) {
  return Failure(
      fmt::format("{} sent an answer that is none (docs/protocol.md); is it of another version?",
                  name_of(server)));
}

}  // namespace nflua::control
