// SPDX-License-Identifier: GPL-2.0-or-later
// The engine's side of runtime.h: a host and packets for the engine, made of the kernel's
// functions.
#include "datapath/kernel/runtime.h"

#include <new>

#include "engine/rewrite.hpp"
#include "engine/state.hpp"
#include "engine/wire.hpp"

namespace nflua::kernel {

namespace {

constexpr Error kNoMemory{"not enough memory"};

template <class T>
void destroy(T* object) {
  object->~T();
  host_reallocate(object, sizeof(T), 0);
}

/// What both kinds of packets have.
class ViewedPacket : public Packet {
 public:
  explicit ViewedPacket(packet_view* view) : view_(view) {}

  size_t whole_bytes() final { return bytes().size(); }
  Result<size_t> segment_bytes() final { return packet_segment_bytes(view_); }
  MutableBytes frame() final {
    size_t size = 0;
    uint8_t* data = packet_frame(view_, &size);
    return {data, size};
  }
  Result<int64_t> connection_id() final {
    int64_t id = 0;
    if (!packet_connection_id(view_, &id)) return Error("untracked");
    return id;
  }
  const char* in_device() final { return packet_in_device(view_); }
  const char* out_device() final { return packet_out_device(view_); }
  const char* hook() final { return packet_hook(view_); }
  Result<Owner> owner() final {
    Owner owner;
    if (!packet_owner(view_, &owner.uid, &owner.gid)) return Error("no owner");
    return owner;
  }
  uint32_t mark() final { return packet_mark(view_); }
  void set_mark(uint32_t mark) final { packet_set_mark(view_, mark); }
  bool checksum_is_pending() final { return packet_checksum_is_pending(view_); }
  /// Who knows it is the sender's socket, on another machine.
  size_t reply_mss() final { return 0; }
  Error send_reply(const Reply& reply) final;

 private:
  Error send_part(const Reply& reply, size_t index);

  packet_view* view_;
};

Error ViewedPacket::send_part(const Reply& reply, size_t index) {
  uint8_t* data = nullptr;
  const size_t size = reply.size(index);
  struct reply* part = reply_start(size, &data);
  if (!part) return kNoMemory;
  reply.write(index, {data, size});
  const char* error = reply_send(view_, part);
  return error ? Error(error) : Error();
}

Error ViewedPacket::send_reply(const Reply& reply) {
  if (const char* error = packet_can_reply(view_)) return Error(error);
  for (size_t i = 0; i < reply.packets(); ++i)
    if (Error error = send_part(reply, i)) return error;
  return {};
}

class HeldPacket final : public ViewedPacket {
 public:
  explicit HeldPacket(held_packet* packet) : ViewedPacket(held_view(packet)), packet_(packet) {}

  Bytes bytes() override {
    size_t size = 0;
    const uint8_t* data = held_bytes(packet_, &size);
    return data ? Bytes(data, size) : Bytes();
  }
  Result<Packet*> hold() override { return Error("already held"); }
  Error send(const Bytes* payload) override;
  void drop() override {
    held_drop(packet_);
    destroy(this);
  }

 private:
  Error send_as_is(const uint8_t* bytes, size_t size, size_t tcp);
  Error send_replaced(Bytes payload);

  held_packet* packet_;
};

Error HeldPacket::send_as_is(const uint8_t* bytes, size_t size, size_t tcp) {
  const char* error = held_send(packet_, bytes, size, tcp);
  return error ? Error(error) : Error();
}

/// Without its own end when it fails before it is sent: then the packet is dropped.
Error HeldPacket::send_replaced(Bytes payload) {
  const Bytes old = bytes();
  const Result<size_t> size = replaced_size(old, payload.size());
  auto* room = size ? static_cast<uint8_t*>(host_reallocate(nullptr, 0, *size)) : nullptr;
  if (!room) {
    held_drop(packet_);
    return size ? kNoMemory : size.error();
  }
  replace_tcp_payload(old, payload, {room, *size});
  const Error error = send_as_is(room, *size, parse_ip(old)->header_bytes);
  host_reallocate(room, *size, 0);
  return error;
}

Error HeldPacket::send(const Bytes* payload) {
  const Error error = payload ? send_replaced(*payload) : send_as_is(nullptr, 0, 0);
  destroy(this);
  return error;
}

/// Lives on the stack of its hook's call.
class OfferedPacket final : public ViewedPacket {
 public:
  explicit OfferedPacket(offered_packet* packet)
      : ViewedPacket(offered_view(packet)), packet_(packet) {}

