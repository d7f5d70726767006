// SPDX-License-Identifier: GPL-2.0-or-later
// One state: an isolated Lua VM with a name, bounds and counters.
//
//   create → load* → take_over? → (match | target | receive | run_timer)* → close
//
// Invariants: calls do not nest; whatever a script does, a call ends within its budget
// (docs/decisions/0001-budget.md) and the state stays usable. Nothing here throws or raises except
// where a function says so. Owns: the VM, armed timers, held packets.
// Context: one thread (softirq) at a time.
#pragma once

#include "engine/counters.h"
#include "engine/host.hpp"
#include "engine/packet.hpp"
#include "engine/rules.hpp"

extern "C" {
#include "lua/budget.h"
}

struct lua_State;

namespace nflua {

struct PacketCall;
struct PacketObject;

struct StateCounters {
#define NFLUA_COUNTER(key, ...) uint64_t key = 0;
  NFLUA_STATE_COUNTERS(NFLUA_COUNTER)
#undef NFLUA_COUNTER
};

enum class MatchAnswer : uint8_t { no, yes, hotdrop, failed };

struct TargetAnswer {
  Verdict verdict;
  bool failed = false;
};

/// A name that a script read and that does not exist, and the one that it probably meant; both
/// zero-terminated, empty where there is none.
struct Suggestion {
  static constexpr size_t kNameBytes = 32;
  char name[kNameBytes] = {};
  char instead[kNameBytes] = {};
};

class FunctionVisitor {
 public:
  virtual void visit(Text name) = 0;

 protected:
  ~FunctionVisitor() = default;
};

class State {
 public:
  /// Owns: the caller, which ends it by close(). Requires: name shorter than kNameBytes.
  /// Errors: a limit out of its bounds, out of memory.
  static Result<State*> create(Host& host, Text name, const Limits& limits, uint32_t worker);
  /// Cancels timers, drops held packets, frees all memory; `this` is gone.
  void close();

  /// Runs a chunk of Lua text. `chunk_name`: a file's name, for messages.
  /// Errors: what last_error() says. What the chunk did before it failed stays.
  Error load(Text source, Text chunk_name);
  /// As load, of an expression or a chunk: last_result() is what it returns.
  Error evaluate(Text source, Text chunk_name);
  /// What the last good evaluate returned, as tostring shows it, with a tab between two results;
  /// cut off, with "..." at its end, where it is longer than kMaxLogBytes.
  Text last_result() const { return last_error(); }
  /// On reload, after load: calls the old state's on_unload(), then on_reload(old) here with a deep
  /// copy of the table that it returned, nil for none; nothing here without on_reload. Each has the
  /// budget of loading. Requires: another state, none of whose calls is running.
  /// Errors: what last_error() says. Both states stay usable: the caller decides which one goes on.
  Error take_over(State& old);
  /// The message of the last failed load or take_over; with a traceback where there is one.
  Text last_error() const { return {last_text_, last_text_size_}; }

  /// Calls a global function with the packet. Errors are reported to the host and counted.
  MatchAnswer match(const char* function, Packet& packet);
  TargetAnswer target(const char* function, Packet& packet);
  /// Hands a message to __receive_callback. Errors: as last_error().
  /// Borrows: the message, until it returns.
  Error receive(uint32_t port, MutableBytes message);
  /// Called by the host when a timer is due.
  void run_timer(Timer& timer);

  /// Whether that global is a function now.
  bool has_function(const char* name);
  /// Shows each global function that is written in Lua and whose name a rule can bear, in no order.
  /// Errors: out of instructions; not all were shown. Borrows: `visitor`; each name while it is
  /// shown.
  Error visit_functions(FunctionVisitor& visitor);

  Text name() const { return {name_, strlen(name_)}; }
  const Limits& limits() const { return limits_; }
  /// From the next call on. What is armed or held above a new bound stays. The bound on bytes is
  /// fixed: `limits.max_bytes` is not looked at.
  void set_limits(const Limits& limits);
  const StateCounters& counters() const { return counters_; }
  /// Units: bytes of all Lua objects.
  size_t bytes_used() const { return bytes_used_; }
  uint32_t held_packets() const { return held_packets_; }
  uint32_t armed_timers() const { return armed_timers_; }

  /// Counts an error of a callback and tells the host.
  void report_error(const char* function, Text text);

  /// Counts a packet whose headers could not be read, so that no callback got it.
  void count_unreadable() { ++counters_.unreadable; }

  // For engine/lua only.
  Host& host() { return host_; }
  StateCounters& mutable_counters() { return counters_; }
  /// The function now running; empty outside callbacks.
  const char* current_function() const { return current_function_; }
  bool is_loading() const { return loading_; }
  /// Counts the call that runs as one whose packet has headers that can't be read: once.
  void note_unreadable();
  const Suggestion& suggestion() const { return suggestion_; }
  /// Names that are too long are not kept.
  void keep_suggestion(Text name, Text instead);
  /// Counts an armed timer. False: over the bound, counted as refused.
  bool admit_timer();
  void release_timer() { --armed_timers_; }
  /// The chain of all armed timers, which close() cancels.
  Timer*& armed() { return armed_; }
  /// Counts a held packet. False: over the bound, counted as refused.
  bool admit_held(size_t bytes);
  void release_held(size_t bytes);

 private:
  static constexpr Error kSeeLastError{"see last_error()"};
  /// Bytes that what is said of a blown budget fits in.
  static constexpr size_t kFailureTextBytes = 192;
  /// Which bound of instructions a call has.
  enum class Phase : uint8_t { callback, loading };

  State(Host& host, Text name, const Limits& limits);
  ~State() = default;
  Error open(uint32_t worker);
  /// A protected call under a budget. Returns Lua's status; see nflua_protect.
  int run(void (*function)(lua_State*, void*), void* argument, int64_t steps, int handler);
  /// The same as a part of loading, in the callback `name` if there is one.
  int run_loading(const char* name, void (*function)(lua_State*, void*), void* argument);
  /// Ends what run() began: empties the stack, makes room if little is left.
  void settle();
  bool call_packet_function(PacketCall& call);
  void finish_packet_call(PacketCall& call);
  void report_wrong_match(const char* function);
  TargetAnswer read_target_answer(PacketCall& call);
  Error read_queue_number(int index, uint16_t& number);
  /// Borrows: from the stack's top or this. Requires: run() has just failed.
  Text describe_failure(int status, Phase phase);
  Text describe_blown_budget(Phase phase);
  void keep_text(Text text);
  // nflua_budget::pause.
  static int pause(void* state);
  // lua_Alloc.
  static void* allocate(void* state, void* block, size_t old_bytes, size_t new_bytes);

  Host& host_;
  Limits limits_;
  StateCounters counters_;
  lua_State* lua_ = nullptr;
  nflua_budget budget_{};
  size_t bytes_used_ = 0;
  uint32_t held_packets_ = 0;
  size_t held_bytes_ = 0;
  uint32_t armed_timers_ = 0;
  Timer* armed_ = nullptr;
  /// What calls share whose function can't keep it; closed between them. nullptr: none yet.
  PacketObject* shared_packet_ = nullptr;
  bool loading_ = false;
  const char* current_function_ = "";
  /// What `calls` was when the last call was counted as unreadable.
  uint64_t unreadable_call_ = 0;
  Suggestion suggestion_;
  char name_[kNameBytes] = {};
  size_t last_text_size_ = 0;
  char last_text_[kMaxLogBytes] = {};
  char failure_text_[kFailureTextBytes] = {};
};

}  // namespace nflua
