// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/rules_guard.hpp"

#include "cli/live_output.hpp"

namespace nflua::cli {

RulesGuard::RulesGuard(asio::io_context& io, queue::Service& service)
    : service_(service), news_(io), again_(io) {}

// The descriptor belongs to the service.
RulesGuard::~RulesGuard() {
  if (news_.is_open()) news_.release();
}

void RulesGuard::start() {
  const int fd = service_.rules_news_fd();
  if (fd < 0) return;
  news_.assign(fd);
  wait_for_news();
}

void RulesGuard::look() { keep(queue::RulesLook::anyway); }

void RulesGuard::wait_for_news() {
  news_.async_wait(asio::posix::stream_descriptor::wait_read, [this](std::error_code error) {
    if (error) return;
    keep(queue::RulesLook::where_news_is);
    wait_for_news();
  });
}

void RulesGuard::keep(queue::RulesLook look) {
  for (const std::string& text : service_.keep_rules(look)) say("{}", text);
  const std::optional<int64_t> next_ns = service_.next_keep_ns();
  if (!next_ns) return;
  again_.expires_after(std::chrono::nanoseconds(*next_ns - queue::monotonic_ns()));
  again_.async_wait([this](std::error_code error) {
    if (!error) keep(queue::RulesLook::where_news_is);
  });
}

}  // namespace nflua::cli
