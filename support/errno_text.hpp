// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstring>
#include <string>

namespace nflua {

/// "EPERM" becomes "Operation not permitted (EPERM)": what it means, and what people search for.
inline std::string errno_text(int error) {
  const char* name = strerrorname_np(error);
  return std::string(std::strerror(error)) + " (" + (name ? name : "unknown") + ")";
}

}  // namespace nflua
