// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/filter.hpp"

#include <fmt/format.h>
#include <pcap/pcap.h>

#include "datapath/replay/capture_format.hpp"
#include "datapath/replay/link.hpp"

namespace nflua::replay {

namespace {

struct PcapCloser {
  void operator()(pcap_t* pcap) const { pcap_close(pcap); }
};

}  // namespace

void Filter::ProgramDeleter::operator()(bpf_program* program) const {
  pcap_freecode(program);
  delete program;
}

Filter::Filter(Filter&&) noexcept = default;
Filter::~Filter() = default;

Outcome<Filter::Program> Filter::compile_for(int link_type, const std::string& expression) {
  const std::unique_ptr<pcap_t, PcapCloser> pcap(pcap_open_dead(link_type, kMaxCapturedBytes));
  auto program = std::make_unique<bpf_program>();
  constexpr int kOptimize = 1;
  if (pcap_compile(pcap.get(), program.get(), expression.c_str(), kOptimize,
                   PCAP_NETMASK_UNKNOWN) != 0)
    return Failure(
        fmt::format("--filter '{}': {}; see pcap-filter(7)", expression, pcap_geterr(pcap.get())));
  return Program(program.release());
}

Outcome<Filter> Filter::compile(const std::string& expression) {
  const Outcome<Program> on_ethernet = compile_for(DLT_EN10MB, expression);
  if (!on_ethernet) {
    const Outcome<Program> on_raw_ip = compile_for(DLT_RAW, expression);
    if (!on_raw_ip) return on_ethernet.failure();
  }
  return Filter(expression);
}

Failure Filter::prepare(LinkType link_type) {
  if (programs_.contains(link_type)) return {};
  Outcome<Program> compiled = compile_for(pcap_link_type(link_type), expression_);
  if (!compiled)
    return Failure(fmt::format("{}; the capture has packets of link type {}",
                               compiled.failure().message(), link_type_name(link_type)));
  programs_.emplace(link_type, std::move(*compiled));
  return {};
}

bool Filter::matches(LinkType link_type, const Record& record) const {
  return bpf_filter(programs_.at(link_type)->bf_insns, record.captured.data(),
                    record.original_length, u_int(record.captured.size())) != 0;
}

}  // namespace nflua::replay
