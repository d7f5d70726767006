// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "control/client.hpp"

namespace nflua::cli {

enum class DatagramForm : uint8_t {
  text,  ///< the state's name and what can be shown of the bytes
  json,  ///< docs/events.md, "datagram"
  raw,   ///< the bytes alone
};

/// To standard output, at once.
void write_datagram(const control::Datagram& datagram, DatagramForm form);

}  // namespace nflua::cli