  Bytes bytes() override {
    size_t size = 0;
    const uint8_t* data = offered_bytes(packet_, &size);
    return data ? Bytes(data, size) : Bytes();
  }
  Result<Packet*> hold() override;
  Error send(const Bytes*) override { return Error("not held"); }
  void drop() override {}

 private:
  offered_packet* packet_;
};

Result<Packet*> OfferedPacket::hold() {
  void* room = host_reallocate(nullptr, 0, sizeof(HeldPacket));
  if (!room) return kNoMemory;
  const char* why = nullptr;
  held_packet* held = packet_hold(packet_, &why);
  if (held) return static_cast<Packet*>(new (room) HeldPacket(held));
  host_reallocate(room, sizeof(HeldPacket), 0);
  return Error(why);
}

void set(uint32_t& bound, uint32_t value) { bound = value; }
void set(size_t& bound, uint64_t value) { bound = value; }
void set(int64_t& bound, uint64_t value) { bound = value < INT64_MAX ? int64_t(value) : INT64_MAX; }

Limits limits_of(const vm_limits& from) {
  Limits limits;
#define NFLUA_LIMIT(key, ...) set(limits.key, from.key);
  NFLUA_STATE_LIMITS(NFLUA_LIMIT)
#undef NFLUA_LIMIT
  return limits;
}

/// What the kernel has of a timer that the engine armed.
struct KernelTimer : TimerHandle {};

class KernelHost final : public Host {
 public:
  KernelHost(vm* vm, state* owner) : vm_(vm), owner_(owner) {}

  void* reallocate(void* block, size_t old_bytes, size_t new_bytes) override {
    return host_reallocate(block, old_bytes, new_bytes);
  }
  int64_t now_ns() override { return host_now_ns(); }
  uint32_t seed() override { return host_seed(); }
  TimerHandle* start_timer(State&, Timer& timer, uint32_t delay_ms) override {
    return static_cast<KernelTimer*>(
        host_start_timer(owner_, vm_, reinterpret_cast<vm_timer*>(&timer), delay_ms));
  }
  void cancel_timer(TimerHandle* handle) override {
    host_cancel_timer(static_cast<KernelTimer*>(handle));
  }
  Result<ConnEntry> find_connection(const Tuple& tuple) override;
  Result<size_t> send_netlink(State&, uint32_t port, uint32_t groups, Bytes payload) override;
  /// Whoever serves queues is another process.
  bool serves_queue(uint16_t) override { return false; }
  void report(const Report& report) override;
  bool pause(State&) override { return host_pause(owner_); }

 private:
  vm* vm_;
  state* owner_;
};

Result<ConnEntry> KernelHost::find_connection(const Tuple& tuple) {
  host_tuple wanted{};
  wanted.family = uint8_t(tuple.source.family);
  wanted.protocol = uint8_t(tuple.protocol);
  wanted.source_port = tuple.source_port;
  wanted.destination_port = tuple.destination_port;
  memcpy(wanted.source, tuple.source.bytes, sizeof(wanted.source));
  memcpy(wanted.destination, tuple.destination.bytes, sizeof(wanted.destination));
  host_connection found{};
  if (!host_find_connection(owner_, &wanted, &found)) return Error("connid entry not found");
  ConnEntry entry{found.id, found.has_traffic, {}};
  for (int way = 0; way < 2; ++way)
    entry.traffic.direction[way] = {found.packets[way], found.bytes[way]};
  return entry;
}

Result<size_t> KernelHost::send_netlink(State&, uint32_t port, uint32_t groups, Bytes payload) {
  const char* error = nullptr;
  const size_t sent =
      host_send_netlink(owner_, port, groups, payload.data(), payload.size(), &error);
  if (error) return Error(error);
  return sent;
}

void KernelHost::report(const Report& report) {
  const Text function = report.kind == ReportKind::print ? Text() : report.function;
  host_report(owner_, function.data(), report.text.data(), report.text.size());
}

}  // namespace

}  // namespace nflua::kernel

struct vm {
  vm(state* owner) : host(this, owner) {}

  nflua::kernel::KernelHost host;
  /// Never null once it is made.
  nflua::State* lua = nullptr;
};

