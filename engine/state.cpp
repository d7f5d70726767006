// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/state.hpp"

#include "engine/lua/answer.hpp"
#include "engine/lua/base.hpp"
#include "engine/lua/binding.hpp"
#include "engine/lua/memory.hpp"
#include "engine/lua/packet.hpp"
#include "engine/lua/suggest.hpp"
#include "engine/lua/timer.hpp"
#include "engine/lua/traceback.hpp"
#include "engine/text_line.hpp"

#include <new>

extern "C" {
#include "lua/escape.h"
#include "lua/protect.h"
}

namespace nflua {

struct PacketCall {
  const char* function;
  Packet* packet;
  int results;
  /// The state's shared object, or nullptr; set when it is made.
  PacketObject*& shared;
  /// The call's object, and where it lies on the stack. nullptr: it was not made.
  PacketObject* object = nullptr;
  int slot = 0;
};

namespace {

/// What stays at the bottom of the main thread's stack, so that no packet looks it up.
enum BaseSlot : int {
  kHandlerSlot = 1,
  kOfferedMetatableSlot,
  kHeldMetatableSlot,
  kSharedPacketSlot,
  kBaseSlots = kSharedPacketSlot,
  /// During and after a call with a packet that has an object of its own: that one.
  kOwnPacketSlot,
};

constexpr Error kNoMemory{"not enough memory"};

/// Text that Lua wants when an error handler fails: interned now, as it could not be made then.
constexpr const char* kErrorInHandler = "error in error handling";

int handle_error(lua_State* L) {
  push_traceback(L, L, 1);
  return 1;
}

void watch_modules(lua_State* L) {
  constexpr const char* kNames[] = {"conn", "memory", "netlink", "packet", "timer"};
  for (const char* name : kNames) {
    lua_getglobal(L, name);
    watch_names(L);
    lua_pop(L, 1);
  }
}

void open_libraries(lua_State* L, void* worker) {
  lua_pushcfunction(L, handle_error);
  lua_pushstring(L, kErrorInHandler);
  lua_rawsetp(L, LUA_REGISTRYINDEX, kErrorInHandler);
  open_base(L);
  open_module(L, "conn", open_conn);
  open_module(L, "memory", open_memory);
  open_module(L, "netlink", open_netlink);
  open_module(L, "packet", open_packet);
  open_module(L, "timer", open_timer);
  watch_modules(L);
  lua_pushinteger(L, *static_cast<uint32_t*>(worker));
  lua_setglobal(L, "worker");
  lua_settop(L, kHandlerSlot);
  push_packet_metatables(L);
  lua_pushnil(L);  // kSharedPacketSlot
}

void push_function(lua_State* L, const char* name, const char* what) {
  if (lua_getglobal(L, name) != LUA_TFUNCTION) luaL_error(L, "couldn't find %s: %s", what, name);
}

/// Below the function, which is on top: so it stays alive when the script lets go of it.
void make_own_packet(lua_State* L, PacketCall& call) {
  call.object = &push_packet(L, *call.packet, kOfferedMetatableSlot);
  call.slot = kOwnPacketSlot;
  lua_insert(L, kOwnPacketSlot);
}

PacketObject& make_shared_packet(lua_State* L, Packet& packet) {
  PacketObject& object = push_packet(L, packet, kOfferedMetatableSlot);
  lua_replace(L, kSharedPacketSlot);
  return object;
}

void share_packet(lua_State* L, PacketCall& call) {
  if (!call.shared) call.shared = &make_shared_packet(L, *call.packet);
  call.shared->packet = call.packet;
  call.object = call.shared;
  call.slot = kSharedPacketSlot;
}

/// Objects of their own keep the collector going, which finds the held packets that are abandoned.
bool can_share(lua_State* L) {
  return state_of(L).held_packets() == 0 && !nflua_may_keep_argument(L, -1);
}

void call_with_packet(lua_State* L, void* argument) {
  PacketCall& call = *static_cast<PacketCall*>(argument);
  push_function(L, call.function, "function");
  (can_share(L) ? share_packet : make_own_packet)(L, call);
  lua_pushvalue(L, call.slot);
  lua_call(L, 1, call.results);
}

struct FunctionQuery {
  const char* name;
  bool found;
};

void find_function(lua_State* L, void* argument) {
  auto& query = *static_cast<FunctionQuery*>(argument);
  query.found = lua_getglobal(L, query.name) == LUA_TFUNCTION;
}

Text string_at(lua_State* L, int index) {
  size_t size = 0;
  const char* data = lua_tolstring(L, index, &size);
  return {data, size};
}

bool can_be_callback(lua_State* L, int name, int value) {
  if (lua_type(L, name) != LUA_TSTRING) return false;
  if (!lua_isfunction(L, value) || lua_iscfunction(L, value)) return false;
  const Text text = string_at(L, name);
  return text.size() > 0 && text.size() < kNameBytes && !memchr(text.data(), 0, text.size());
}

void visit_globals(lua_State* L, void* argument) {
  auto& visitor = *static_cast<FunctionVisitor*>(argument);
  lua_pushglobaltable(L);
  for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1))
    if (can_be_callback(L, -2, -1)) visitor.visit(string_at(L, -2));
}

