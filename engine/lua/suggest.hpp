// SPDX-License-Identifier: GPL-2.0-or-later
// "did you mean" for names of methods and functions that do not exist.
//
//   watch_names(L) on each table of functions → a read of what is not there notes the name, and the
//   nearest one → push_traceback() asks suggested_name() for the name in an error's message
// What a script reads is nil as before: it may ask whether a function is there.
#pragma once

#include "engine/lua/binding.hpp"

namespace nflua {

/// Lets the table on top note what is not found in it.
void watch_names(lua_State* L);

/// The name that was probably meant, if `message` says that the last name which was not found can't
/// be called. Empty: nothing is near. Borrows: from the state, until a name is not found.
Text suggested_name(lua_State* L, Text message);

}  // namespace nflua
