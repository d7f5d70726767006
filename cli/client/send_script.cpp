// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/client/send_script.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace nflua::cli {

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
  return session.call(control::Script{type, state, end, bytes});
}

}  // namespace nflua::cli
