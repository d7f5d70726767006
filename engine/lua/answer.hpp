// SPDX-License-Identifier: GPL-2.0-or-later
// What is said of a callback's result that is no answer: what it was, what is expected, and what
// was probably meant. Context: outside the protected call; nothing here raises or allocates.
#pragma once

#include "engine/lua/binding.hpp"

namespace nflua {

/// Bytes that any of the texts fits in.
using AnswerText = char[256];

/// The verdict that a target names by `word`; `proceed`: none.
VerdictKind find_target_verdict(Text word);

/// Of a match's result that is neither a boolean nor "hotdrop". Borrows: from `buffer`.
Text describe_wrong_match(lua_State* L, int index, AnswerText& buffer);
/// Of a target's result that is neither nil nor a verdict.
Text describe_wrong_target(lua_State* L, int index, AnswerText& buffer);

}  // namespace nflua