struct ReceiveCall {
  uint32_t port;
  MutableBytes message;
  Memory* memory;
};

constexpr const char* kReceiveFunction = "__receive_callback";

void call_receiver(lua_State* L, void* argument) {
  ReceiveCall& call = *static_cast<ReceiveCall*>(argument);
  call.memory = &push_memory_reference(L, call.message);
  push_function(L, kReceiveFunction, "receive function");
  lua_pushinteger(L, call.port);
  lua_pushvalue(L, -3);
  lua_call(L, 2, 0);
}

void call_top(lua_State* L, void*) { lua_call(L, 0, 0); }

}  // namespace

State::State(Host& host, Text name, const Limits& limits) : host_(host), limits_(limits) {
  memcpy(name_, name.data(), name.size());
}

Result<State*> State::create(Host& host, Text name, const Limits& limits, uint32_t worker) {
  if (name.size() >= kNameBytes) return Error("state name too long (63 bytes at most)");
  if (limits.max_bytes < kMinStateBytes || limits.max_bytes > kMaxStateBytes)
    return Error("bytes per state: expected 32768 to 4294967295");
  void* block = host.reallocate(nullptr, 0, sizeof(State));
  if (!block) return kNoMemory;
  auto* state = new (block) State(host, name, limits);
  if (Error error = state->open(worker)) {
    state->close();
    return error;
  }
  return state;
}

Error State::open(uint32_t worker) {
  nflua_set_seed(host_.seed());
  lua_ = lua_newstate(allocate, this);
  if (!lua_) return kNoMemory;
  *static_cast<State**>(lua_getextraspace(lua_)) = this;
  constexpr int kNoHandlerYet = 0;
  const int status = run(open_libraries, &worker, limits_.max_load_instructions, kNoHandlerYet);
  return status == LUA_OK ? Error() : kNoMemory;
}

void State::close() {
  if (lua_) {
    cancel_all_timers(*this);
    lua_close(lua_);
  }
  Host& host = host_;
  this->~State();
  host.reallocate(this, sizeof(State), 0);
}

void* State::allocate(void* self, void* block, size_t old_bytes, size_t new_bytes) {
  auto& state = *static_cast<State*>(self);
  // For a new block Lua passes the type of its object instead of a size.
  const size_t had = block ? old_bytes : 0;
  const size_t tag = block ? 0 : old_bytes;
  if (new_bytes > had) {
    // What can't be had is not paid for: it is out of memory, not of steps.
    const bool fits = new_bytes - had <= state.limits_.max_bytes - state.bytes_used_;
    if (!nflua_charge_allocation(tag, fits ? new_bytes : 0) || !fits) return nullptr;
  }
  void* result = state.host_.reallocate(block, had, new_bytes);
  if (result || new_bytes == 0) state.bytes_used_ += new_bytes - had;
  return result;
}

int State::run(void (*function)(lua_State*, void*), void* argument, int64_t steps, int handler) {
  nflua_budget_enter(&budget_, steps);
  const int status = nflua_protect(lua_, function, argument, handler);
  nflua_budget_leave();
  return status;
}

