// SPDX-License-Identifier: GPL-2.0-or-later
// Control sockets: one command at a time, and its outcome.
//
//   blocking:   a method → its results
//   else:       a method → nil, "pending" … receive() → its results
#include <poll.h>

#include <limits>

#include "control/explain.hpp"
#include "engine/lua/memory.hpp"
#include "lua_modules/socket.hpp"

namespace nflua {
namespace {

using control::Client;
using control::Trouble;

constexpr const char* kDefaultChunkName = "(program)";
/// No event tells that a server has room again.
constexpr int kSendPauseMs = 1;

struct ControlSocket : Socket {
  static constexpr const char* kType = "nflua.control";
  enum class Result : uint8_t { none, boolean, list, text };

  /// Of the command that was begun; none: there is none.
  Result pending = Result::none;
  /// The server refused it, and is being asked why.
  bool is_asking_why = false;
  control::Answer answer;
};

using Result = ControlSocket::Result;
enum class Step : uint8_t { pending, answered, failed };

Step keep_message(ControlSocket& socket, std::string message) {
  socket.message = std::move(message);
  return Step::failed;
}

Step finish(ControlSocket& socket) {
  socket.answer = socket.client->take_answer();
  if (!socket.is_asking_why) return Step::answered;
  if (socket.answer.text.empty())
    return keep_message(socket, control::explain_unserved(socket.client->server()).message());
  return keep_message(socket, std::move(socket.answer.text));
}

/// Goes on with the command, without waiting.
Step advance(ControlSocket& socket) {
  Client& client = *socket.client;
  for (;;) {
    client.send_some();
    client.receive_some();
    while (client.take_datagram()) continue;  // data are for data sockets
    if (client.phase() == Client::Phase::answered) return finish(socket);
    if (client.phase() != Client::Phase::failed) return Step::pending;
    if (client.trouble() != Trouble::refused)
      return keep_message(socket, client.failure().message());
    if (socket.is_asking_why)
      return keep_message(socket, control::explain_unserved(client.server()).message());
    socket.is_asking_why = true;
    (void)client.begin(control::ErrorText{});
  }
}

/// Goes on with a command that was begun without waiting, until it is done or for the socket's
/// timeout.
Step wait(ControlSocket& socket) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + socket.timeout;
  for (;;) {
    const Step step = advance(socket);
    const auto left = std::chrono::ceil<control::Milliseconds>(deadline - Clock::now());
    if (step != Step::pending || left.count() <= 0) return step;
    const bool is_sending = socket.client->phase() == Client::Phase::sending;
    pollfd wanted = {.fd = socket.client->fd(), .events = POLLIN, .revents = 0};
    poll(&wanted, 1, is_sending ? kSendPauseMs : static_cast<int>(left.count()));
  }
}

void push_state(lua_State* L, const control::ListedState& state) {
  const lua_Integer maxalloc = state.maxalloc, curralloc = state.curralloc;
  push_view(L, state.name);
  lua_createtable(L, 0, 3);
  lua_insert(L, -2);
  lua_setfield(L, -2, "name");
  lua_pushinteger(L, maxalloc);
  lua_setfield(L, -2, "maxalloc");
  lua_pushinteger(L, curralloc);
  lua_setfield(L, -2, "curralloc");
}

/// By index: a finalizer may have asked for another list in between.
void push_list(lua_State* L, const control::Answer& answer) {
  lua_createtable(L, static_cast<int>(answer.states.size()), 0);
  for (size_t i = 0; i < answer.states.size(); ++i) {
    push_state(L, answer.states[i]);
    lua_rawseti(L, -2, static_cast<lua_Integer>(i) + 1);
  }
}

int push_answer(lua_State* L, const ControlSocket& socket, Result result) {
  if (result == Result::list)
    push_list(L, socket.answer);
  else if (result == Result::text)
    push_view(L, socket.answer.text);
  else
    lua_pushboolean(L, true);
  return 1;
}

int push_step(lua_State* L, ControlSocket& socket, Step step) {
  if (step == Step::pending) return push_not_yet(L, "pending");
  const Result result = std::exchange(socket.pending, Result::none);
  return step == Step::failed ? push_message(L, socket) : push_answer(L, socket, result);
}

std::string_view check_view(lua_State* L, int arg) {
  const Text text = check_text(L, arg);
  return {text.data(), text.size()};
}

/// Waits for the outcome.
Step call(ControlSocket& socket, const control::Command& command) {
  while (socket.client->take_datagram()) continue;
  auto answer = socket.client->call(command, socket.timeout);
  if (!answer) return keep_message(socket, answer.failure().message());
  socket.answer = std::move(*answer);
  return Step::answered;
}

/// Does not.
Step begin(ControlSocket& socket, const control::Command& command) {
  socket.is_asking_why = false;
  if (Failure failure = socket.client->begin(command))
    return keep_message(socket, failure.message());
  return advance(socket);
}

/// `make` makes the command; it may throw, not raise.
template <class Make>
int run_command(lua_State* L, ControlSocket& socket, Result result, Make make) {
  Step step = Step::pending;
  if (socket.pending != Result::none) luaL_error(L, "another command is pending");
  must(L, socket,
       [&] { step = socket.is_blocking ? call(socket, make()) : begin(socket, make()); });
  if (is_unsendable(socket)) raise_message(L, socket);
  socket.pending = result;
  return push_step(L, socket, step);
}

int control_create(lua_State* L) {
  ControlSocket& socket = check_socket<ControlSocket>(L, 1);
  const std::string_view name = check_view(L, 2);
  const lua_Integer maxalloc = luaL_optinteger(L, 3, 0);
  luaL_argcheck(L, maxalloc >= 0 && maxalloc <= UINT32_MAX, 3, "0 to 2^32-1 expected");
  return run_command(L, socket, Result::boolean, [&] {
    return control::Create{name, static_cast<uint32_t>(maxalloc)};
  });
}

int control_destroy(lua_State* L) {
  ControlSocket& socket = check_socket<ControlSocket>(L, 1);
  const std::string_view name = check_view(L, 2);
  return run_command(L, socket, Result::boolean, [&] { return control::Destroy{name}; });
}

int control_list(lua_State* L) {
  return run_command(L, check_socket<ControlSocket>(L, 1), Result::list,
                     [] { return control::List{}; });
}

int run_script(lua_State* L, uint16_t type, Result result) {
  ControlSocket& socket = check_socket<ControlSocket>(L, 1);
  const std::string_view name = check_view(L, 2);
  const Bytes code = check_bytes(L, 3);
  const std::string_view chunk_name = lua_isnoneornil(L, 4) ? kDefaultChunkName : check_view(L, 4);
  return run_command(L, socket, result, [&] {
    return control::Script{type, name, chunk_name, {code.data(), code.size()}};
  });
}

int control_execute(lua_State* L) { return run_script(L, NFLUA_EXECUTE, Result::boolean); }
int control_reload(lua_State* L) { return run_script(L, NFLUA_RELOAD, Result::boolean); }
int control_evaluate(lua_State* L) { return run_script(L, NFLUA_EVALUATE, Result::text); }

int control_printed(lua_State* L) {
  return run_command(L, check_socket<ControlSocket>(L, 1), Result::text,
                     [] { return control::Printed{}; });
}

int control_stats(lua_State* L) {
  ControlSocket& socket = check_socket<ControlSocket>(L, 1);
  const std::string_view name = lua_isnoneornil(L, 2) ? "" : check_view(L, 2);
  return run_command(L, socket, Result::text, [&] { return control::Stats{name}; });
}

int run_arguments(lua_State* L, uint16_t type) {
  constexpr int kFirstArgument = 3;
  ControlSocket& socket = check_socket<ControlSocket>(L, 1);
  const std::string_view name = check_view(L, 2);
  const int top = lua_gettop(L);
  for (int arg = kFirstArgument; arg <= top; ++arg) luaL_checkstring(L, arg);
  return run_command(L, socket, Result::text, [&] {
    control::Arguments command{type, name, {}};
    for (int arg = kFirstArgument; arg <= top; ++arg) {
      size_t size = 0;
      const char* text = lua_tolstring(L, arg, &size);  // strings by now: it can't raise
      command.arguments.emplace_back(text, size);
    }
    return command;
  });
}

int control_bind(lua_State* L) { return run_arguments(L, NFLUA_BIND); }
int control_unbind(lua_State* L) { return run_arguments(L, NFLUA_UNBIND); }

/// The bound of that name in the table at `arg`, 0 if there is none; one more is counted.
template <class T>
void read_limit(lua_State* L, int arg, const char* name, T& value, int& found) {
  if (lua_getfield(L, arg, name) != LUA_TNIL) {
    int is_integer = 0;
    const lua_Integer limit = lua_tointegerx(L, -1, &is_integer);
    if (!is_integer || limit < 1 || static_cast<uint64_t>(limit) > std::numeric_limits<T>::max())
      luaL_error(L, "limit '%s': positive integer expected", name);
    value = static_cast<T>(limit);
    ++found;
  }
  lua_pop(L, 1);
}

int count_fields(lua_State* L, int arg) {
  int count = 0;
  for (lua_pushnil(L); lua_next(L, arg); lua_pop(L, 1)) ++count;
  return count;
}

control::LimitValues check_limits(lua_State* L, int arg) {
  luaL_checktype(L, arg, LUA_TTABLE);
  control::LimitValues values;
  int found = 0;
#define NFLUA_LIMIT(key, ...) read_limit(L, arg, #key, values.key, found);
  NFLUA_RUNNING_LIMITS(NFLUA_LIMIT)
#undef NFLUA_LIMIT
  luaL_argcheck(L, found == count_fields(L, arg), arg, "has what is no limit");
  return values;
}

int control_limits(lua_State* L) {
  ControlSocket& socket = check_socket<ControlSocket>(L, 1);
  const std::string_view name = check_view(L, 2);
  const control::LimitValues values = check_limits(L, 3);
  return run_command(L, socket, Result::boolean, [&] { return control::SetLimits{name, values}; });
}

int control_receive(lua_State* L) {
  ControlSocket& socket = check_socket<ControlSocket>(L, 1);
  if (socket.pending == Result::none) luaL_error(L, "no command is pending");
  Step step = Step::pending;
  must(L, socket, [&] { step = socket.is_blocking ? wait(socket) : advance(socket); });
  return push_step(L, socket, step);
}

constexpr luaL_Reg kControlMethods[] = {
    {"bind", control_bind},
    {"close", socket_close<ControlSocket>},
    {"create", control_create},
    {"destroy", control_destroy},
    {"evaluate", control_evaluate},
    {"execute", control_execute},
    {"getfd", socket_getfd<ControlSocket>},
    {"getpid", socket_getpid<ControlSocket>},
    {"getstate", socket_getstate<ControlSocket>},
    {"limits", control_limits},
    {"list", control_list},
    {"receive", control_receive},
    {"printed", control_printed},
    {"reload", control_reload},
    {"setblocking", socket_setblocking<ControlSocket>},
    {"stats", control_stats},
    {"unbind", control_unbind},
    {nullptr, nullptr},
};

}  // namespace

void register_control(lua_State* L) { register_socket<ControlSocket>(L, kControlMethods); }
int nflua_control(lua_State* L) { return push_socket<ControlSocket>(L, false); }

}  // namespace nflua
