// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/client/send_script.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "cli/printable.hpp"

namespace nflua::cli {

namespace {

/// What the chunk printed, whether it failed or not. A server that does not know the question has
/// nothing to show.
void show_printed(Session& session) {
  auto printed = session.client().call(control::Printed{}, session.timeout());
  if (!printed) return;
  fmt::print("{}", printable(printed->text));
  std::fflush(stdout);
}

}  // namespace

control::Answer send_script(Session& session, uint16_t type, const std::string& state,
                            const std::string& shown, const std::string& source) {
  const size_t most = session.client().limits().chunk_bytes();
  if (source.size() > most)
    throw CommandFailure(kUnreadable,
                         fmt::format("{}: the script has {} bytes, and messages carry {} at most; "
                                     "execute it in parts",
                                     shown, source.size(), most));
  const std::string_view name = shown;
  const std::string_view end =
      name.substr(name.size() - std::min<size_t>(name.size(), NFLUA_SCRIPT_BYTES));
  const control::ByteView bytes(reinterpret_cast<const uint8_t*>(source.data()), source.size());
  try {
    control::Answer answer = session.call(control::Script{type, state, end, bytes});
    show_printed(session);
    return answer;
  } catch (const CommandFailure& failure) {
    if (failure.status() == kRefused) show_printed(session);
    throw;
  }
}

}  // namespace nflua::cli
