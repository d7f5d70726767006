// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/filter.hpp"

#include <fmt/format.h>
#include <pcap/pcap.h>

#include "datapath/replay/capture_format.hpp"
#include "datapath/replay/link.hpp"

namespace nflua::replay {

Outcome<Filter> Filter::compile(const std::string& expression) {
  const Outcome<BpfProgram> on_ethernet = BpfProgram::compile(DLT_EN10MB, expression);
  if (!on_ethernet) {
    const Outcome<BpfProgram> on_raw_ip = BpfProgram::compile(DLT_RAW, expression);
    if (!on_raw_ip) return on_ethernet.failure();
  }
  return Filter(expression);
}

Failure Filter::prepare(LinkType link_type) {
  if (programs_.contains(link_type)) return {};
  Outcome<BpfProgram> compiled = BpfProgram::compile(pcap_link_type(link_type), expression_);
  if (!compiled)
    return Failure(fmt::format("{}; the capture has packets of link type {}",
                               compiled.failure().message(), link_type_name(link_type)));
  programs_.emplace(link_type, std::move(*compiled));
  return {};
}

bool Filter::matches(LinkType link_type, const Record& record) const {
  return programs_.at(link_type).matches(record.captured, record.original_length);
}

}  // namespace nflua::replay
