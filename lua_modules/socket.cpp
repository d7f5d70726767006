// SPDX-License-Identifier: GPL-2.0-or-later
#include "lua_modules/socket.hpp"

#include <cmath>

namespace nflua {
namespace {

constexpr lua_Number kMsPerSecond = 1000;
/// poll() counts milliseconds in an int: 23 days.
constexpr lua_Number kMaxTimeoutS = 2'000'000;

[[noreturn]] void raise_option(lua_State* L, const char* name, const char* expected) {
  luaL_error(L, "option '%s': %s expected", name, expected);
  __builtin_unreachable();
}

// Of the value on the stack's top.

bool read_boolean(lua_State* L, const char* name) {
  if (lua_type(L, -1) != LUA_TBOOLEAN) raise_option(L, name, "boolean");
  return lua_toboolean(L, -1);
}

uint32_t read_port(lua_State* L, const char* name) {
  int is_integer = 0;
  const lua_Integer port = lua_tointegerx(L, -1, &is_integer);
  if (!is_integer || port < 1 || port > UINT32_MAX) raise_option(L, name, "port (1 to 2^32-1)");
  return static_cast<uint32_t>(port);
}

int64_t read_timeout(lua_State* L, const char* name) {
  int is_number = 0;
  const lua_Number seconds = lua_tonumberx(L, -1, &is_number);
  if (!is_number || !(seconds >= 0 && seconds <= kMaxTimeoutS))
    raise_option(L, name, "number of seconds (0 to 2000000)");
  return static_cast<int64_t>(std::ceil(seconds * kMsPerSecond));
}

void read_groups(lua_State* L, const char* name, OpenOptions& options) {
  if (lua_type(L, -1) != LUA_TTABLE || lua_rawlen(L, -1) > OpenOptions::kMaxGroups)
    raise_option(L, name, "table of group numbers");
  const lua_Integer count = static_cast<lua_Integer>(lua_rawlen(L, -1));
  for (lua_Integer i = 1; i <= count; ++i) {
    lua_rawgeti(L, -1, i);
    int is_integer = 0;
    const lua_Integer group = lua_tointegerx(L, -1, &is_integer);
    if (!is_integer || group < 1 || group > OpenOptions::kMaxGroups)
      raise_option(L, name, "table of group numbers (1 to 32)");
    options.groups[options.group_count++] = static_cast<uint32_t>(group);
    lua_pop(L, 1);
  }
}

/// False: there is no such option.
bool read_data_option(lua_State* L, const char* name, OpenOptions& options) {
  if (strcmp(name, "ownport") == 0)
    options.own_port = read_port(L, name);
  else if (strcmp(name, "groups") == 0)
    read_groups(L, name, options);
  else if (strcmp(name, "anyone") == 0)
    options.data_of_anyone = read_boolean(L, name);
  else
    return false;
  return true;
}

bool read_option(lua_State* L, const char* name, OpenOptions& options) {
  if (strcmp(name, "kernel") == 0) {
    if (read_boolean(L, name)) options.server = control::kKernelModule;
  } else if (strcmp(name, "port") == 0) {
    options.server.port = read_port(L, name);
  } else if (strcmp(name, "timeout") == 0) {
    options.timeout_ms = read_timeout(L, name);
  } else if (strcmp(name, "blocking") == 0) {
    options.is_blocking = read_boolean(L, name);
  } else {
    return false;
  }
  return true;
}

bool has_field(lua_State* L, int table, const char* name) {
  const bool has = lua_getfield(L, table, name) != LUA_TNIL;
  lua_pop(L, 1);
  return has;
}

control::ClientOptions client_options(const OpenOptions& options) {
  control::ClientOptions result;
  result.socket.server = options.server;
  result.socket.own_port = options.own_port;
  result.socket.groups = {options.groups, options.group_count};
  result.data_of_anyone = options.data_of_anyone;
  return result;
}

}  // namespace

OpenOptions check_options(lua_State* L, int arg, bool is_data) {
  OpenOptions options;
  if (lua_isnoneornil(L, arg)) return options;
  luaL_checktype(L, arg, LUA_TTABLE);
  for (lua_pushnil(L); lua_next(L, arg); lua_pop(L, 1)) {
    // A number would be made a string in its place, which lua_next() doesn't bear.
    const char* name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
    if (!read_option(L, name, options) && !(is_data && read_data_option(L, name, options)))
      luaL_error(L, "unknown option '%s'", name);
  }
  if (options.server.is_kernel() && has_field(L, arg, "port"))
    luaL_error(L, "options 'kernel' and 'port' exclude each other");
  return options;
}

bool open_client(lua_State* L, Socket& socket, const OpenOptions& options) {
  socket.is_blocking = options.is_blocking;
  socket.timeout = control::Milliseconds(options.timeout_ms);
  attempt(L, [&] {
    auto client = control::Client::open(client_options(options));
    if (!client) {
      socket.message = client.failure().message();
      return;
    }
    socket.client.emplace(std::move(*client));
    // Which number follows on a port that somebody may have had, only the server knows. It need not
    // be there: who only listens can do without.
    if (options.own_port) (void)socket.client->call(control::ErrorText{}, socket.timeout);
  });
  return socket.client.has_value();
}

int push_message(lua_State* L, const Socket& socket) {
  lua_pushnil(L);
  push_view(L, socket.message);
  return 2;
}

void raise_message(lua_State* L, const Socket& socket) {
  luaL_where(L, 1);
  push_view(L, socket.message);
  lua_concat(L, 2);
  lua_error(L);
  __builtin_unreachable();
}

int push_not_yet(lua_State* L, const char* text) {
  lua_pushnil(L);
  lua_pushstring(L, text);
  return 2;
}

void push_view(lua_State* L, std::string_view text) {
  lua_pushlstring(L, text.data(), text.size());
}

bool is_unsendable(const Socket& socket) {
  return socket.client->phase() == control::Client::Phase::failed &&
         socket.client->trouble() == control::Trouble::unsendable;
}

const char* state_name(const Socket& socket) {
  using Phase = control::Client::Phase;
  if (!socket.client) return "closed";
  switch (socket.client->phase()) {
    case Phase::sending:
      return "sending";
    case Phase::waiting:
      return "waiting";
    case Phase::receiving:
      return "receiving";
    case Phase::failed:
      // What the server refused, or can't be said at all, leaves the socket as good as it was.
      return socket.client->trouble() == control::Trouble::unreachable ? "failed" : "ready";
    default:
      return "ready";
  }
}

}  // namespace nflua