int State::pause(void* self) {
  State& state = *static_cast<State*>(self);
  return state.host_.pause(state);
}

int State::run_loading(const char* name, void (*function)(lua_State*, void*), void* argument) {
  loading_ = true;
  current_function_ = name;
  budget_.pause = pause;
  budget_.pause_argument = this;
  const int status = run(function, argument, limits_.max_load_instructions, kHandlerSlot);
  budget_.pause = nullptr;
  current_function_ = "";
  loading_ = false;
  return status;
}

// Collecting comes last: what a failed call left is on no stack any more.
void State::settle() {
  lua_settop(lua_, kBaseSlots);
  // Within a call, a full collection may be dearer than what is left of its budget.
  if (bytes_used_ > limits_.max_bytes / 8 * 7) nflua_collect_some(lua_);
}

// No message handler runs then, so no traceback says where it was.
Text State::describe_blown_budget(Phase phase) {
  const bool is_loading = phase == Phase::loading;
  TextLine line(failure_text_, sizeof failure_text_);
  const Text where(budget_.where);
  line << where << (where.empty() ? "" : ": ") << "instruction budget exceeded; raise "
       << (is_loading ? "--max-load-instructions" : "--max-instructions") << " (now "
       << uint64_t(is_loading ? limits_.max_load_instructions : limits_.max_instructions)
       << "), or do less";
  return line.text();
}

Text State::describe_failure(int status, Phase phase) {
  if (nflua_budget_is_blown(&budget_)) {
    ++counters_.budget_exceeded;
    return describe_blown_budget(phase);
  }
  if (status == LUA_ERRMEM) {
    ++counters_.memory_exceeded;
    return kNoMemory.text();
  }
  if (lua_type(lua_, -1) != LUA_TSTRING) return "error in error handling";
  size_t size = 0;
  const char* data = lua_tolstring(lua_, -1, &size);
  return {data, size};
}

void State::report_error(const char* function, Text text) {
  ++counters_.errors;
  host_.report({ReportKind::callback_error, name(), function, text});
}

void State::keep_text(Text text) {
  last_text_size_ = text.size() < sizeof(last_text_) ? text.size() : sizeof(last_text_);
  memcpy(last_text_, text.data(), last_text_size_);
}

MatchAnswer State::match(const char* function, Packet& packet) {
  PacketCall call{function, &packet, 1, shared_packet_};
  MatchAnswer answer = MatchAnswer::failed;
  if (call_packet_function(call)) {
    const int type = lua_type(lua_, -1);
    if (type == LUA_TBOOLEAN)
      answer = lua_toboolean(lua_, -1) ? MatchAnswer::yes : MatchAnswer::no;
    else if (type == LUA_TSTRING && string_at(lua_, -1) == "hotdrop")
      answer = MatchAnswer::hotdrop;
    else
      report_wrong_match(function);
  }
  finish_packet_call(call);
  return answer;
}

void State::report_wrong_match(const char* function) {
  AnswerText text;
  report_error(function, describe_wrong_match(lua_, -1, text));
}

TargetAnswer State::target(const char* function, Packet& packet) {
  PacketCall call{function, &packet, 2, shared_packet_};
  TargetAnswer answer{{}, true};
  if (call_packet_function(call)) answer = read_target_answer(call);
  finish_packet_call(call);
  return answer;
}

bool State::call_packet_function(PacketCall& call) {
  ++counters_.calls;
  current_function_ = call.function;
  const int status = run(call_with_packet, &call, limits_.max_instructions, kHandlerSlot);
  current_function_ = "";
  if (status == LUA_OK) return true;
  report_error(call.function, describe_failure(status, Phase::callback));
  return false;
}

void State::note_unreadable() {
  if (unreadable_call_ == counters_.calls) return;
  unreadable_call_ = counters_.calls;
  ++counters_.unreadable;
}

void State::keep_suggestion(Text name, Text instead) {
  suggestion_ = {};
  if (name.size() >= Suggestion::kNameBytes || instead.size() >= Suggestion::kNameBytes) return;
  memcpy(suggestion_.name, name.data(), name.size());
  memcpy(suggestion_.instead, instead.data(), instead.size());
}

