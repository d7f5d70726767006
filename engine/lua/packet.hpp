// SPDX-License-Identifier: GPL-2.0-or-later
// Packet objects as State uses them. The script's side is engine/lua/packet.cpp.
//
//   push_packet → (the callback runs → hold_packet? → end_offer)*
//
// One that a script kept stays closed for ever: so a call has an object of its own, unless it is
// known that nothing can keep it. Calls of that kind share one
// (docs/decisions/0007-packet-reuse.md).
#pragma once

#include "engine/lua/binding.hpp"
#include "engine/lua/memory.hpp"
#include "engine/packet.hpp"

namespace nflua {

struct PacketObject : Object {
  static constexpr ObjectKind kKind = ObjectKind::packet;
  /// The script owns the packet, and this object counts as held in its state.
  bool held;
  /// nullptr: its time is over.
  Packet* packet;
  /// What frame() gave out; nullptr until then. Each keeps the other alive.
  Memory* frame;
  /// What a held packet counts for.
  size_t held_bytes;
};

/// Pushes the metatables of offered and of held packets; only the latter has a finalizer, whose
/// cost no other packet should bear.
void push_packet_metatables(lua_State* L);

PacketObject& push_packet(lua_State* L, Packet& packet, int metatable_index);

/// Makes the script the owner. Errors: over a bound, out of memory; nothing changed.
Error hold_packet(lua_State* L, PacketObject& object, int object_index, int metatable_index);

/// The callback is over: closes the object unless the script holds its packet.
/// Returns whether another packet may be offered with it, if no script kept it: it is not held, and
/// no memory that frame() gave out keeps it alive.
bool end_offer(lua_State* L, PacketObject& object);

}  // namespace nflua
