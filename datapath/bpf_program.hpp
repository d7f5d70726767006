// SPDX-License-Identifier: GPL-2.0-or-later
// A capture filter in tcpdump's syntax, compiled by libpcap for packets of one link type.
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
  /// `link_type`: libpcap's DLT number. Errors: what the expression means nothing for, as `ether`
  /// on raw IP; a message that names --filter.
  static Outcome<BpfProgram> compile(int link_type, const std::string& expression);

  /// Units: bytes; `wire_bytes` of which `packet` has the first.
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