void State::finish_packet_call(PacketCall& call) {
  if (call.object && !end_offer(lua_, *call.object) && call.object == shared_packet_) {
    shared_packet_ = nullptr;
    lua_pushnil(lua_);
    lua_replace(lua_, kSharedPacketSlot);
  }
  settle();
}

TargetAnswer State::read_target_answer(PacketCall& call) {
  constexpr int kVerdict = -2;
  constexpr int kQueueNumber = -1;
  const int type = lua_type(lua_, kVerdict);
  if (type == LUA_TNIL) return {};
  Verdict verdict;
  if (type == LUA_TSTRING) verdict.kind = find_target_verdict(string_at(lua_, kVerdict));
  if (verdict.kind == VerdictKind::proceed) {
    AnswerText text;
    report_error(call.function, describe_wrong_target(lua_, kVerdict, text));
    return {{}, true};
  }
  Error error;
  if (verdict.kind == VerdictKind::queue) error = read_queue_number(kQueueNumber, verdict.queue);
  if (verdict.kind == VerdictKind::stolen)
    error = hold_packet(lua_, *call.object, call.slot, kHeldMetatableSlot);
  if (!error) return {verdict};
  report_error(call.function, error.text());
  return {{}, true};
}

Error State::read_queue_number(int index, uint16_t& number) {
  if (lua_isnil(lua_, index)) return {};
  int is_integer = 0;
  const lua_Integer value = lua_tointegerx(lua_, index, &is_integer);
  if (!is_integer || value < 0 || value > 0xffff)
    return Error("'queue' takes a number from 0 to 65535");
  number = static_cast<uint16_t>(value);
  if (host_.serves_queue(number)) return Error("'queue': nflua itself serves that queue");
  return {};
}

Error State::receive(uint32_t port, MutableBytes message) {
  ReceiveCall call{port, message, nullptr};
  ++counters_.calls;
  current_function_ = kReceiveFunction;
  const int status = run(call_receiver, &call, limits_.max_instructions, kHandlerSlot);
  current_function_ = "";
  Error error;
  if (status != LUA_OK) {
    keep_text(describe_failure(status, Phase::callback));
    report_error(kReceiveFunction, last_error());
    error = kSeeLastError;
  }
  if (call.memory) clear_reference(*call.memory);
  settle();
  return error;
}

void State::run_timer(Timer& timer) {
  ++counters_.calls;
  current_function_ = "timer";
  push_timer_callback(lua_, timer);
  const int status = run(call_top, nullptr, limits_.max_instructions, kHandlerSlot);
  current_function_ = "";
  if (status != LUA_OK) report_error("timer", describe_failure(status, Phase::callback));
  settle();
}

bool State::has_function(const char* name) {
  FunctionQuery query{name, false};
  const int status = run(find_function, &query, limits_.max_instructions, kHandlerSlot);
  settle();
  return status == LUA_OK && query.found;
}

Error State::visit_functions(FunctionVisitor& visitor) {
  const int status = run(visit_globals, &visitor, limits_.max_load_instructions, kHandlerSlot);
  settle();
  return status == LUA_OK ? Error() : Error("instruction budget exceeded");
}

void State::set_limits(const Limits& limits) {
  const size_t max_bytes = limits_.max_bytes;
  limits_ = limits;
  limits_.max_bytes = max_bytes;
}

bool State::admit_timer() {
  if (armed_timers_ >= limits_.max_timers) {
    ++counters_.timers_refused;
    return false;
  }
  ++armed_timers_;
  return true;
}

bool State::admit_held(size_t bytes) {
  const bool fits =
      held_bytes_ <= limits_.max_held_bytes && bytes <= limits_.max_held_bytes - held_bytes_;
  if (held_packets_ >= limits_.max_held_packets || !fits) {
    ++counters_.held_refused;
    return false;
  }
  ++held_packets_;
  held_bytes_ += bytes;
  return true;
}

void State::release_held(size_t bytes) {
  --held_packets_;
  held_bytes_ -= bytes;
}

}  // namespace nflua
