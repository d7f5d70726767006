// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/freestanding/world.hpp"

#include <algorithm>
#include <cstring>

#include "lua/freestanding/format_text.h"
#include "tests/freestanding/pool.hpp"

namespace nflua::test {
namespace {

Pool pool;
int live_timers = 0;
int held_packets = 0;

/// A TCP segment with a payload, as a peer acknowledges and sends it.
constexpr uint8_t kPacket[] = {
    0x45, 0,    0,    44,   0, 1, 0x40, 0, 64,  6,   0,   0,   10, 0, 0, 1, 10, 0, 0, 2,  // IPv4
    0x04, 0xd2, 0,    80,   0, 0, 0,    1, 0,   0,   0,   1,                              // TCP
    0x50, 0x18, 0x20, 0x00, 0, 0, 0,    0, 'G', 'E', 'T', ' ',
};

/// What a painted word holds.
constexpr uintptr_t kPaint = 0x5041494e54454421;
/// Bytes below a frame that whoever paints uses itself.
constexpr size_t kOwnBytes = 256;
constexpr size_t kPaintedWords = kPaintedBytes / sizeof(uintptr_t);

/// The frame of the last caller of host_stack_bytes(), and the first word that is painted.
uintptr_t* entry = nullptr;

[[gnu::noinline]] void paint_stack(uintptr_t* from) {
  volatile uintptr_t* const low = from - kPaintedWords;
  for (size_t i = 0; i < kPaintedWords - kOwnBytes / sizeof(uintptr_t); ++i) low[i] = kPaint;
}

}  // namespace

size_t used_stack_bytes() {
  if (!entry) return 0;
  const volatile uintptr_t* word = entry - kPaintedWords;
  while (*word == kPaint) ++word;
  return static_cast<size_t>(entry - word) * sizeof(uintptr_t);
}

offered_packet* the_packet() { return reinterpret_cast<offered_packet*>(&pool); }

bool is_world_as_before() { return pool.is_whole() && live_timers == 0 && held_packets == 0; }

}  // namespace nflua::test

using namespace nflua::test;

unsigned long nflua_hide_pointer(const void* pointer) {
  return reinterpret_cast<unsigned long>(pointer) ^ ~0ul;
}

size_t host_stack_bytes(bool is_loading) {
  entry = static_cast<uintptr_t*>(__builtin_frame_address(0));
  paint_stack(entry);
  return is_loading ? kChunkStackBytes : kCallbackStackBytes;
}

void* host_reallocate(void* block, size_t old_bytes, size_t new_bytes) {
  return pool.reallocate(block, old_bytes, new_bytes);
}
int64_t host_now_ns() { return 0; }
uint32_t host_seed() { return 1; }
bool host_pause(state*) { return true; }

void* host_start_timer(state*, vm*, vm_timer*, uint32_t) {
  ++live_timers;
  return &live_timers;
}
void host_cancel_timer(void*) { --live_timers; }

bool host_find_connection(state*, const host_tuple*, host_connection*) { return false; }

size_t host_send_netlink(state*, uint32_t, uint32_t, const void*, size_t, const char** error) {
  *error = "ECONNREFUSED";
  return 0;
}

void host_report(state* state, const char* function, const char* text, size_t size) {
  if (*function == 0) return;
  state->error_size = std::min(size, sizeof(state->error));
  memcpy(state->error, text, state->error_size);
}

const uint8_t* offered_bytes(offered_packet*, size_t* size) {
  *size = sizeof(kPacket);
  return kPacket;
}
const uint8_t* held_bytes(held_packet*, size_t* size) { return offered_bytes(nullptr, size); }
packet_view* offered_view(offered_packet* packet) { return reinterpret_cast<packet_view*>(packet); }
packet_view* held_view(held_packet* packet) { return reinterpret_cast<packet_view*>(packet); }

uint8_t* packet_frame(packet_view*, size_t* size) {
  *size = 0;
  return nullptr;
}
bool packet_connection_id(packet_view*, int64_t*) { return false; }
const char* packet_in_device(packet_view*) { return "eth0"; }
const char* packet_out_device(packet_view*) { return nullptr; }
const char* packet_hook(packet_view*) { return "input"; }
bool packet_owner(packet_view*, uint32_t*, uint32_t*) { return false; }
uint32_t packet_mark(packet_view*) { return 0; }
void packet_set_mark(packet_view*, uint32_t) {}
bool packet_checksum_is_pending(packet_view*) { return false; }
size_t packet_segment_bytes(packet_view*) { return 0; }

const char* packet_can_reply(packet_view*) { return nullptr; }
reply* reply_start(size_t size, uint8_t** bytes) {
  static uint8_t room[0x10000];
  *bytes = room;
  return size <= sizeof(room) ? reinterpret_cast<reply*>(room) : nullptr;
}
const char* reply_send(packet_view*, reply*) { return nullptr; }

held_packet* packet_hold(offered_packet* packet, const char**) {
  ++held_packets;
  return reinterpret_cast<held_packet*>(packet);
}
void held_drop(held_packet*) { --held_packets; }
const char* held_send(held_packet*, const uint8_t*, size_t, size_t) {
  --held_packets;
  return nullptr;
}
