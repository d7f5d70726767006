// SPDX-License-Identifier: GPL-2.0-or-later
// What control and data sockets have in common: a client of the server in a userdata.
//
// Lua raises by longjmp, which runs no destructors; C++ throws, which Lua's frames don't know. So
// all that owns memory lives in the userdata, and what may throw runs inside must() or attempt(),
// where no call of Lua's is that may raise. Wherever Lua allocates, a finalizer may close the
// socket or use it: after that, ask must() again, and trust no reference into it. Context: one
// thread, that of the Lua state.
#pragma once

#include <exception>
#include <new>
#include <optional>

#include "control/client.hpp"
#include "engine/lua/binding.hpp"

namespace nflua {

/// Trivially destructible: it lives where Lua may raise.
struct OpenOptions {
  static constexpr uint32_t kMaxGroups = 32;

  control::Server server;
  uint32_t own_port = 0;
  uint32_t groups[kMaxGroups] = {};
  uint32_t group_count = 0;
  bool data_of_anyone = false;
  bool is_blocking = true;
  int64_t timeout_ms = 5000;
};

/// Of the table at `arg`, or the defaults if there is none. `is_data`: those of nflua.data() too.
/// Errors: raises for what is no option, or no value of one.
OpenOptions check_options(lua_State* L, int arg, bool is_data);

struct Socket {
  /// Nothing: closed.
  std::optional<control::Client> client;
  control::Milliseconds timeout{0};
  bool is_blocking = true;
  /// Why the last call failed, until Lua has a copy.
  std::string message;
};

/// Runs `work`. Errors: raises if memory is exhausted.
template <class Work>
void attempt(lua_State* L, Work work) {
  bool done = false;
  try {
    work();
    done = true;
  } catch (const std::exception&) {
  }
  if (!done) luaL_error(L, "not enough memory");
}

/// Runs `work`, which uses the client. Errors: as above; raises if the socket is closed.
template <class Work>
void must(lua_State* L, const Socket& socket, Work work) {
  luaL_argcheck(L, socket.client.has_value(), 1, "closed socket");
  attempt(L, work);
}

/// Opens `socket`. Errors: the message is in it.
bool open_client(lua_State* L, Socket& socket, const OpenOptions& options);

/// Pushes `nil, message` of the socket; returns their number.
int push_message(lua_State* L, const Socket& socket);
/// Raises the message: it was the program's mistake.
[[noreturn]] void raise_message(lua_State* L, const Socket& socket);
/// Pushes `nil, text`, of what is not yet: "pending", "timeout", "busy".
int push_not_yet(lua_State* L, const char* text);
void push_view(lua_State* L, std::string_view text);
/// "ready", "sending", "waiting", "receiving", "failed" or "closed".
const char* state_name(const Socket& socket);
/// Whether the last command could never have been sent: a mistake of the program.
bool is_unsendable(const Socket& socket);

/// T: a Socket with a name of its type, T::kType.
template <class T>
T& check_any_socket(lua_State* L, int arg) {
  return *static_cast<T*>(luaL_checkudata(L, arg, T::kType));
}

/// Errors: raises if it is closed.
template <class T>
T& check_socket(lua_State* L, int arg) {
  T& socket = check_any_socket<T>(L, arg);
  luaL_argcheck(L, socket.client.has_value(), arg, "closed socket");
  return socket;
}

template <class T>
int socket_getfd(lua_State* L) {
  lua_pushinteger(L, check_socket<T>(L, 1).client->fd());
  return 1;
}

template <class T>
int socket_getpid(lua_State* L) {
  lua_pushinteger(L, check_socket<T>(L, 1).client->port());
  return 1;
}

template <class T>
int socket_getstate(lua_State* L) {
  lua_pushstring(L, state_name(check_any_socket<T>(L, 1)));
  return 1;
}

template <class T>
int socket_setblocking(lua_State* L) {
  T& socket = check_socket<T>(L, 1);
  luaL_checktype(L, 2, LUA_TBOOLEAN);
  socket.is_blocking = lua_toboolean(L, 2);
  return 0;
}

template <class T>
int socket_close(lua_State* L) {
  check_any_socket<T>(L, 1).client.reset();
  return 0;
}

/// A finalizer: nobody calls anything else afterwards but on a socket that was brought back, which
/// finds it closed and empty.
template <class T>
int socket_collect(lua_State* L) {
  T& socket = check_any_socket<T>(L, 1);
  socket.~T();
  new (&socket) T;
  return 0;
}

template <class T>
int socket_tostring(lua_State* L) {
  const T& socket = check_any_socket<T>(L, 1);
  if (socket.client)
    lua_pushfstring(L, "%s (port %I)", T::kType, lua_Integer(socket.client->port()));
  else
    lua_pushfstring(L, "%s (closed)", T::kType);
  return 1;
}

/// Makes the type, with `methods`.
template <class T>
void register_socket(lua_State* L, const luaL_Reg* methods) {
  constexpr luaL_Reg kMetamethods[] = {
      {"__close", socket_close<T>},
      {"__gc", socket_collect<T>},
      {"__tostring", socket_tostring<T>},
      {nullptr, nullptr},
  };
  new_metatable(L, T::kType, kMetamethods);
  lua_newtable(L);
  luaL_setfuncs(L, methods, 0);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}

/// Opens a socket; pushes it, or `nil, message`.
template <class T>
int push_socket(lua_State* L, bool is_data) {
  const OpenOptions options = check_options(L, 1, is_data);
  T& socket = *new (lua_newuserdatauv(L, sizeof(T), 0)) T;
  luaL_setmetatable(L, T::kType);
  return open_client(L, socket, options) ? 1 : push_message(L, socket);
}

// One pair per kind of socket, in the file of its name.
void register_control(lua_State* L);
int nflua_control(lua_State* L);
void register_data(lua_State* L);
int nflua_data(lua_State* L);

}  // namespace nflua
