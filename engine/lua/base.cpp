// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/lua/base.hpp"

extern "C" {
#include "lualib.h"
}

namespace nflua {
namespace {

static_assert(kMaxStringBytes == NFLUA_MAX_STRING_BYTES);

/// Registry key of the table that `require` looks into.
constexpr const char* kModules = "nflua.modules";
constexpr int64_t kNanosecondsPerSecond = 1'000'000'000;
/// Steps of one print: the host formats and writes a line.
constexpr size_t kPrintSteps = 256;

/// Replaces the string on top by its beginning.
void cut_line(lua_State* L) {
  size_t size = 0;
  const char* line = lua_tolstring(L, -1, &size);
  if (size <= kMaxLogBytes) return;
  constexpr size_t kEllipsisBytes = 3;
  lua_pushlstring(L, line, kMaxLogBytes - kEllipsisBytes);
  lua_pushstring(L, "...");
  lua_concat(L, 2);
  lua_remove(L, -2);
}

int base_print(lua_State* L) {
  nflua_charge(L, kPrintSteps);
  push_line(L, 1, lua_gettop(L));
  State& state = state_of(L);
  state.host().report(
      {ReportKind::print, state.name(), state.current_function(), check_text(L, -1)});
  return 0;
}

int base_require(lua_State* L) {
  const char* name = luaL_checkstring(L, 1);
  lua_settop(L, 1);
  lua_getfield(L, LUA_REGISTRYINDEX, kModules);
  if (lua_getfield(L, -1, name) == LUA_TNIL)
    return luaL_error(L, "module '%s' not found: only what is built in can be required", name);
  return 1;
}

int base_collectgarbage(lua_State* L) {
  if (!lua_isnoneornil(L, 1) && check_text(L, 1) == "count") {
    const int bytes = lua_gc(L, LUA_GCCOUNTB);
    lua_pushnumber(L, lua_gc(L, LUA_GCCOUNT) + bytes / lua_Number(1024));
    return 1;
  }
  return luaL_argerror(L, 1, "only 'count' is granted");
}

int base_setmetatable(lua_State* L) {
  const int type = lua_type(L, 2);
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_argexpected(L, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table");
  if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
    return luaL_error(L, "cannot change a protected metatable");
  lua_settop(L, 2);
  if (type == LUA_TTABLE) {
    lua_pushliteral(L, "__gc");
    if (lua_rawget(L, 2) != LUA_TNIL) return luaL_argerror(L, 2, "'__gc' is refused");
    lua_pushliteral(L, "__mode");
    if (lua_rawget(L, 2) == LUA_TSTRING) {
      nflua_charge_bytes(L, lua_rawlen(L, -1));
      if (strchr(lua_tostring(L, -1), 'k'))
        return luaL_argerror(L, 2, "weak keys ('__mode' with 'k') are refused");
    }
    lua_settop(L, 2);
  }
  lua_setmetatable(L, 1);
  return 1;
}

int base_error(lua_State* L) {
  const lua_Integer level = luaL_optinteger(L, 2, 1);
  if (level > kMaxErrorLevel)
    return luaL_argerror(L, 2, lua_pushfstring(L, "level must be %d at most", kMaxErrorLevel));
  lua_settop(L, 1);
  if (lua_type(L, 1) == LUA_TSTRING && level > 0) {
    luaL_where(L, static_cast<int>(level));
    lua_pushvalue(L, 1);
    lua_concat(L, 2);
  }
  return lua_error(L);
}

/// Raises with the position of the script's call of `load`, which called this by pcall.
void raise_reader_error(lua_State* L) {
  constexpr int kCallerOfLoad = 2;
  luaL_where(L, kCallerOfLoad);
  lua_pushliteral(L, "reader function must return a string");
  lua_concat(L, 2);
  lua_error(L);
}

/// Returns all that a reader function gives as one string. Arguments: it, and how many bytes are
/// too many.
int join_pieces(lua_State* L) {
  const auto max_bytes = static_cast<size_t>(lua_tointeger(L, 2));
  luaL_Buffer pieces;
  luaL_buffinit(L, &pieces);
  for (;;) {
    lua_pushvalue(L, 1);
    lua_call(L, 0, 1);
    if (lua_isnil(L, -1)) break;
    if (!lua_isstring(L, -1)) raise_reader_error(L);
    // A number becomes a string here.
    size_t size = 0;
    lua_tolstring(L, -1, &size);
    if (size == 0 || luaL_bufflen(&pieces) > max_bytes) break;
    luaL_addvalue(&pieces);
  }
  lua_pop(L, 1);
  luaL_pushresult(&pieces);
  return 1;
}

/// Pushes what the reader function at index 1 gives, or the error's value. Returns Lua's status.
int read_pieces(lua_State* L, size_t max_bytes) {
  lua_pushcfunction(L, join_pieces);
  lua_pushvalue(L, 1);
  lua_pushinteger(L, static_cast<lua_Integer>(max_bytes));
  return lua_pcall(L, 2, 1, 0);
}

/// Compiles the string on top. Pushes the function, or the message; returns Lua's status.
int compile_source(lua_State* L, const char* name, const char* mode, size_t max_bytes) {
  const Text source = check_text(L, -1);
  if (source.size() > max_bytes) {
    lua_pushfstring(L, "chunk too long (%d bytes at most here)", static_cast<int>(max_bytes));
  } else if (!strchr(mode, 't')) {
    lua_pushfstring(L, "attempt to load a text chunk (mode is '%s')", mode);
  } else {
    return luaL_loadbufferx(L, source.data(), source.size(), name, "t");
  }
  return LUA_ERRSYNTAX;
}

int base_load(lua_State* L) {
  constexpr int kEnvironment = 4;
  const bool has_environment = !lua_isnone(L, kEnvironment);
  size_t mode_size = 0;
  const char* mode = luaL_optlstring(L, 3, "t", &mode_size);
  const size_t max_bytes = state_of(L).is_loading() ? kMaxStringBytes : kMaxCallbackChunkBytes;
  const bool is_text = lua_isstring(L, 1);
  if (!is_text) luaL_checktype(L, 1, LUA_TFUNCTION);
  size_t name_size = 0;
  const char* name = luaL_optlstring(L, 2, is_text ? lua_tostring(L, 1) : "=(load)", &name_size);
  // Lua takes both to end at a zero: it looks for it, and compares the name with the last ones.
  nflua_charge_bytes(L, mode_size + name_size);
  lua_settop(L, kEnvironment);
  int status = LUA_OK;
  if (is_text)
    lua_pushvalue(L, 1);
  else
    status = read_pieces(L, max_bytes);
  if (status == LUA_OK) status = compile_source(L, name, mode, max_bytes);
  if (status != LUA_OK) {
    luaL_pushfail(L);
    lua_insert(L, -2);
    return 2;
  }
  if (has_environment) {
    lua_pushvalue(L, kEnvironment);
    if (!lua_setupvalue(L, -2, 1)) lua_pop(L, 1);
  }
  return 1;
}

int os_time(lua_State* L) {
  const int64_t now_ns = state_of(L).host().now_ns();
  lua_pushinteger(L, now_ns / kNanosecondsPerSecond);
  lua_pushinteger(L, now_ns);
  return 2;
}

/// Without arguments: the host's seed, so that a replay repeats.
int math_randomseed(lua_State* L) {
  if (lua_gettop(L) == 0) {
    lua_pushinteger(L, state_of(L).host().seed());
    lua_pushinteger(L, 0);
  }
  // It has an upvalue of its own, so it needs a frame of its own.
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  return lua_gettop(L);
}

constexpr luaL_Reg kBaseFunctions[] = {
    {"collectgarbage", base_collectgarbage},
    {"error", base_error},
    {"load", base_load},
    {"print", base_print},
    {"require", base_require},
    {"setmetatable", base_setmetatable},
    {nullptr, nullptr},
};

constexpr luaL_Reg kOsFunctions[] = {
    {"time", os_time},
    {nullptr, nullptr},
};

void forget(lua_State* L, const char* name) {
  lua_pushnil(L);
  lua_setfield(L, -2, name);
}

/// Leaves the library's table on the stack.
void open_library(lua_State* L, const char* name, lua_CFunction opener) {
  lua_pushcfunction(L, opener);
  lua_pushstring(L, name);
  lua_call(L, 1, 1);
}

void open_globals(lua_State* L) {
  open_library(L, "_G", luaopen_base);
  luaL_setfuncs(L, kBaseFunctions, 0);
  forget(L, "dofile");
  forget(L, "loadfile");
  register_module(L, "_G");
}

void open_os(lua_State* L) {
  luaL_newlib(L, kOsFunctions);
  register_module(L, "os");
}

void open_math(lua_State* L) {
  open_library(L, "math", luaopen_math);
  guard_function(L, "randomseed", math_randomseed);
  lua_getfield(L, -1, "randomseed");
  lua_call(L, 0, 0);
  register_module(L, "math");
}

}  // namespace

void push_line(lua_State* L, int first, int last) {
  luaL_Buffer line;
  luaL_buffinit(L, &line);
  for (int i = first; i <= last; ++i) {
    if (i > first) luaL_addchar(&line, '\t');
    size_t size = 0;
    const char* text = luaL_tolstring(L, i, &size);
    // One byte more than fits shows that something was cut.
    const size_t room = kMaxLogBytes + 1 - luaL_bufflen(&line);
    if (size >= room) {
      lua_pushlstring(L, text, room);
      lua_remove(L, -2);
      luaL_addvalue(&line);
      break;
    }
    luaL_addvalue(&line);
  }
  luaL_pushresult(&line);
  cut_line(L);
}

void register_module(lua_State* L, const char* name) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, kModules);
  lua_pushvalue(L, -2);
  lua_setfield(L, -2, name);
  lua_pop(L, 1);
  lua_setglobal(L, name);
}

void open_module(lua_State* L, const char* name, lua_CFunction opener) {
  open_library(L, name, opener);
  register_module(L, name);
}

void guard_function(lua_State* L, const char* name, lua_CFunction guard) {
  lua_getfield(L, -1, name);
  lua_pushcclosure(L, guard, 1);
  lua_setfield(L, -2, name);
}

int open_base(lua_State* L) {
  open_globals(L);
  open_module(L, "coroutine", luaopen_coroutine);
  open_module(L, "table", luaopen_table);
  open_library(L, "string", luaopen_string);
  harden_string(L);
  register_module(L, "string");
  open_library(L, "utf8", luaopen_utf8);
  harden_utf8(L);
  register_module(L, "utf8");
  open_math(L);
  open_os(L);
  // Lua looks here for a function's name when an argument is bad and the function was called
  // without one. Each step of its search is paid for.
  lua_getfield(L, LUA_REGISTRYINDEX, kModules);
  lua_setfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  return 0;
}

}  // namespace nflua
