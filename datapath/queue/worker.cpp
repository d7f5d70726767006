// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/worker.hpp"

#include <algorithm>

#include "datapath/queue/queue_server.hpp"

namespace nflua::queue {

Worker::Worker(uint32_t number)
    : number_(number), work_(asio::make_work_guard(io_)), thread_([this] { io_.run(); }) {}

Worker::~Worker() {
  io_.stop();
  thread_.join();
}

QueueServer& Worker::add(std::unique_ptr<QueueServer> server) {
  servers_.push_back(std::move(server));
  servers_.back()->serve();
  return *servers_.back();
}

void Worker::retire(QueueServer& server, std::shared_ptr<PastSummary> past) {
  const auto found = std::find_if(servers_.begin(), servers_.end(),
                                  [&](const auto& each) { return each.get() == &server; });
  retired_.push_back({std::move(*found), std::move(past)});
  servers_.erase(found);
  reap();
}

QueueServer* Worker::revive(uint16_t queue, const PastSummary& past) {
  const auto found = std::find_if(retired_.begin(), retired_.end(), [&](const Retired& retired) {
    return retired.server->number() == queue && retired.past.get() == &past;
  });
  if (found == retired_.end()) return nullptr;
  servers_.push_back(std::move(found->server));
  retired_.erase(found);
  servers_.back()->resume();
  return servers_.back().get();
}

Summary Worker::retired_summary(const PastSummary& past) const {
  PastSummary sum;  // as they will be there
  for (const Retired& retired : retired_)
    if (retired.past.get() == &past) sum.add(retired.server->summary());
  return sum.sum();
}

void Worker::reap() {
  std::erase_if(retired_, [](const Retired& retired) {
    if (retired.server->holds_packets()) return false;
    retired.past->add(retired.server->summary());
    return true;
  });
}

void Worker::flush() {
  for (const auto& server : servers_) server->flush();
  if (retired_.empty()) return;
  for (const Retired& retired : retired_) retired.server->flush();
  reap();
}

void Worker::renew_rules() {
  for (const auto& server : servers_) server->renew_rules();
}

}  // namespace nflua::queue
