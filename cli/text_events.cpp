// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/text_events.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>

#include "cli/printable.hpp"

namespace nflua::cli {

namespace {

/// Kinds of errors that are told apart: a script can make up any number of messages.
constexpr size_t kMaxErrorKinds = 256;
constexpr const char* kOtherErrors = "(other errors)";

std::string_view view(Text text) { return {text.data(), text.size()}; }

std::string clock_time(int64_t time_ns) {
  const std::chrono::sys_time<std::chrono::nanoseconds> time{std::chrono::nanoseconds(time_ns)};
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto micros = std::chrono::floor<std::chrono::microseconds>(time - seconds);
  return fmt::format("{:%H:%M:%S}.{:06}", fmt::gmtime(seconds.time_since_epoch().count()),
                     micros.count());
}

bool is_power_of_ten(uint64_t count) {
  while (count % 10 == 0) count /= 10;
  return count == 1;
}

}  // namespace

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
  const std::string line = fmt::format("{} {}: {}{}\n", clock_time(time_ns), view(report.state),
                                       what, printable(view(report.text)));
  // Not fmt::print: a reader that has gone away is no reason to throw.
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace nflua::cli
