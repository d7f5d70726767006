// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/bpf_program.hpp"

#include <fmt/format.h>
#include <linux/filter.h>
#include <pcap/pcap.h>

#include <algorithm>
#include <string_view>

namespace nflua {

namespace {

/// Bytes of a packet that a program may look at: more than any link layer carries.
constexpr int kSnapLength = 1 << 18;

constexpr const char* kRemedy =
    "expected terms of pcap-filter(7) about IP packets: a filter sees them without link layer";

/// What libpcap calls the link layer's header in `name[offset]`. Over IP packets it takes these for
/// bytes of the IP header, without a word.
constexpr std::string_view kLinkHeaders[] = {"ether", "fddi", "link", "ppp", "slip", "tr", "wlan"};

/// Its name; empty: the expression reads no such header.
std::string_view link_header_read_in(std::string_view expression) {
  constexpr std::string_view kBlank = " \t\n";
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789_-.";
  for (size_t at = expression.find('['); at != expression.npos; at = expression.find('[', at + 1)) {
    const size_t last = expression.substr(0, at).find_last_not_of(kBlank);
    if (last == expression.npos) continue;
    const std::string_view before = expression.substr(0, last + 1);
    const std::string_view word = before.substr(before.find_last_not_of(kLetters) + 1);
    if (std::ranges::find(kLinkHeaders, word) != std::end(kLinkHeaders)) return word;
  }
  return {};
}

/// `inbound`, `ifindex` and the like ask the kernel, which does not answer a replay or a filter of
/// --queue: there they would be outside, without a word.
bool asks_the_kernel(const bpf_program& program) {
  constexpr bpf_u_int32 kOnlyTheKernels = bpf_u_int32(SKF_AD_OFF);
  return std::any_of(program.bf_insns, program.bf_insns + program.bf_len, [](const bpf_insn& each) {
    return BPF_CLASS(each.code) == BPF_LD && BPF_MODE(each.code) == BPF_ABS &&
           each.k >= kOnlyTheKernels;
  });
}

struct PcapCloser {
  void operator()(pcap_t* pcap) const { pcap_close(pcap); }
};

}  // namespace

void BpfProgram::Deleter::operator()(bpf_program* program) const {
  pcap_freecode(program);
  delete program;
}

Outcome<BpfProgram> BpfProgram::compile(const std::string& expression) {
  if (expression.size() > kMaxFilterBytes)
    return Failure(
        fmt::format("--filter has {} bytes, at most {} are taken; shorten it (portrange, net), or "
                    "test in the script",
                    expression.size(), kMaxFilterBytes));
  if (const std::string_view header = link_header_read_in(expression); !header.empty())
    return Failure(
        fmt::format("--filter '{}': {}[…] reads the link layer; {}", expression, header, kRemedy));
  Outcome<Program> plain = compile(expression, false);
  if (!plain) return plain.failure();
  if (asks_the_kernel(**plain))
    return Failure(fmt::format(
        "--filter '{}': inbound, outbound and ifindex are not in the packet; {}; for devices there "
        "are --in-interface and --out-interface",
        expression, kRemedy));
  if ((*plain)->bf_len > kMaxOptimizedInstructions) return BpfProgram(std::move(*plain), false);
  Outcome<Program> optimized = compile(expression, true);
  if (!optimized) return optimized.failure();
  return BpfProgram(std::move(*optimized), true);
}

Outcome<BpfProgram::Program> BpfProgram::compile(const std::string& expression, bool optimize) {
  const std::unique_ptr<pcap_t, PcapCloser> pcap(pcap_open_dead(DLT_RAW, kSnapLength));
  auto program = std::make_unique<bpf_program>();
  if (pcap_compile(pcap.get(), program.get(), expression.c_str(), optimize, PCAP_NETMASK_UNKNOWN) !=
      0)
    return Failure(
        fmt::format("--filter '{}': {}; {}", expression, pcap_geterr(pcap.get()), kRemedy));
  return Program(program.release());
}

bool BpfProgram::matches(Bytes packet, uint32_t wire_bytes) const {
  return bpf_filter(program_->bf_insns, packet.data(), wire_bytes, u_int(packet.size())) != 0;
}

const bpf_insn* BpfProgram::instructions() const { return program_->bf_insns; }

bool BpfProgram::has_loop() const {
  const bpf_insn* first = instructions();
  return std::any_of(first, first + size(), [&](const bpf_insn& each) {
    const auto after = size_t(&each - first) + 1;
    return each.code == (BPF_JMP | BPF_JA) && each.k >= size() - after;
  });
}

size_t BpfProgram::size() const { return program_->bf_len; }

}  // namespace nflua
