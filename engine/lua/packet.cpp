// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/lua/packet.hpp"

#include "engine/address.hpp"
#include "engine/describe.hpp"
#include "engine/find.hpp"
#include "engine/lua/pack.hpp"
#include "engine/lua/suggest.hpp"
#include "engine/rewrite.hpp"
#include "engine/tunnel.hpp"
#include "engine/wire.hpp"

extern "C" {
#include "lua/push.h"
}

namespace nflua {

namespace {

constexpr const char* kPacketType = "packet";

/// The only user value of a packet object.
constexpr int kFrameValue = 1;
/// Index of the user value that holds what frame() gave out.
constexpr int kFrame = 1;

PacketObject& check_open(lua_State* L) {
  PacketObject& object = check_object<PacketObject>(L, 1, kPacketType);
  if (!object.packet) luaL_error(L, "closed packet");
  return object;
}

Packet& check_packet(lua_State* L) { return *check_open(L).packet; }

PacketObject& check_held(lua_State* L) {
  PacketObject& object = check_open(L);
  if (!object.held) luaL_error(L, "packet must be stolen");
  return object;
}

/// Closes the object; what becomes of its packet is the caller's business.
void end_object(lua_State* L, PacketObject& object) {
  if (object.held) state_of(L).release_held(object.held_bytes);
  object.held = false;
  object.packet = nullptr;
  if (!object.frame) return;
  clear_reference(*object.frame);
  object.frame = nullptr;
}

int packet_gc(lua_State* L) {
  PacketObject& object = *to_object<PacketObject>(L, 1);
  if (!object.packet) return 0;
  Packet* packet = object.packet;
  ++state_of(L).mutable_counters().abandoned;
  end_object(L, object);
  packet->drop();
  return 0;
}

int packet_close(lua_State* L) {
  PacketObject& object = check_held(L);
  Packet* packet = object.packet;
  end_object(L, object);
  packet->drop();
  ++state_of(L).mutable_counters().closed;
  lua_pushboolean(L, true);
  return 1;
}

int packet_send(lua_State* L) {
  PacketObject& object = check_held(L);
  const bool replaces = !lua_isnoneornil(L, 2);
  const Bytes payload = replaces ? check_bytes(L, 2) : Bytes();
  charge_output(L, object.packet->bytes().size() + payload.size());
  Packet* packet = object.packet;
  end_object(L, object);
  StateCounters& counters = state_of(L).mutable_counters();
  const Error error = packet->send(replaces ? &payload : nullptr);
  ++(error ? counters.send_failures : counters.sent);
  if (error) return push_failure(L, error);
  lua_pushboolean(L, true);
  return 1;
}

int packet_len(lua_State* L) {
  lua_pushinteger(L, lua_Integer(check_packet(L).bytes().size()));
  return 1;
}

int packet_connid(lua_State* L) {
  const Result<int64_t> id = check_packet(L).connection_id();
  if (!id) return push_failure(L, id.error());
  lua_pushinteger(L, *id);
  return 1;
}

int packet_frame(lua_State* L) {
  PacketObject& object = check_open(L);
  if (object.frame) {
    lua_getiuservalue(L, 1, kFrame);
    return 1;
  }
  object.frame = &push_memory_reference(L, object.packet->frame(), 1);
  lua_pushvalue(L, -1);
  lua_setiuservalue(L, 1, kFrame);
  return 1;
}

int packet_unpack(lua_State* L) {
  const Bytes bytes = check_packet(L).bytes();
  const Format& format = check_format(L, 2, lua_upvalueindex(1));
  check_no_floats(L, format);
  const size_t position = check_position(L, 3, bytes.size());
  return push_unpacked(L, format, bytes, position, "payload too short");
}

int packet_copybytes(lua_State* L) {
  const Bytes bytes = check_packet(L).bytes();
  Memory& memory = check_memory(L, 2);
  const Range range = check_range(L, 3, bytes.size());
  const MutableBytes room = memory.bytes().sub(check_offset(L, 5, memory.size));
  const Bytes source = bytes.sub(range.offset, range.count).first(room.size());
  nflua_charge_bytes(L, source.size());
  if (!source.empty()) memmove(room.data(), source.data(), source.size());
  lua_pushinteger(L, lua_Integer(source.size()));
  return 1;
}

int packet_find(lua_State* L) {
  const Bytes bytes = check_packet(L).bytes();
  const Bytes needle = check_bytes(L, 2);
  const Range range = check_range(L, 3, bytes.size());
  nflua_charge_search(L, range.count + needle.size());
  const size_t found =
      needle.empty() ? kNotFound : find_bytes(bytes.sub(range.offset, range.count), needle);
  if (found == kNotFound)
    lua_pushnil(L);
  else
    lua_pushinteger(L, lua_Integer(range.offset + found + 1));
  return 1;
}

void push_address(lua_State* L, const Address& address) {
  if (address.family == Family::ipv4)
    lua_pushinteger(L, load_be32(address.bytes));
  else
    push_bytes(L, {address.bytes, address.size()});
}

void push_port(lua_State* L, const Tuple& tuple, uint16_t port) {
  if (tuple.has_ports)
    lua_pushinteger(L, port);
  else
    lua_pushnil(L);
}

/// Six integers: the tuple of nearly every packet. Returns their number.
int push_ipv4_tuple(lua_State* L, const Tuple& tuple) {
  const lua_Integer values[] = {
      lua_Integer(Family::ipv4), lua_Integer(tuple.protocol),        load_be32(tuple.source.bytes),
      tuple.source_port,         load_be32(tuple.destination.bytes), tuple.destination_port,
  };
  constexpr int kCount = sizeof(values) / sizeof(values[0]);
  nflua_push_integers(L, values, kCount);
  return kCount;
}

/// Returns the number of values.
int push_tuple(lua_State* L, const Tuple& tuple) {
  if (tuple.has_ports && tuple.source.family == Family::ipv4) return push_ipv4_tuple(L, tuple);
  lua_pushinteger(L, lua_Integer(tuple.source.family));
  lua_pushinteger(L, lua_Integer(tuple.protocol));
  push_address(L, tuple.source);
  push_port(L, tuple, tuple.source_port);
  push_address(L, tuple.destination);
  push_port(L, tuple, tuple.destination_port);
  return 6;
}

/// The packet's headers are cut off or lie: counted, since a filter lets such packets pass.
int push_unreadable(lua_State* L, Error error) {
  state_of(L).note_unreadable();
  return push_failure(L, error);
}

int packet_tuple(lua_State* L) {
  const Result<Tuple> tuple = parse_tuple(check_packet(L).bytes());
  return tuple ? push_tuple(L, *tuple) : push_unreadable(L, tuple.error());
}

int packet_inner(lua_State* L) {
  // Of a packet's headers, which are bounded, and of each tunnel's.
  constexpr size_t kStepsPerTunnel = 16;
  const Result<InnerPacket> inner = find_inner(check_packet(L).bytes());
  nflua_charge(L, kStepsPerTunnel * (inner ? 1 + inner->tunnels : 1 + kMaxTunnels));
  if (!inner) return push_unreadable(L, inner.error());
  if (inner->tunnels == 0) {
    lua_pushnil(L);
    return 1;
  }
  const int values = push_tuple(L, inner->tuple);
  lua_pushinteger(L, lua_Integer(inner->payload.offset + 1));
  return values + 1;
}

int packet_segment_size(lua_State* L) {
  const Result<size_t> size = check_packet(L).segment_bytes();
  if (!size) return push_failure(L, size.error());
  if (*size == 0)
    lua_pushnil(L);
  else
    lua_pushinteger(L, lua_Integer(*size));
  return 1;
}

int packet_payload(lua_State* L) {
  const Result<Payload> payload = find_payload(check_packet(L).bytes());
  if (!payload) return push_unreadable(L, payload.error());
  lua_pushinteger(L, lua_Integer(payload->offset + 1));
  lua_pushinteger(L, lua_Integer(payload->size));
  return 2;
}

int push_optional_string(lua_State* L, const char* text) {
  lua_pushstring(L, text);  // nil for nullptr
  return 1;
}

int packet_indev(lua_State* L) { return push_optional_string(L, check_packet(L).in_device()); }
int packet_outdev(lua_State* L) { return push_optional_string(L, check_packet(L).out_device()); }
int packet_hook(lua_State* L) { return push_optional_string(L, check_packet(L).hook()); }

int packet_owner(lua_State* L) {
  const Result<Owner> owner = check_packet(L).owner();
  if (!owner) return push_optional_string(L, nullptr);
  lua_pushinteger(L, owner->uid);
  lua_pushinteger(L, owner->gid);
  return 2;
}

uint32_t check_mark(lua_State* L, int arg) {
  const lua_Integer value = luaL_checkinteger(L, arg);
  luaL_argcheck(L, value >= 0 && value <= 0xffff'ffff, arg, "expected 0 to 0xffffffff");
  return uint32_t(value);
}

int packet_mark(lua_State* L) {
  Packet& packet = check_packet(L);
  if (!lua_isnoneornil(L, 2)) {
    const uint32_t value = check_mark(L, 2);
    const uint32_t mask = lua_isnoneornil(L, 3) ? ~uint32_t{0} : check_mark(L, 3);
    packet.set_mark((packet.mark() & ~mask) | (value & mask));
  }
  lua_pushinteger(L, packet.mark());
  return 1;
}

int send_reply(lua_State* L, Packet& packet, Result<Reply> reply) {
  if (!reply) return push_failure(L, reply.error());
  for (size_t i = 0; i < reply->packets(); ++i) charge_output(L, reply->size(i));
  if (const Error error = packet.send_reply(*reply)) return push_failure(L, error);
  ++state_of(L).mutable_counters().replies;
  lua_pushboolean(L, true);
  return 1;
}

/// The packet's checksum is verified, and the message's computed.
void charge_checksums(lua_State* L, Packet& packet, Bytes message) {
  nflua_charge_search(L, packet.bytes().size() + message.size());
}

SeenPacket seen(Packet& packet) { return {packet.bytes(), packet.whole_bytes()}; }

int reply_by_tcp(lua_State* L, Packet& packet, Bytes message) {
  charge_checksums(L, packet, message);
  return send_reply(
      L, packet,
      Reply::tcp(seen(packet), message, packet.reply_mss(), packet.checksum_is_pending()));
}

int packet_tcpreply(lua_State* L) {
  Packet& packet = check_packet(L);
  if (lua_gettop(L) <= 2) return reply_by_tcp(L, packet, check_bytes(L, 2));
  luaL_argcheck(L, *luaL_checkstring(L, 2) == 't', 2, "unknown type, expected 'tcp'");
  return reply_by_tcp(L, packet, check_bytes(L, 3));
}

int packet_reply(lua_State* L) {
  Packet& packet = check_packet(L);
  const Bytes message = check_bytes(L, 2);
  const Result<IpHeader> ip = parse_ip(packet.bytes());
  if (!ip) return push_unreadable(L, ip.error());
  if (ip->protocol == IpProto::tcp) return reply_by_tcp(L, packet, message);
  charge_checksums(L, packet, message);
  return send_reply(L, packet, Reply::udp(seen(packet), message, packet.checksum_is_pending()));
}

int packet_tostring(lua_State* L) {
  PacketObject& object = check_object<PacketObject>(L, 1, kPacketType);
  if (!object.packet) {
    lua_pushliteral(L, "packet (closed)");
    return 1;
  }
  char line[kPacketLineBytes];
  push_text(L, describe_packet(object.packet->bytes(), line));
  return 1;
}

int packet_ntop(lua_State* L) {
  Address address;
  if (lua_type(L, 1) == LUA_TNUMBER) {
    const lua_Integer value = luaL_checkinteger(L, 1);
    luaL_argcheck(L, value >= 0 && value <= 0xffff'ffff, 1, "not an IPv4 address");
    store_be32(address.bytes, uint32_t(value));
  } else {
    const Text bytes = check_text(L, 1);
    address.family = Family::ipv6;
    luaL_argcheck(L, bytes.size() == address.size(), 1, "an IPv6 address has 16 bytes");
    memcpy(address.bytes, bytes.data(), bytes.size());
  }
  char text[kAddressTextBytes];
  lua_pushlstring(L, text, format_address(address, text));
  return 1;
}

int packet_pton(lua_State* L) {
  const Result<Address> address = parse_address(check_text(L, 1));
  if (!address) return push_failure(L, address.error());
  push_address(L, *address);
  return 1;
}

constexpr luaL_Reg kPacketMethods[] = {
    {"close", packet_close},
    {"connid", packet_connid},
    {"copybytes", packet_copybytes},
    {"find", packet_find},
    {"frame", packet_frame},
    {"hook", packet_hook},
    {"indev", packet_indev},
    {"inner", packet_inner},
    {"mark", packet_mark},
    {"outdev", packet_outdev},
    {"owner", packet_owner},
    {"payload", packet_payload},
    {"reply", packet_reply},
    {"segment_size", packet_segment_size},
    {"send", packet_send},
    {"tcpreply", packet_tcpreply},
    {"tuple", packet_tuple},
    {"unpack", packet_unpack},
    {nullptr, nullptr},
};

constexpr luaL_Reg kPacketMetamethods[] = {
    {"__len", packet_len},
    {"__tostring", packet_tostring},
    {nullptr, nullptr},
};

constexpr luaL_Reg kPacketFunctions[] = {
    {"ntop", packet_ntop},
    {"pton", packet_pton},
    {nullptr, nullptr},
};

/// The held packet has a header of its own. What the script has closed stays closed.
void point_at_frame(Memory& memory, Packet& packet) {
  if (memory.size == 0) return;
  const MutableBytes frame = packet.frame();
  memory.data = frame.data();
  memory.size = frame.size();
}

void push_metatable(lua_State* L, int methods_index) {
  luaL_newlib(L, kPacketMetamethods);
  lua_pushvalue(L, methods_index);
  lua_setfield(L, -2, "__index");
  lua_pushstring(L, kPacketType);
  lua_setfield(L, -2, "__metatable");
  lua_pushstring(L, kPacketType);
  lua_setfield(L, -2, "__name");
}

}  // namespace

void push_packet_metatables(lua_State* L) {
  luaL_newlibtable(L, kPacketMethods);
  push_format_cache(L);
  luaL_setfuncs(L, kPacketMethods, 1);
  watch_names(L);
  const int methods = lua_gettop(L);
  push_metatable(L, methods);
  push_metatable(L, methods);
  lua_pushcfunction(L, packet_gc);
  lua_setfield(L, -2, "__gc");
  lua_remove(L, methods);
}

PacketObject& push_packet(lua_State* L, Packet& packet, int metatable_index) {
  void* block = lua_newuserdatauv(L, sizeof(PacketObject), kFrame);
  auto* object = static_cast<PacketObject*>(block);
  *object = {{ObjectKind::packet}, false, &packet, nullptr, 0};
  lua_pushvalue(L, metatable_index);
  lua_setmetatable(L, -2);
  return *object;
}

Error hold_packet(lua_State* L, PacketObject& object, int object_index, int metatable_index) {
  State& state = state_of(L);
  const size_t size = object.packet->bytes().size();
  if (!state.admit_held(size)) return Error("'stolen': too many packets held");
  const Result<Packet*> held = object.packet->hold();
  if (!held) {
    state.release_held(size);
    return held.error();
  }
  object.held = true;
  object.held_bytes = size;
  object.packet = *held;
  if (object.frame) point_at_frame(*object.frame, *object.packet);
  lua_pushvalue(L, metatable_index);
  lua_setmetatable(L, object_index);
  return {};
}

bool end_offer(lua_State* L, PacketObject& object) {
  if (object.held) return false;
  const bool is_alone = !object.frame;
  end_object(L, object);
  return is_alone;
}

int open_packet(lua_State* L) {
  luaL_newlib(L, kPacketFunctions);
  return 1;
}

}  // namespace nflua
