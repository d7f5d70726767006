// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/data_feed.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

namespace nflua::replay {

namespace {

using Json = nlohmann::json;

constexpr double kNsPerSecond = 1e9;
/// Seconds that still fit the clock, with room for a capture's own time.
constexpr double kMaxSeconds = 1e9;

struct BadMessage {
  std::string expected;
};

std::vector<uint8_t> parse_hex(const std::string& text) {
  if (text.size() % 2 != 0) throw BadMessage{"\"hex\" to have two digits for each byte"};
  std::vector<uint8_t> bytes(text.size() / 2);
  for (size_t i = 0; i < bytes.size(); ++i) {
    const char* at = text.data() + 2 * i;
    const auto [stop, error] = std::from_chars(at, at + 2, bytes[i], 16);
    if (error != std::errc() || stop != at + 2)
      throw BadMessage{"\"hex\" to have hexadecimal digits only"};
  }
  return bytes;
}

int64_t parse_time(const Json& value) {
  if (!value.is_number()) throw BadMessage{"\"time\" to be a number of seconds"};
  const double seconds = value.get<double>();
  if (!(seconds >= 0 && seconds <= kMaxSeconds))
    throw BadMessage{"\"time\" to be from 0 to 1e9 seconds"};
  return std::llround(seconds * kNsPerSecond);
}

uint32_t parse_port(const Json& value) {
  if (!value.is_number_unsigned() || value.get<uint64_t>() > UINT32_MAX)
    throw BadMessage{"\"port\" to be an integer from 0 to 4294967295"};
  return value.get<uint32_t>();
}

Message parse_message(const std::string& line) {
  const Json object = Json::parse(line, nullptr, false);
  if (!object.is_object()) throw BadMessage{"a JSON object"};
  Message message;
  for (const auto& [key, value] : object.items()) {
    const bool is_bytes = key == "text" || key == "hex";
    if (is_bytes && !value.is_string()) throw BadMessage{fmt::format("\"{}\" to be a string", key)};
    if (key == "time")
      message.offset_ns = parse_time(value);
    else if (key == "port")
      message.port = parse_port(value);
    else if (key == "hex")
      message.bytes = parse_hex(value.get<std::string>());
    else if (key == "text")
      message.bytes.assign(value.get_ref<const std::string&>().begin(),
                           value.get_ref<const std::string&>().end());
    else
      throw BadMessage{fmt::format("\"time\", \"port\", \"text\" or \"hex\", not \"{}\"", key)};
  }
  if (object.contains("text") == object.contains("hex"))
    throw BadMessage{"either \"text\" or \"hex\""};
  return message;
}

}  // namespace

Outcome<DataFeed> DataFeed::read(std::istream& in, const std::string& name) {
  DataFeed feed;
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    if (line.empty()) continue;
    try {
      Message message = parse_message(line);
      if (!feed.is_empty() && message.offset_ns < feed.messages_.back().offset_ns)
        throw BadMessage{"\"time\" not before that of the line above"};
      feed.messages_.push_back(std::move(message));
    } catch (const BadMessage& bad) {
      return Failure(
          fmt::format("{}:{}: expected {}; see docs/events.md", name, number, bad.expected));
    }
  }
  return feed;
}

Message DataFeed::next() {
  Message message = std::move(messages_.front());
  messages_.pop_front();
  return message;
}

}  // namespace nflua::replay
