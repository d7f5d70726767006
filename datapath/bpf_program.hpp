// SPDX-License-Identifier: GPL-2.0-or-later
// A capture filter in tcpdump's syntax, compiled by libpcap. It sees IP packets without their link
// layer, on all datapaths: the same expression means the same in a replay and live, where the
// kernel has taken VLAN tags and the like off.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "engine/bytes.hpp"
#include "support/outcome.hpp"

struct bpf_insn;
struct bpf_program;

namespace nflua {

/// Bytes of an expression. Compiling takes time that grows with its square, whatever libpcap does:
/// 0.7 s for 200 ports, which are 2 KB.
inline constexpr size_t kMaxFilterBytes = 4096;

/// Instructions of a program before libpcap's optimizer, above which it is not called. Its time
/// grows with the cube: for 200 ports (13 145 instructions) 2 s in libpcap 1.10.3 and 22 s
/// in 1.10.5, for 45 ports (2 915) 0.03 and 0.13 s.
inline constexpr size_t kMaxOptimizedInstructions = 3000;

class BpfProgram {
 public:
  /// Errors: an expression that is too long, that makes no sense, or that is about the link layer;
  /// a message that names --filter.
  static Outcome<BpfProgram> compile(const std::string& expression);

  /// `packet`: from the IP header on. Units: bytes; `wire_bytes` of which `packet` has the first.
  bool matches(Bytes packet, uint32_t wire_bytes) const;

  const bpf_insn* instructions() const;
  size_t size() const;
  /// Whether it jumps back, as for "ip6 protochain": no kernel takes such a program.
  bool has_loop() const;
  /// Whether it is as short as libpcap can make it; else each packet takes longer.
  bool is_optimized() const { return is_optimized_; }

 private:
  struct Deleter {
    void operator()(bpf_program* program) const;
  };

  using Program = std::unique_ptr<bpf_program, Deleter>;

  BpfProgram(Program program, bool is_optimized)
      : program_(std::move(program)), is_optimized_(is_optimized) {}
  static Outcome<Program> compile(const std::string& expression, bool optimize);

  Program program_;
  bool is_optimized_;
};

}  // namespace nflua