using nflua::kernel::limits_of;
using nflua::kernel::OfferedPacket;

vm* vm_create(state* owner, const char* name, const vm_limits* limits, const char** why) {
  void* room = host_reallocate(nullptr, 0, sizeof(vm));
  if (!room) {
    *why = "not enough memory";
    return nullptr;
  }
  vm* made = new (room) vm(owner);
  nflua::Result<nflua::State*> state =
      nflua::State::create(made->host, {name, strlen(name)}, limits_of(*limits), 1);
  if (state) {
    made->lua = *state;
    return made;
  }
  *why = state.error().text();
  nflua::kernel::destroy(made);
  return nullptr;
}

void vm_close(vm* vm) {
  vm->lua->close();
  nflua::kernel::destroy(vm);
}

bool vm_load(vm* vm, const char* chunk, size_t size, const char* name) {
  return !vm->lua->load({chunk, size}, {name, strlen(name)});
}

bool vm_evaluate(vm* vm, const char* chunk, size_t size, const char* name) {
  return !vm->lua->evaluate({chunk, size}, {name, strlen(name)});
}

bool vm_take_over(vm* vm, struct vm* old) { return !vm->lua->take_over(*old->lua); }

const char* vm_last_text(const vm* vm, size_t* size) {
  const nflua::Text text = vm->lua->last_error();
  *size = text.size();
  return text.data();
}

vm_match_answer vm_match(vm* vm, const char* function, offered_packet* offered) {
  OfferedPacket packet(offered);
  switch (vm->lua->match(function, packet)) {
    case nflua::MatchAnswer::yes:
      return VM_YES;
    case nflua::MatchAnswer::hotdrop:
      return VM_HOTDROP;
    default:
      return VM_NO;
  }
}

vm_verdict vm_target(vm* vm, const char* function, offered_packet* offered, uint16_t* queue) {
  OfferedPacket packet(offered);
  const nflua::TargetAnswer answer = vm->lua->target(function, packet);
  *queue = answer.verdict.queue;
  switch (answer.verdict.kind) {
    case nflua::VerdictKind::proceed:
      return VM_CONTINUE;
    case nflua::VerdictKind::accept:
      return VM_ACCEPT;
    case nflua::VerdictKind::drop:
      return VM_DROP;
    case nflua::VerdictKind::stolen:
      return VM_STOLEN;
    case nflua::VerdictKind::queue:
      return VM_QUEUE;
    case nflua::VerdictKind::repeat:
      return VM_REPEAT;
    case nflua::VerdictKind::stop:
      return VM_STOP;
  }
  return VM_CONTINUE;
}

bool vm_carries_tcp_payload(vm* vm, offered_packet* offered) {
  OfferedPacket packet(offered);
  const nflua::Result<bool> carries = nflua::carries_tcp_payload(packet.bytes());
  if (!carries) vm->lua->count_unreadable();
  return carries && *carries;
}

bool vm_receive(vm* vm, uint32_t port, void* message, size_t size) {
  return !vm->lua->receive(port, {static_cast<uint8_t*>(message), size});
}

void vm_run_timer(vm* vm, vm_timer* timer) {
  vm->lua->run_timer(*reinterpret_cast<nflua::Timer*>(timer));
}

void vm_report_error(vm* vm, const char* function, const char* text) {
  vm->lua->report_error(function, {text, strlen(text)});
}

void vm_set_limits(vm* vm, const vm_limits* limits) { vm->lua->set_limits(limits_of(*limits)); }

void vm_get_limits(const vm* vm, vm_limits* limits) {
  const nflua::Limits& from = vm->lua->limits();
#define NFLUA_LIMIT(key, type, wire, ...) limits->key = wire(from.key);
  NFLUA_STATE_LIMITS(NFLUA_LIMIT)
#undef NFLUA_LIMIT
}

void vm_get_stats(const vm* vm, vm_stats* stats) {
  const nflua::StateCounters& from = vm->lua->counters();
#define NFLUA_COUNTER(key, ...) stats->key = from.key;
  NFLUA_STATE_COUNTERS(NFLUA_COUNTER)
#undef NFLUA_COUNTER
  stats->bytes_used = vm->lua->bytes_used();
  stats->held_packets = vm->lua->held_packets();
  stats->armed_timers = vm->lua->armed_timers();
}
