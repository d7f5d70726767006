// SPDX-License-Identifier: GPL-2.0-or-later
// A capture filter in tcpdump's syntax, compiled by libpcap for each link type that comes up.
#pragma once

#include <map>
#include <string>

#include "datapath/bpf_program.hpp"
#include "datapath/replay/capture_reader.hpp"

namespace nflua::replay {

class Filter {
 public:
  /// Errors: the expression makes no sense for any link type.
  static Outcome<Filter> compile(const std::string& expression);

  /// Errors: the expression has no meaning for that link type, as `ether` on raw IP.
  Failure prepare(LinkType link_type);
  /// Whether the record is inside. Requires: prepare() succeeded for the link type.
  bool matches(LinkType link_type, const Record& record) const;

 private:
  explicit Filter(std::string expression) : expression_(std::move(expression)) {}

  std::string expression_;
  std::map<LinkType, BpfProgram> programs_;
};

}  // namespace nflua::replay
