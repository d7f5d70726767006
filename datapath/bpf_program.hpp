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

class BpfProgram {
 public:
  /// Errors: an expression that makes no sense, or that is about the link layer; a message that
  /// names --filter.
  static Outcome<BpfProgram> compile(const std::string& expression);

  /// `packet`: from the IP header on. Units: bytes; `wire_bytes` of which `packet` has the first.
  bool matches(Bytes packet, uint32_t wire_bytes) const;

  const bpf_insn* instructions() const;
  size_t size() const;

 private:
  struct Deleter {
    void operator()(bpf_program* program) const;
  };

  explicit BpfProgram(std::unique_ptr<bpf_program, Deleter> program)
      : program_(std::move(program)) {}

  std::unique_ptr<bpf_program, Deleter> program_;
};

}  // namespace nflua
