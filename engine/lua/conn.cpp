// SPDX-License-Identifier: GPL-2.0-or-later
// The module `conn` (docs/lua-api.md): conntrack entries by the tuple of either direction.
#include "engine/address.hpp"
#include "engine/lua/binding.hpp"

namespace nflua {
namespace {

/// Arguments of both functions.
enum ConnArgument : int {
  kFamily = 1,
  kProtocol,
  kSource,
  kSourcePort,
  kDestination,
  kDestinationPort
};
/// The last one of traffic().
constexpr int kDirection = kDestinationPort + 1;

Family check_family(lua_State* L, int arg) {
  const lua_Integer number = luaL_checkinteger(L, arg);
  luaL_argcheck(L, number == 4 || number == 6, arg, "unknown family");
  return Family(number);
}

IpProto check_protocol(lua_State* L, int arg) {
  static constexpr const char* kNames[] = {"tcp", "udp", nullptr};
  return luaL_checkoption(L, arg, nullptr, kNames) == 0 ? IpProto::tcp : IpProto::udp;
}

Address check_address(lua_State* L, int arg, Family family) {
  const Text text = check_text(L, arg);
  if (const Result<Address> address = parse_address(text); address && address->family == family)
    return *address;
  luaL_argerror(L, arg, "failed to convert address to binary");
  return {};
}

uint16_t check_port(lua_State* L, int arg) {
  const lua_Integer port = luaL_checkinteger(L, arg);
  luaL_argcheck(L, port >= 1 && port <= UINT16_MAX, arg, "invalid port");
  return uint16_t(port);
}

Tuple check_tuple(lua_State* L) {
  Tuple tuple;
  const Family family = check_family(L, kFamily);
  tuple.protocol = check_protocol(L, kProtocol);
  tuple.source = check_address(L, kSource, family);
  tuple.source_port = check_port(L, kSourcePort);
  tuple.destination = check_address(L, kDestination, family);
  tuple.destination_port = check_port(L, kDestinationPort);
  tuple.has_ports = true;
  return tuple;
}

int conn_find(lua_State* L) {
  const Tuple tuple = check_tuple(L);
  const Result<ConnEntry> entry = state_of(L).host().find_connection(tuple);
  if (!entry) return push_failure(L, entry.error());
  lua_pushinteger(L, entry->id);
  return 1;
}

int push_traffic(lua_State* L, const ConnTraffic& traffic, Direction direction) {
  const auto& counters = traffic.direction[size_t(direction)];
  lua_pushinteger(L, lua_Integer(counters.packets));
  lua_pushinteger(L, lua_Integer(counters.bytes));
  return 2;
}

int conn_traffic(lua_State* L) {
  enum Choice : int { original, reply, both };
  static constexpr const char* kChoices[] = {"original", "reply", "both", nullptr};
  const Tuple tuple = check_tuple(L);
  const int choice = luaL_checkoption(L, kDirection, nullptr, kChoices);
  const Result<ConnEntry> entry = state_of(L).host().find_connection(tuple);
  if (!entry) return push_failure(L, entry.error());
  if (!entry->has_traffic) return push_failure(L, Error("counters not found"));
  int results = 0;
  if (choice != reply) results += push_traffic(L, entry->traffic, Direction::original);
  if (choice != original) results += push_traffic(L, entry->traffic, Direction::reply);
  return results;
}

constexpr luaL_Reg kConnFunctions[] = {
    {"find", conn_find},
    {"traffic", conn_traffic},
    {nullptr, nullptr},
};

}  // namespace

int open_conn(lua_State* L) {
  luaL_newlib(L, kConnFunctions);
  return 1;
}

}  // namespace nflua
