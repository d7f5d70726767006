// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/text_events.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <ctime>

#include "cli/printable.hpp"

namespace nflua::cli {

namespace {

/// Kinds of errors that are told apart: a script can make up any number of messages.
constexpr size_t kMaxErrorKinds = 256;
constexpr const char* kOtherErrors = "(other errors)";

/// "+hhmm", and room for zones that history had.
constexpr size_t kOffsetBytes = 16;

std::string_view view(Text text) { return {text.data(), text.size()}; }

bool is_power_of_ten(uint64_t count) {
  while (count % 10 == 0) count /= 10;
  return count == 1;
}

}  // namespace

std::string clock_time(int64_t time_ns, TimeZone zone) {
  const std::chrono::sys_time<std::chrono::nanoseconds> time{std::chrono::nanoseconds(time_ns)};
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto micros = std::chrono::floor<std::chrono::microseconds>(time - seconds);
  const std::time_t since_epoch = seconds.time_since_epoch().count();
  std::tm parts = {};
  if (zone == TimeZone::utc)
    gmtime_r(&since_epoch, &parts);
  else
    localtime_r(&since_epoch, &parts);
  char offset[kOffsetBytes] = "Z";
  if (zone == TimeZone::local) std::strftime(offset, sizeof offset, "%z", &parts);
  return fmt::format("{:02}:{:02}:{:02}.{:06}{}", parts.tm_hour, parts.tm_min, parts.tm_sec,
                     micros.count(), offset);
}

uint64_t TextEvents::count_error(const Report& report) {
  const std::string_view text = view(report.text);
  std::string kind = fmt::format("{}: {}", view(report.function), text.substr(0, text.find('\n')));
  if (errors_.size() >= kMaxErrorKinds && !errors_.contains(kind)) kind = kOtherErrors;
  return ++errors_[kind];
}

void TextEvents::log(int64_t time_ns, const Report& report) {
  std::string what;
  if (report.kind == ReportKind::callback_error) {
    const uint64_t count = count_error(report);
    if (!is_power_of_ten(count)) return;
    what = fmt::format("error in {}{}: ", view(report.function),
                       count > 1 ? fmt::format(" (the {}th time)", count) : "");
  }
  if (admit_line_ && !admit_line_()) return;
  const std::string line = fmt::format("{} {}: {}{}\n", clock_time(time_ns, zone_),
                                       view(report.state), what, printable(view(report.text)));
  // Not fmt::print: a reader that has gone away is no reason to throw.
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace nflua::cli
