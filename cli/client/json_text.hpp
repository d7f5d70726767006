// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "support/outcome.hpp"

namespace nflua::cli {

/// An object of JSON as a person reads it, in its own order: first its plain values, a row each,
/// then each object in it as a section, and each array of objects as a table, or, if that were too
/// wide, each of them as a section. Errors: it is none.
Outcome<std::string> readable_json(const std::string& json);

}  // namespace nflua::cli
