// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/bpf_program.hpp"

#include <fmt/format.h>
#include <pcap/pcap.h>

namespace nflua {

namespace {

/// Bytes of a packet that a program may look at: more than any link layer carries.
constexpr int kSnapLength = 1 << 18;

struct PcapCloser {
  void operator()(pcap_t* pcap) const { pcap_close(pcap); }
};

}  // namespace

void BpfProgram::Deleter::operator()(bpf_program* program) const {
  pcap_freecode(program);
  delete program;
}

Outcome<BpfProgram> BpfProgram::compile(int link_type, const std::string& expression) {
  const std::unique_ptr<pcap_t, PcapCloser> pcap(pcap_open_dead(link_type, kSnapLength));
  auto program = std::make_unique<bpf_program>();
  constexpr int kOptimize = 1;
  if (pcap_compile(pcap.get(), program.get(), expression.c_str(), kOptimize,
                   PCAP_NETMASK_UNKNOWN) != 0)
    return Failure(
        fmt::format("--filter '{}': {}; see pcap-filter(7)", expression, pcap_geterr(pcap.get())));
  return BpfProgram(std::unique_ptr<bpf_program, Deleter>(program.release()));
}

bool BpfProgram::matches(Bytes packet, uint32_t wire_bytes) const {
  return bpf_filter(program_->bf_insns, packet.data(), wire_bytes, u_int(packet.size())) != 0;
}

const bpf_insn* BpfProgram::instructions() const { return program_->bf_insns; }

size_t BpfProgram::size() const { return program_->bf_len; }

}  // namespace nflua
