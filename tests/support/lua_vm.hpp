// SPDX-License-Identifier: GPL-2.0-or-later
// A bare Lua VM for tests of bindings that need no state: an allocator that counts and fails on
// request, Lua's base library, and one module as a global.
#pragma once

#include <string>

extern "C" {
#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"
}

namespace nflua::test {

class LuaVm {
 public:
  LuaVm(const char* module, lua_CFunction open);
  LuaVm(const LuaVm&) = delete;
  LuaVm& operator=(const LuaVm&) = delete;
  /// Checks that nothing is left.
  ~LuaVm();

  /// The results of a chunk as text, separated by blanks (strings as they are), or
  /// "error: MESSAGE" without the message's position.
  std::string run(const std::string& chunk);

  /// Lets the n-th allocation from now fail (1: the next), once.
  void fail_allocation(size_t nth) { fail_at_ = allocations_ + nth; }
  void fail_never() { fail_at_ = 0; }
  /// Whether the allocation that was to fail has been asked for.
  bool has_failed() const { return fail_at_ != 0 && allocations_ >= fail_at_; }
  size_t live_bytes() const { return live_bytes_; }
  void collect() { lua_gc(lua_, LUA_GCCOLLECT); }
  lua_State* lua() { return lua_; }

 private:
  static void* allocate(void* self, void* block, size_t old_bytes, size_t new_bytes);

  size_t allocations_ = 0;
  size_t fail_at_ = 0;
  size_t live_bytes_ = 0;
  lua_State* lua_;
};

}  // namespace nflua::test
