// SPDX-License-Identifier: GPL-2.0-or-later
// The engine without a datapath, to set against stock_lua_calls. Prints, as there,
//   call NS     a match that returns true
//   unpack NS   what it adds to unpack six values of the packet, by a cached format
//   state BYTES of a fresh state
#include <stdio.h>
#include <stdlib.h>

#include "bench/stopwatch.hpp"
#include "bench/workload.hpp"
#include "engine/host.hpp"
#include "engine/packet.hpp"
#include "engine/state.hpp"

namespace nflua::bench {
namespace {

constexpr const char* kScript =
    "function trivial(pkt) return true end\n"
    "function six(pkt)\n"
    "  local a, b, c, d, e, f = pkt:unpack('" NFLUA_BENCH_FORMAT
    "')\n"
    "  return f ~= nil\n"
    "end\n";

class BareHost final : public Host {
 public:
  void* reallocate(void* block, size_t, size_t new_bytes) override {
    if (new_bytes > 0) return realloc(block, new_bytes);
    free(block);
    return nullptr;
  }
  int64_t now_ns() override { return 0; }
  uint32_t seed() override { return 1; }
  TimerHandle* start_timer(State&, Timer&, uint32_t) override { return nullptr; }
  void cancel_timer(TimerHandle*) override {}
  Result<ConnEntry> find_connection(const Tuple&) override {
    return Error("connid entry not found");
  }
  Result<size_t> send_netlink(State&, uint32_t, uint32_t, Bytes) override {
    return Error("ECONNREFUSED");
  }
  bool serves_queue(uint16_t) override { return false; }
  void report(const Report& report) override {
    fprintf(stderr, "%.*s\n", static_cast<int>(report.text.size()), report.text.data());
  }
};

class BarePacket final : public Packet {
 public:
  Bytes bytes() override { return {kSamplePacket.data(), kSamplePacket.size()}; }
  size_t whole_bytes() override { return kSamplePacket.size(); }
  Result<size_t> segment_bytes() override { return size_t{0}; }
  MutableBytes frame() override { return {}; }
  Result<int64_t> connection_id() override { return Error("untracked"); }
  const char* in_device() override { return nullptr; }
  const char* out_device() override { return nullptr; }
  const char* hook() override { return nullptr; }
  Result<Owner> owner() override { return Error("no owner"); }
  uint32_t mark() override { return 0; }
  void set_mark(uint32_t) override {}
  bool checksum_is_pending() override { return false; }
  size_t reply_mss() override { return 0; }
  Error send_reply(const Reply&) override { return Error("no input device"); }
  Result<Packet*> hold() override { return Error("not enough memory"); }
  Error send(const Bytes*) override { return {}; }
  void drop() override {}
};

double ns_per_match(State& state, const char* function) {
  BarePacket packet;
  return ns_per_call([&] {
    if (state.match(function, packet) != MatchAnswer::yes) exit(1);
  });
}

int run() {
  BareHost host;
  Result<State*> state = State::create(host, "bench", {}, 1);
  if (!state) {
    fprintf(stderr, "%s\n", state.error().text());
    return 1;
  }
  State& fresh = **state;
  printf("state %zu\n", fresh.bytes_used());
  if (fresh.load(kScript, "bench.lua")) {
    fprintf(stderr, "%.*s\n", static_cast<int>(fresh.last_error().size()),
            fresh.last_error().data());
    return 1;
  }
  const double call_ns = ns_per_match(fresh, "trivial");
  const double unpack_ns = ns_per_match(fresh, "six") - call_ns;
  printf("call %.1f\nunpack %.1f\n", call_ns, unpack_ns);
  fresh.close();
  return 0;
}

}  // namespace
}  // namespace nflua::bench

int main() { return nflua::bench::run(); }
