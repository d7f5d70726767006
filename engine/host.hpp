// SPDX-License-Identifier: GPL-2.0-or-later
// What the engine needs from the world around it. A datapath implements it; tests have a double
// (tests/support/fake_host.hpp).
//
// Context: calls come from the thread (softirq) that runs the state, with the state busy: none of
// them may call back into the engine before it returned, but pause() into other states.
#pragma once

#include "engine/bytes.hpp"
#include "engine/error.hpp"
#include "engine/limits.hpp"
#include "engine/wire.hpp"

namespace nflua {

class State;
struct Timer;  // engine/lua/timer.hpp

/// A host's own record of an armed timer derives from it.
class TimerHandle {
 protected:
  ~TimerHandle() = default;
};

/// Index into conntrack's two directions.
enum class Direction : uint8_t { original = 0, reply = 1 };

struct ConnTraffic {
  struct {
    uint64_t packets;
    uint64_t bytes;
  } direction[2];
};

struct ConnEntry {
  int64_t id = 0;
  /// False: accounting is off, `traffic` means nothing.
  bool has_traffic = false;
  ConnTraffic traffic{};
};

enum class ReportKind : uint8_t {
  print,           ///< what the script printed
  callback_error,  ///< a match, target, timer or receive callback raised, or misbehaved
};

/// Something a person may want to read. The host logs it, rate-limited, and never calls back.
struct Report {
  ReportKind kind;
  Text state;
  /// The callback; empty outside callbacks.
  Text function;
  /// First line: what happened; more lines: the traceback.
  Text text;
};

class Host {
 public:
  /// As lua_Alloc: grows, shrinks, frees (new_bytes 0) a block. Errors: nullptr, block untouched.
  virtual void* reallocate(void* block, size_t old_bytes, size_t new_bytes) = 0;

  /// Nanoseconds since the epoch; what os.time() shows.
  virtual int64_t now_ns() = 0;

  /// Seed of string hashes and of math.random. A host whose runs must repeat returns a constant.
  virtual uint32_t seed() = 0;

  /// Calls state.run_timer(timer) once, between callbacks, not before `delay_ms` milliseconds.
  /// Borrows: `timer` until then or until cancelled. Errors: nullptr when out of memory.
  virtual TimerHandle* start_timer(State& state, Timer& timer, uint32_t delay_ms) = 0;
  /// Requires: the timer has neither run nor been cancelled.
  virtual void cancel_timer(TimerHandle* handle) = 0;

  /// Looks up a confirmed conntrack entry by the tuple of either direction.
  /// Errors: "connid entry not found".
  virtual Result<ConnEntry> find_connection(const Tuple& tuple) = 0;

  /// Sends a datagram to a port (0: none) and to each group whose bit is set. Returns bytes sent.
  /// Errors: the errno's name, as "ECONNREFUSED".
  virtual Result<size_t> send_netlink(State& state, uint32_t port, uint32_t groups,
                                      Bytes payload) = 0;

  /// Whether this very process serves that NFQUEUE: a packet sent there would come back for ever.
  virtual bool serves_queue(uint16_t number) = 0;

  virtual void report(const Report& report) = 0;

  /// A chunk runs for long: lets others run who must not wait, but for this state. Returns whether
  /// it may go on; else it ends as if its budget were blown.
  virtual bool pause(State&) { return true; }

 protected:
  ~Host() = default;
};

}  // namespace nflua
