// SPDX-License-Identifier: GPL-2.0-or-later
// The module `timer` (docs/lua-api.md).
#include "engine/lua/timer.hpp"

namespace nflua {
namespace {

constexpr const char* kTimerType = "timer";

/// Index of the user value that holds the function.
constexpr int kTimerFunction = 1;

void link(State& state, Timer& timer) {
  timer.previous = nullptr;
  timer.next = state.armed();
  if (timer.next) timer.next->previous = &timer;
  state.armed() = &timer;
}

/// All of the end of a timer that needs no Lua.
void disarm(State& state, Timer& timer) {
  (timer.previous ? timer.previous->next : state.armed()) = timer.next;
  if (timer.next) timer.next->previous = timer.previous;
  timer.handle = nullptr;
  timer.next = timer.previous = nullptr;
  state.release_timer();
}

/// Lets the collector have the timer. Its key exists: nothing is allocated.
void release_anchor(lua_State* L, const Timer& timer) {
  lua_pushnil(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &timer);
}

/// Pushes a timer that is not armed, with the function at `function_index`.
Timer& push_timer(lua_State* L, int function_index) {
  auto& timer = *static_cast<Timer*>(lua_newuserdatauv(L, sizeof(Timer), kTimerFunction));
  timer = {{Timer::kKind}, nullptr, nullptr, nullptr};
  luaL_setmetatable(L, kTimerType);
  lua_pushvalue(L, function_index);
  lua_setiuservalue(L, -2, kTimerFunction);
  return timer;
}

/// Errors: why it was not armed; then nothing changed.
Error arm(State& state, Timer& timer, uint32_t delay_ms) {
  if (!state.admit_timer()) return Error("too many timers");
  timer.handle = state.host().start_timer(state, timer, delay_ms);
  if (timer.handle) {
    link(state, timer);
    return {};
  }
  state.release_timer();
  return Error("not enough memory");
}

int timer_create(lua_State* L) {
  const lua_Integer delay_ms = luaL_checkinteger(L, 1);
  luaL_argcheck(L, delay_ms >= 0 && delay_ms <= kMaxTimerMs, 1, "out of range");
  luaL_checktype(L, 2, LUA_TFUNCTION);
  Timer& timer = push_timer(L, 2);
  // The last step that may raise: afterwards the timer is armed or anchored no more.
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &timer);
  if (Error error = arm(state_of(L), timer, uint32_t(delay_ms))) {
    release_anchor(L, timer);
    return luaL_error(L, "%s", error.text());
  }
  return 1;
}

int timer_destroy(lua_State* L) {
  Timer& timer = check_object<Timer>(L, 1, kTimerType);
  if (!timer.handle) return push_failure(L, Error("timer already destroyed"));
  State& state = state_of(L);
  state.host().cancel_timer(timer.handle);
  disarm(state, timer);
  release_anchor(L, timer);
  lua_pushboolean(L, true);
  return 1;
}

constexpr luaL_Reg kTimerFunctions[] = {
    {"create", timer_create},
    {"destroy", timer_destroy},
    {nullptr, nullptr},
};

}  // namespace

void push_timer_callback(lua_State* L, Timer& timer) {
  disarm(state_of(L), timer);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &timer);
  lua_getiuservalue(L, -1, kTimerFunction);
  lua_remove(L, -2);
  release_anchor(L, timer);
}

void cancel_all_timers(State& state) {
  while (Timer* timer = state.armed()) {
    state.host().cancel_timer(timer->handle);
    disarm(state, *timer);
  }
}

int open_timer(lua_State* L) {
  new_metatable(L, kTimerType, nullptr);
  lua_pop(L, 1);
  luaL_newlib(L, kTimerFunctions);
  return 1;
}

}  // namespace nflua
