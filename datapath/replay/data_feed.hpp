// SPDX-License-Identifier: GPL-2.0-or-later
// Messages for __receive_callback from a file (--data): one JSON object a line,
//   {"time": 1.5, "port": 7, "text": "…"}   or   {"time": 1.5, "port": 7, "hex": "00ff"}
// `time`: seconds after the capture's first packet (0 unless given; never before the line above);
// `port`: the sender's (0 unless given).
#pragma once

#include <cstdint>
#include <deque>
#include <istream>
#include <string>
#include <vector>

#include "support/outcome.hpp"

namespace nflua::replay {

struct Message {
  int64_t offset_ns = 0;
  uint32_t port = 0;
  std::vector<uint8_t> bytes;
};

class DataFeed {
 public:
  /// `name`: of the file, for messages. Errors: name and line, what was expected.
  static Outcome<DataFeed> read(std::istream& in, const std::string& name);

  bool is_empty() const { return messages_.empty(); }
  // Requires: !is_empty().
  int64_t next_offset_ns() const { return messages_.front().offset_ns; }
  Message next();

 private:
  std::deque<Message> messages_;
};

}  // namespace nflua::replay
