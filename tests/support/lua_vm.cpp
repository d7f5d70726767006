// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/lua_vm.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace nflua::test {
namespace {

std::string take_text(lua_State* L, int index) {
  size_t size = 0;
  const char* text = luaL_tolstring(L, index, &size);
  std::string result(text, size);
  lua_pop(L, 1);
  return result;
}

}  // namespace

LuaVm::LuaVm(const char* module, lua_CFunction open) : lua_(lua_newstate(allocate, this)) {
  luaL_requiref(lua_, LUA_GNAME, luaopen_base, 1);
  luaL_requiref(lua_, module, open, 1);
  lua_settop(lua_, 0);
}

LuaVm::~LuaVm() {
  lua_close(lua_);
  EXPECT_EQ(live_bytes_, 0u);
}

std::string LuaVm::run(const std::string& chunk) {
  lua_settop(lua_, 0);
  if (luaL_loadbuffer(lua_, chunk.data(), chunk.size(), "=chunk") != LUA_OK ||
      lua_pcall(lua_, 0, LUA_MULTRET, 0) != LUA_OK) {
    const std::string message = take_text(lua_, -1);
    const bool has_position = message.rfind("chunk:", 0) == 0;
    return "error: " + (has_position ? message.substr(message.find(": ") + 2) : message);
  }
  std::string results;
  const int count = lua_gettop(lua_);
  for (int index = 1; index <= count; ++index)
    results += (index > 1 ? " " : "") + take_text(lua_, index);
  lua_settop(lua_, 0);
  return results;
}

void* LuaVm::allocate(void* self, void* block, size_t old_bytes, size_t new_bytes) {
  auto& vm = *static_cast<LuaVm*>(self);
  // For a new block Lua passes the type of its object instead of a size.
  const size_t had = block ? old_bytes : 0;
  if (new_bytes > had && ++vm.allocations_ == vm.fail_at_) return nullptr;
  vm.live_bytes_ += new_bytes - had;
  if (new_bytes) return std::realloc(block, new_bytes);
  std::free(block);
  return nullptr;
}

}  // namespace nflua::test
