// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/live_output.hpp"

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>

namespace nflua::cli {

void write_error(const std::string& text) {
  if (standard_error_takes_a_line()) std::fwrite(text.data(), 1, text.size(), stderr);
}

LiveOutput::LiveOutput(bool is_json, TimeZone zone)
    : is_json_(is_json),
      json_writer_(STDOUT_FILENO),
      json_events_(json_writer_),
      text_events_(zone,
                   [this] {
                     return line_gate_.admit(std::chrono::steady_clock::now(),
                                             standard_error_takes_a_line());
                   }),
      events_(is_json ? static_cast<Events&>(json_events_) : text_events_) {
  std::signal(SIGPIPE, SIG_IGN);
}

void LiveOutput::finish() {
  if (!is_json_) return;
  const size_t untaken_bytes = json_writer_.finish();
  if (untaken_bytes > 0 || json_events_.lost() > 0)
    say("{} events and {} bytes of events were left out at the end, because nobody read them",
        json_events_.lost(), untaken_bytes);
}

}  // namespace nflua::cli
