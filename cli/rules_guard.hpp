// SPDX-License-Identifier: GPL-2.0-or-later
// Waits for news of nft's rules, has a service put its own back, and says so.
// Context: the service's thread.
#pragma once

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>

#include "datapath/queue/service.hpp"

namespace nflua::cli {

class RulesGuard {
 public:
  /// Borrows: both.
  RulesGuard(asio::io_context& io, queue::Service& service);
  ~RulesGuard();

  /// Requires: the service has been started.
  void start();
  /// Looks at the rules though there is no news.
  void look();

 private:
  void wait_for_news();
  void keep(queue::RulesLook look);

  queue::Service& service_;
  asio::posix::stream_descriptor news_;
  asio::steady_timer again_;
};

}  // namespace nflua::cli
