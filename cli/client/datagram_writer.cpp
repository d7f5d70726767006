// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/client/datagram_writer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/client/one_line.hpp"

namespace nflua::cli {

namespace {

std::string_view text_of(const control::Datagram& datagram) {
  return {reinterpret_cast<const char*>(datagram.payload.data()), datagram.payload.size()};
}

int64_t now_ns() {
  using std::chrono::nanoseconds;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<nanoseconds>(now).count();
}

std::string json_of(const control::Datagram& datagram) {
  using Json = nlohmann::ordered_json;  // in the order of docs/events.md
  const Json event = {{"event", "datagram"},
                      {"time_ns", now_ns()},
                      {"state", datagram.state},
                      {"number", datagram.number},
                      {"port", datagram.port},
                      {"groups", datagram.groups},
                      {"bytes", datagram.payload.size()},
                      {"data", fmt::format("{:02x}", fmt::join(datagram.payload, ""))}};
  return event.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

void write_datagram(const control::Datagram& datagram, DatagramForm form) {
  if (form == DatagramForm::json) fmt::print("{}\n", json_of(datagram));
  if (form == DatagramForm::raw) fmt::print("{}", text_of(datagram));
  if (form == DatagramForm::text)
    fmt::print("{}: {}\n", one_line(datagram.state), one_line(text_of(datagram)));
  std::fflush(stdout);
}

}  // namespace nflua::cli
