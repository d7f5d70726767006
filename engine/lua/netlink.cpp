// SPDX-License-Identifier: GPL-2.0-or-later
// The module `netlink` (docs/lua-api.md): datagrams from a script to programs.
#include "engine/lua/memory.hpp"

namespace nflua {
namespace {

uint32_t check_uint32(lua_State* L, int arg, lua_Integer least) {
  const lua_Integer value = luaL_checkinteger(L, arg);
  luaL_argcheck(L, value >= least && value <= UINT32_MAX, arg, "out of range");
  return uint32_t(value);
}

/// Clients in C keep their port in an int, where one that the kernel chose is often negative.
uint32_t check_netlink_port(lua_State* L, int arg) { return check_uint32(L, arg, INT32_MIN); }

uint32_t check_groups(lua_State* L, int arg) {
  return lua_isnil(L, arg) ? 0 : check_uint32(L, arg, 0);
}

int netlink_send(lua_State* L) {
  const uint32_t port = check_netlink_port(L, 1);
  const uint32_t groups = check_groups(L, 2);
  const Bytes payload = check_bytes(L, 3);
  charge_output(L, payload.size());
  State& state = state_of(L);
  const Result<size_t> sent = state.host().send_netlink(state, port, groups, payload);
  if (!sent) {
    ++state.mutable_counters().datagram_failures;
    return luaL_error(L, "%s", sent.error().text());
  }
  ++state.mutable_counters().datagrams;
  lua_pushinteger(L, lua_Integer(*sent));
  return 1;
}

constexpr luaL_Reg kNetlinkFunctions[] = {
    {"send", netlink_send},
    {nullptr, nullptr},
};

}  // namespace

int open_netlink(lua_State* L) {
  luaL_newlib(L, kNetlinkFunctions);
  return 1;
}

}  // namespace nflua
